// Every statement that fills a struct yields each column that the struct's describe() names, whether or not
// any other test runs it: read off the source, held against what PostgreSQL says of the prepared statement.
#include "harness.hpp"

#include <pengcheng/db/pool.hpp>

#include <libpq-fe.h>

#include <fstream>
#include <regex>
#include <set>

namespace pengcheng::test {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class Take>
void each_match(const std::string& text, const std::regex& pattern, Take take) {
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        take(*at);
    }
}

/// What one area's source says.
struct Area {
    std::map<std::string, Names> columns;                ///< struct -> columns of its describe()
    std::set<std::pair<std::string, std::string>> uses;  ///< struct, statement name

    void read(const std::string& text) {
        static const std::regex statement(R"re(Statement\s+(\w+)\{\s*"([\w.]+)")re");
        static const std::regex use(R"re((?:find|one|all)<([A-Z]\w*)>\(\s*(\w+_sql)\b)re");
        static const std::regex described(R"re(describe\(db::RowOf<(\w+)>\)\s*\{)re");
        static const std::regex quoted(R"re("(\w+)")re");
        std::map<std::string, std::string> statements;  // variable -> statement name, of this file
        each_match(text, statement, [&](const auto& m) { statements[m[1]] = m[2]; });
        each_match(text, use, [&](const auto& m) { uses.emplace(m[1], statements[m[2]]); });
        each_match(text, described, [&](const auto& m) {
            auto begin = static_cast<std::size_t>(m.position(0) + m.length(0));
            std::string body = text.substr(begin, text.find("\n}", begin) - begin);
            each_match(body, quoted, [&](const auto& q) { columns[m[1]].insert(q[1]); });
        });
    }
};

class Statements : public ServerTest {
protected:
    Statements() : connection_(PQconnectdb(server_->url().c_str())) {}
    ~Statements() override { PQfinish(connection_); }

    Names columns_of(const db::Statement& statement) {
        std::string name(statement.name);
        PQclear(PQprepare(connection_, name.c_str(), std::string(statement.sql).c_str(), 0, nullptr));
        PGresult* described = PQdescribePrepared(connection_, name.c_str());
        Names out;
        for (int i = 0; i < PQnfields(described); ++i) {
            out.insert(PQfname(described, i));
        }
        PQclear(described);
        return out;
    }

    PGconn* connection_;
};

TEST_F(Statements, YieldTheColumnsThatTheirStructsName) {
    std::map<std::string_view, const db::Statement*> known;
    for (const db::Statement& statement : db::StatementList::all()) {
        known[statement.name] = &statement;
    }
    int held = 0;
    for (const auto& folder : fs::directory_iterator(source_folder() / "src")) {
        Area area;
        for (const fs::path& root :
             {folder.path(), source_folder() / "include/pengcheng" / folder.path().filename()}) {
            for (const auto& file :
                 fs::exists(root) ? fs::directory_iterator(root) : fs::directory_iterator()) {
                if (file.path().extension() == ".cpp" || file.path().extension() == ".hpp") {
                    area.read(text_of(file.path()));
                }
            }
        }
        for (const auto& [structure, name] : area.uses) {
            auto statement = known.find(name);
            if (statement == known.end() || !area.columns.contains(structure)) {
                continue;  // a struct or statement of another file or area, or a variable that stands for
                           // several
            }
            Names yielded = columns_of(*statement->second);
            for (const std::string& wanted : area.columns[structure]) {
                EXPECT_TRUE(yielded.contains(wanted))
                    << statement->first << " does not yield " << wanted << " of " << structure;
            }
            ++held;
        }
    }
    EXPECT_GT(held, 60) << "the patterns no longer find how statements are used";
}

}  // namespace
}  // namespace pengcheng::test
