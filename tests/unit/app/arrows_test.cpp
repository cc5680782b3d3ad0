// Holds the tree to its own rules: who may include whom, and what no file may hold.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

/// Lines of the picture in docs/architecture.md, from the bottom. A line includes only lines below it, except
/// for the pairs named in `beside`.
const std::vector<std::vector<std::string>> lines = {
    {"base"},
    {"http", "db", "crypto"},
    {"pages", "store", "formats"},
    {"audit"},
    {"identity", "jobs", "events"},
    {"rows", "rules"},
    {"catalogue"},
    {"quality"},
    {"ingest"},
    {"exchange"},
    {"portal", "services"},
    {"indicators"},
    {"packs"},
    {"app"},
};
/// Neighbours that include each other, each with its reason in docs/architecture.md.
const std::set<std::pair<std::string, std::string>> beside = {{"http", "db"}};

int line_of(const std::string& area) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const std::string& name : lines[i]) {
            if (name == area) {
                return static_cast<int>(i);
            }
        }
    }
    return -1;
}

std::vector<fs::path> files(const std::vector<std::string>& folders) {
    std::vector<fs::path> out;
    for (const std::string& folder : folders) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(PENGCHENG_SOURCE_FOLDER) / folder)) {
            std::string ending = entry.path().extension();
            if (ending == ".cpp" || ending == ".hpp") {
                out.push_back(entry.path());
            }
        }
    }
    return out;
}

std::string area_of(const fs::path& file) {
    std::string path = fs::relative(file, PENGCHENG_SOURCE_FOLDER).string();
    static const std::regex place("^(?:src|include/pengcheng)/([a-z]+)/.*");
    std::smatch match;
    return std::regex_match(path, match, place) ? match[1].str() : "";
}

TEST(Tree, IncludesOnlyDownward) {
    const std::regex include("^#include [<\"](?:pengcheng/)?([a-z]+)/[^>\"]*\\.hpp[>\"].*");
    for (const fs::path& file : files({"src", "include"})) {
        std::string from = area_of(file);
        std::ifstream in(file);
        for (std::string text; std::getline(in, text);) {
            std::smatch match;
            if (!std::regex_match(text, match, include) || line_of(match[1]) < 0) {
                continue;
            }
            std::string to = match[1];
            bool down = to == from || line_of(to) < line_of(from) || beside.contains({from, to});
            EXPECT_TRUE(down) << file << ": " << from << " includes " << to;
        }
    }
}

TEST(Tree, KeepsLibrariesInTheirArea) {
    struct Row {
        const char* header;
        std::set<std::string> areas;
    };
    const std::vector<Row> rows = {{"boost/beast", {"http"}},        {"libpq-fe.h", {"db"}},
                                   {"valijson/", {"http", "packs"}}, {"openssl/", {"crypto"}},
                                   {"mustache.hpp", {"pages"}},      {"xlsxwriter", {"formats"}}};
    for (const fs::path& file : files({"src", "include"})) {
        std::ifstream in(file);
        for (std::string text; std::getline(in, text);) {
            for (const Row& row : rows) {
                bool uses = text.starts_with("#include") && text.find(row.header) != std::string::npos;
                EXPECT_TRUE(!uses || row.areas.contains(area_of(file))) << file << ": " << text;
            }
        }
    }
}

TEST(Tree, KeepsLinesShortAndWordsClean) {
    const std::regex banned(
        "\\b(TODO|FIXME|XXX|HACK)\\b|catch *\\(\\.\\.\\.\\) *\\{ *\\}|std::endl.*std::endl");
    for (const fs::path& file : files({"src", "include"})) {
        std::ifstream in(file);
        int number = 0;
        for (std::string text; std::getline(in, text);) {
            ++number;
            std::size_t columns = 0;
            for (char c : text) {
                columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
            }
            EXPECT_LE(columns, 110U) << file << ':' << number;
            EXPECT_FALSE(std::regex_search(text, banned)) << file << ':' << number << ": " << text;
        }
    }
}

}  // namespace
