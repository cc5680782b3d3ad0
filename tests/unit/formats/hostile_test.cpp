#include "formats_files.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PENGCHENG_SANITIZED 1
#endif
#endif

namespace pengcheng::formats {
namespace {

constexpr std::size_t mib = 1 << 20;

/// An archive on disk, written piece by piece: what it unpacks to need not fit anywhere.
class Packed {
public:
    explicit Packed(const std::string& name) : file_(name, ""), archive_(archive_write_new()) {
        if (name.ends_with(".gz")) {
            archive_write_add_filter_gzip(archive_);
            archive_write_set_format_raw(archive_);
        } else {
            archive_write_set_format_zip(archive_);
        }
        archive_write_open_filename(archive_, file_.path().c_str());
    }
    /// `before`, `filler` over and over until `bytes`, `after`.
    Packed& add(const std::string& part, const std::string& before, const std::string& filler = {},
                std::size_t bytes = 0, const std::string& after = {}) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, part.c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(archive_, entry);
        archive_entry_free(entry);
        archive_write_data(archive_, before.data(), before.size());
        std::string piece;
        while (!filler.empty() && piece.size() < mib) {
            piece += filler;
        }
        for (std::size_t done = 0; done < bytes; done += piece.size()) {
            archive_write_data(archive_, piece.data(), piece.size());
        }
        archive_write_data(archive_, after.data(), after.size());
        return *this;
    }
    const std::filesystem::path& close() {
        archive_write_close(archive_);
        archive_write_free(archive_);
        return file_.path();
    }

private:
    File file_;
    archive* archive_;
};

/// The parts that a workbook of one sheet needs.
Packed& as_book(Packed& zip, const std::string& target = "worksheets/sheet1.xml") {
    zip.add(
        "_rels/.rels",
        R"(<Relationships><Relationship Id="a" Type="t/officeDocument" Target="xl/workbook.xml"/></Relationships>)");
    zip.add("xl/workbook.xml",
            R"(<workbook><sheets><sheet name="S" r:id="r1" xmlns:r="r"/></sheets></workbook>)");
    zip.add("xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"t/worksheet\" Target=\"" + target +
                "\"/><Relationship Id=\"r2\" Type=\"t/sharedStrings\" Target=\"shared.xml\"/>"
                "<Relationship Id=\"r3\" Type=\"t/styles\" Target=\"styles.xml\"/></Relationships>");
    return zip;
}
constexpr const char* small_sheet =
    R"(<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>)";

/// The code of the refusal; both languages must say something, and memory stay bounded.
std::string refusal(const std::filesystem::path& path) {
    std::ofstream("/proc/self/clear_refs") << "5";
    std::string code = "read to its end";
    try {
        auto table = open_table(path);
        std::vector<std::string_view> cells;
        std::int64_t line = 0;
        while (table->next(cells, line)) {
        }
    } catch (const ProblemError& error) {
        code = error.problem().type->code;
        EXPECT_FALSE(error.problem().detail_zh.empty()) << code;
        EXPECT_FALSE(error.problem().detail_en.empty()) << code;
        EXPECT_LT(error.problem().detail_zh.size(), 2000U) << code;
    }
#ifndef PENGCHENG_SANITIZED
    constexpr long memory_mb_max = 300;
    std::ifstream status("/proc/self/status");
    std::string word;
    long peak_kb = 0;
    while (status >> word) {
        if (word == "VmHWM:") {
            status >> peak_kb;
        }
    }
    EXPECT_LT(peak_kb / 1024, memory_mb_max) << path;
#endif
    return code;
}

TEST(Hostile, PackedCsvThatUnpacksToMuch) {
    Packed bomb("a.csv.gz");
    EXPECT_EQ(refusal(bomb.add("a", "a,b\n", "1,2\n", 96 * mib).close()), "formats.too-large");
}

TEST(Hostile, WorkbookThatUnpacksToMuch) {
    Packed bomb("a.xlsx");
    as_book(bomb).add("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", std::string(1024, ' '), 96 * mib,
                      "</sheetData></worksheet>");
    EXPECT_EQ(refusal(bomb.close()), "formats.too-large");
}

TEST(Hostile, WorkbookWithATagWithoutEnd) {
    Packed bomb("a.xlsx");
    as_book(bomb).add("xl/worksheets/sheet1.xml", "<worksheet><sheetData a=\"", "0123456789", 32 * mib,
                      "\">");
    EXPECT_EQ(refusal(bomb.close()), "formats.broken-workbook");
}

TEST(Hostile, WorkbookWithOneHugeText) {
    Packed bomb("a.xlsx");
    as_book(bomb)
        .add("xl/worksheets/sheet1.xml", small_sheet)
        .add("xl/shared.xml", "<sst><si><t>", "0123456789", 40 * mib, "</t></si></sst>");
    EXPECT_EQ(refusal(bomb.close()), "formats.broken-workbook");
}

TEST(Hostile, WorkbookWithCountlessStyles) {
    Packed bomb("a.xlsx");
    as_book(bomb)
        .add("xl/worksheets/sheet1.xml", small_sheet)
        .add("xl/styles.xml", "<styleSheet><cellXfs>", "<xf/>", 40 * mib, "</cellXfs></styleSheet>");
    EXPECT_EQ(refusal(bomb.close()), "formats.too-large");
}

TEST(Hostile, WorkbookWhosePartsPointElsewhere) {
    Packed book("a.xlsx");
    as_book(book, "../../../../etc/passwd").add("../../etc/passwd", small_sheet);
    EXPECT_EQ(refusal(book.close()), "formats.broken-workbook");
}

TEST(Hostile, WorkbookWithACellFarRight) {
    Packed book("a.xlsx");
    as_book(book).add("xl/worksheets/sheet1.xml",
                      R"(<worksheet><sheetData><row><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>)");
    EXPECT_EQ(refusal(book.close()), "formats.too-many-columns");
}

/// Two gigabytes that take no room on disk.
TEST(Hostile, CellOfTwoGigabytes) {
    for (const char* start : {"a,b\n1,", "a,b\n1,\""}) {
        File file("a.csv", start);
        std::filesystem::resize_file(file.path(), 2048 * mib);
        EXPECT_EQ(refusal(file.path()), "formats.broken-csv");
    }
    File json("a.json", "[{\"a\": \"");
    std::filesystem::resize_file(json.path(), 2048 * mib);
    EXPECT_EQ(refusal(json.path()), "formats.broken-json");
}

TEST(Hostile, HundredThousandColumns) {
    std::string names;
    std::string members;
    for (int i = 0; i < 100'000; ++i) {
        names += "c" + std::to_string(i) + ",";
        members += (i > 0 ? ",\"c" : "\"c") + std::to_string(i) + "\":1";
    }
    File csv("a.csv", names + "z\n1\n");
    EXPECT_EQ(refusal(csv.path()), "formats.too-many-columns");
    File json("a.json", "[{" + members + "}]");
    EXPECT_EQ(refusal(json.path()), "formats.too-many-columns");

    File row("a.csv", "a,b\n" + names + "\n1,2\n");
    auto table = row.open();
    std::vector<std::string> cells;
    std::int64_t line = 0;
    ASSERT_TRUE(table->next(cells, line));
    ASSERT_NE(table->fault(), nullptr);
    EXPECT_EQ(table->fault()->code, "too_many_cells");
    ASSERT_TRUE(table->next(cells, line));
    EXPECT_EQ(table->fault(), nullptr);
}

TEST(Hostile, RecordOfCountlessCells) {
    File file("a.csv", "a,b\n" + std::string(20 * mib, ',') + "\n");
    EXPECT_EQ(refusal(file.path()), "formats.broken-csv");
}

TEST(Hostile, DeepJson) {
    for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
        std::string deep = "[{\"a\":";
        for (int i = 0; i < 100'000; ++i) {
            deep += open;
        }
        File file("a.json", deep);
        EXPECT_EQ(refusal(file.path()), "formats.broken-json");
    }
    File whole("a.json", "[{\"a\":" + std::string(50, '[') + std::string(50, ']') + "}]");
    EXPECT_EQ(refusal(whole.path()), "formats.broken-json");
}

TEST(Hostile, BytesThatAreNoText) {
    std::string text = "编号,名称\n";
    for (int i = 0; i < 100; ++i) {
        text += "1,徐州市云龙区\n";
    }
    for (const char* broken : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE5\xBE"}) {
        File file("a.csv", text + broken + "\n");
        EXPECT_EQ(refusal(file.path()), "formats.broken-text") << broken;
    }
}

TEST(Hostile, HeaderOfHugeNames) {
    File file("a.csv", std::string(mib / 2, 'x') + ",b\n1,2\n");
    EXPECT_EQ(file.open()->header().front().size(), 200U);
}

}  // namespace
}  // namespace pengcheng::formats
