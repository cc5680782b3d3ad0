#include <pengcheng/formats/table_reader.hpp>
#include <pengcheng/formats/writers.hpp>

#include "formats_files.hpp"

#include <zlib.h>

namespace pengcheng::formats {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsQuotesAndLineBreaksInCells) {
    File file("a.csv", "名称,说明\r\n甲,\"一,二\"\"三\"\"\"\r\n乙,\"上\n下\"\n");
    auto table = file.open();
    EXPECT_EQ(table->header(), (std::vector<std::string>{"名称", "说明"}));
    EXPECT_EQ(rows_of(*table), (Rows{{"甲", "一,二\"三\""}, {"乙", "上\n下"}}));
}

TEST(Csv, NumbersLinesByTheFile) {
    File file("a.csv", "a,b\r\n\r\n1,\"x\ny\"\r\n,\r\n2,z\r\n");
    auto table = file.open();
    std::vector<std::string> cells;
    std::int64_t line = 0;
    ASSERT_TRUE(table->next(cells, line));
    EXPECT_EQ(line, 3);
    ASSERT_TRUE(table->next(cells, line));
    EXPECT_EQ(line, 6);
    EXPECT_FALSE(table->next(cells, line));
}

struct LineEnd : testing::TestWithParam<const char*> {};
TEST_P(LineEnd, IsForgiven) {
    std::string end = GetParam();
    File file("a.csv", "a,b" + end + "1,2" + end + "3,4");
    EXPECT_EQ(rows_of(*file.open()), (Rows{{"1", "2"}, {"3", "4"}}));
}
INSTANTIATE_TEST_SUITE_P(Csv, LineEnd, testing::Values("\n", "\r\n", "\r"));

TEST(Csv, TellsRaggedRowsAndGoesOn) {
    File file("a.csv", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,\n");
    auto table = file.open();
    std::vector<std::string> codes;
    std::vector<std::string> cells;
    std::int64_t line = 0;
    while (table->next(cells, line)) {
        codes.emplace_back(table->fault() != nullptr ? table->fault()->code : "");
    }
    EXPECT_EQ(codes, (std::vector<std::string>{"too_few_cells", "", "too_many_cells", ""}));
}

TEST(Csv, TellsAnUnclosedQuote) {
    File file("a.csv", "a,b\n1,2\n3,\"4\n5,6\n");
    auto table = file.open();
    std::vector<std::string> cells;
    std::int64_t line = 0;
    ASSERT_TRUE(table->next(cells, line));
    ASSERT_TRUE(table->next(cells, line));
    ASSERT_NE(table->fault(), nullptr);
    EXPECT_EQ(table->fault()->code, "unclosed_quote");
    EXPECT_EQ(line, 3);
    EXPECT_FALSE(table->next(cells, line));
}

TEST(Csv, BoundsACell) {
    File file("a.csv", "a,b\n1,\"" + std::string((1 << 20) + 1, 'x') + "\"\n");
    auto table = file.open();
    std::vector<std::string> cells;
    std::int64_t line = 0;
    EXPECT_EQ(problem_of([&] { table->next(cells, line); }), "formats.broken-csv");
}

TEST(Csv, BoundsColumns) {
    EXPECT_EQ(
        problem_of([] { static_cast<void>(File("a.csv", "x" + std::string(3000, ',') + "x\n").open()); }),
        "formats.too-many-columns");
}

struct Delimited {
    const char* text;
    const char* delimiter;
};
struct Delimiter : testing::TestWithParam<Delimited> {};
TEST_P(Delimiter, IsFound) {
    File file("a.csv", GetParam().text);
    auto table = file.open();
    EXPECT_EQ(table->delimiter(), GetParam().delimiter);
}
INSTANTIATE_TEST_SUITE_P(Csv, Delimiter,
                         testing::Values(Delimited{"a;b\n1,5;2,5\n", ";"}, Delimited{"a\tb\n1\t2\n", "\t"},
                                         Delimited{"a|b|c\n1|2|3\n", "|"},
                                         Delimited{"a,b\n\"1;2;3\",4\n", ","},
                                         Delimited{"只有一列\n甲\n", ","}));

TEST(Csv, NamesEmptyAndRepeatedColumns) {
    File file("a.csv", "\xEF\xBB\xBF 名称 ,,名称,,\n1,2,3,,\n");
    auto table = file.open();
    EXPECT_EQ(table->header(), (std::vector<std::string>{"名称", "列2", "名称_2"}));
    EXPECT_EQ(table->notices().size(), 2U);
    EXPECT_TRUE(table->byte_order_mark());
    EXPECT_EQ(rows_of(*table), (Rows{{"1", "2", "3"}}));
}

TEST(Csv, StartsAtTheHeaderRowAskedFor) {
    File file("a.csv", "某某统计表,\n单位:个,\n名称,数\n甲,1\n");
    auto table = open_table(file.path(), {.header_row = 3});
    EXPECT_EQ(table->header(), (std::vector<std::string>{"名称", "数"}));
}

TEST(Csv, FindsTheHeaderBelowTitles) {
    struct Titled {
        const char* text;
        int line;
        std::vector<std::string> header;
    };
    for (const Titled& one : std::vector<Titled>{
             {"某某统计表,,\n单位:个,,\n名称,数,额\n甲,1,2\n乙,3,4\n", 3, {"名称", "数", "额"}},
             {"某某统计表\n名称,数\n甲,1\n乙,3\n", 2, {"名称", "数"}},
             {",2023,,2024,\n区,户,额,户,额\n甲,1,2,3,4\n", 2, {"区", "户", "额", "户_2", "额_2"}},
             {",名称\n0,甲\n1,乙\n", 1, {"列1", "名称"}},
             {"名称,,备注\n甲,1,2\n乙,3,4\n", 1, {"名称", "列2", "备注"}},
             {"名称\n甲\n乙\n", 1, {"名称"}},
             {"名称,数,额\n甲\n乙,1,2,3\n丙,,\n", 1, {"名称", "数", "额"}},
         }) {
        auto table = File("a.csv", one.text).open();
        EXPECT_EQ(table->header_line(), one.line) << one.text;
        EXPECT_EQ(table->header(), one.header) << one.text;
    }
}

TEST(Csv, RefusesAnEmptyFile) {
    EXPECT_EQ(problem_of([] { static_cast<void>(File("a.csv", "").open()); }), "formats.empty-file");
    EXPECT_EQ(problem_of([] { static_cast<void>(File("a.csv", "\n\n").open()); }), "formats.no-header");
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

TEST(Csv, ReadsGzipAndChecksItsSums) {
    std::string packed = gzip("a,b\n1,2\n") + gzip("3,4\n") + std::string(512, '\0');
    EXPECT_EQ(rows_of(*File("a.csv.gz", packed).open()), (Rows{{"1", "2"}, {"3", "4"}}));
    std::string damaged = gzip("a,b\n1,2\n");
    damaged[damaged.size() - 8] = static_cast<char>(damaged[damaged.size() - 8] + 1);
    for (const std::string& bytes :
         {damaged, packed.substr(0, 20), gzip("a,b\n") + gzip("1,2\n").substr(0, 12)}) {
        auto read_all = [&] { rows_of(*File("a.csv.gz", bytes).open()); };
        EXPECT_EQ(problem_of(read_all), "formats.broken-archive");
    }
}

TEST(CsvWriting, ReadsBackEqual) {
    std::vector<OutColumn> columns{{"a", "甲"}, {"b", "乙", CellKind::number}};
    for (const char* encoding : {"UTF-8", "GB18030"}) {
        auto writer = csv_writer(columns, {.labels = true, .encoding = encoding});
        std::string out;
        writer->begin(out);
        std::vector<OutCell> row{"一,\"二\"\n㙦𠮷", "-1.5"};
        writer->row(row, out);
        File file("b.csv", out);
        auto table = file.open();
        EXPECT_EQ(table->encoding(), encoding);
        EXPECT_EQ(table->header(), (std::vector<std::string>{"甲", "乙"}));
        EXPECT_EQ(rows_of(*table), (Rows{{"一,\"二\"\n㙦𠮷", "-1.5"}}));
    }
}

TEST(CsvWriting, NeutralisesFormulasAndLeavesNumbers) {
    auto writer = csv_writer({{"a", ""}, {"b", "", CellKind::number}});
    std::string out;
    std::vector<OutCell> row{"=1+2", "-3"};
    writer->row(row, out);
    row = {"-3", "-3"};
    writer->row(row, out);
    row = {"@SUM(A1)", std::nullopt};
    writer->row(row, out);
    row = {"＝1+2", std::nullopt};
    writer->row(row, out);
    EXPECT_EQ(out, "'=1+2,-3\r\n-3,-3\r\n'@SUM(A1),\r\n'＝1+2,\r\n");
    for (const char* text : {"\n=1", "＋1-1", "－(1)", "＠SUM(A1)", "-1-1", "\t=1"}) {
        EXPECT_TRUE(is_formula_like(text)) << text;
    }
    for (const char* text : {"", "-1.5", "+1", "一-二", "'=1"}) {
        EXPECT_FALSE(is_formula_like(text)) << text;
    }
}

TEST(XlsxWriting, ReadsBackEqual) {
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    XlsxFile book(folder, {{"a", "甲"}, {"b", "", CellKind::number}}, "数据");
    Rows rows{{"_x0041_", "1.5"}, {"_x0041_x0042_", "-2"}, {" a\nb ", "12345678901234567"}, {"_x_", "3"}};
    for (const std::vector<std::string>& row : rows) {
        std::vector<OutCell> cells{row[0], row[1]};
        book.row(cells);
    }
    // As long as a cell may be, and longer by its apostrophe: cut, not left out.
    const std::string text = "=" + std::string(32766, 'x');
    std::vector<OutCell> longest{text, "4"};
    book.row(longest);
    auto read = rows_of(*open_table(book.finish()));
    ASSERT_EQ(read.size(), 5U);
    EXPECT_EQ(read[4][0], "'=" + std::string(32765, 'x'));
    read.pop_back();
    EXPECT_EQ(read, rows);
}

TEST(JsonWriting, KeepsTypesAndNulls) {
    std::vector<OutColumn> columns{{"a", ""}, {"n", "", CellKind::number}, {"b", "", CellKind::boolean}};
    std::vector<OutCell> row{"x\"y", "12345678901234567890.5", "t"};
    std::vector<OutCell> empty{std::nullopt, "NaN", "f"};
    std::string out;
    auto writer = json_writer(columns);
    writer->begin(out);
    writer->row(row, out);
    writer->row(empty, out);
    writer->end(out);
    EXPECT_EQ(out,
              "[\n{\"a\":\"x\\\"y\",\"n\":12345678901234567890.5,\"b\":true},\n"
              "{\"a\":null,\"n\":\"NaN\",\"b\":false}\n]\n");
    out.clear();
    ndjson_writer(columns)->row(row, out);
    EXPECT_EQ(out, "{\"a\":\"x\\\"y\",\"n\":12345678901234567890.5,\"b\":true}\n");
    EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST(GeojsonWriting, MakesPoints) {
    auto writer = geojson_writer({{"name", ""}, {"x", "", CellKind::number}, {"y", "", CellKind::number}},
                                 {.longitude = "x", .latitude = "y"});
    std::string out;
    std::vector<OutCell> row{"云龙湖", "117.1", "34.2"};
    writer->begin(out);
    writer->row(row, out);
    writer->end(out);
    auto parsed = nlohmann::json::parse(out);
    EXPECT_EQ(parsed["features"][0]["geometry"]["coordinates"][1], 34.2);
    EXPECT_EQ(parsed["features"][0]["properties"]["name"], "云龙湖");
}

}  // namespace
}  // namespace pengcheng::formats
