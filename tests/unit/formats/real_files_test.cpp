#include "formats_files.hpp"

namespace pengcheng::formats {
namespace {

nlohmann::json json_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return nlohmann::json::parse(in);
}

TEST(RealFiles, StreetsReadEqualInUtf8AndGb18030) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    auto plain = open_table(folder / "admin-divisions-2023/streets.csv");
    auto packed =
        open_table(folder / "encodings/derived/streets.gb18030.csv.gz", {.file_name = "streets.csv"});
    EXPECT_EQ(plain->encoding(), "UTF-8");
    EXPECT_EQ(packed->encoding(), "GB18030");
    EXPECT_EQ(plain->header(), packed->header());
    auto rows = rows_of(*plain);
    EXPECT_EQ(rows.size(), 41352U);
    EXPECT_EQ(rows, rows_of(*packed));
}

TEST(RealFiles, CsvSpectrumEqualsItsJson) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    for (const char* name : {"comma_in_quotes", "json", "newlines", "quotes_and_newlines"}) {
        auto base = folder / "csv-torture/csv-spectrum";
        auto table = open_table(base / (std::string(name) + ".csv"));
        auto expected = json_of(base / ("expected-" + std::string(name) + ".json"));
        auto rows = rows_of(*table);
        ASSERT_EQ(rows.size(), expected.size()) << name;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t c = 0; c < table->header().size(); ++c) {
                EXPECT_EQ(rows[i][c], expected[i][table->header()[c]].get<std::string>()) << name;
            }
        }
    }
}

TEST(RealFiles, DailyTableHasItsRows) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    auto table = open_table(folder / "covid19-daily/daily-2019-12-01_2020-08-15.csv.gz");
    EXPECT_EQ(rows_of(*table).size(), 142328U);
}

TEST(RealFiles, DailyJsonEqualsItsCsv) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    auto csv = open_table(folder / "covid19-daily/2020-03-31.csv");
    auto json = open_table(folder / "covid19-daily/2020-03-31.json");
    EXPECT_EQ(json->format(), Format::json);
    EXPECT_EQ(rows_of(*csv).size(), rows_of(*json).size());
}

TEST(RealFiles, ExcelWorkbooksAreRead) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    auto demo = open_table(folder / "xlsx-zh/demo__demo.xlsx");
    EXPECT_EQ(demo->header(), (std::vector<std::string>{"字符串标题", "日期标题", "数字标题"}));
    auto rows = rows_of(*demo);
    ASSERT_EQ(rows.size(), 10U);
    EXPECT_EQ(rows[0], (std::vector<std::string>{"字符串0", "2020-01-01 01:01:01", "1"}));
    auto several = open_table(folder / "xlsx-zh/multiplesheets__multiplesheets.xlsx");
    EXPECT_GT(several->sheets().size(), 1U);
}

TEST(RealFiles, EachWorkbookCountsDaysFromItsOwnEpoch) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    auto of_1900 = rows_of(*open_table(folder / "xlsx-torture/1904__1900.xlsx"));
    auto of_1904 = rows_of(*open_table(folder / "xlsx-torture/1904__1904.xlsx"));
    ASSERT_EQ(of_1900.size(), 4U);
    EXPECT_EQ(of_1900[1], (std::vector<std::string>{"111", "1900-04-20", "1900-04-20", "1900-04-20"}));
    EXPECT_EQ(of_1904[1][2], "1904-04-21");
}

TEST(RealFiles, EveryTortureFileIsReadOrRefusedWithAReason) {
    auto folder = real_files();
    if (folder.empty()) {
        GTEST_SKIP();
    }
    for (const char* name :
         {"csv-torture", "xlsx-torture", "xlsx-zh", "encodings", "json-parsing", "covid19-daily",
          "admin-divisions-2023", "dirty-clean", "open-gov", "country-codes"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / name)) {
            if (!entry.is_regular_file()) {
                continue;
            }
            SCOPED_TRACE(entry.path().string());
            std::int64_t rows = 0;
            std::int64_t faults = 0;
            std::int64_t last = 0;
            try {
                auto table = open_table(entry.path());
                std::vector<std::string> cells;
                std::int64_t line = 0;
                while (table->next(cells, line)) {
                    ++rows;
                    faults += table->fault() != nullptr ? 1 : 0;
                    ASSERT_GT(line, last);
                    last = line;
                    if (table->fault() == nullptr) {
                        ASSERT_EQ(cells.size(), table->header().size());
                    }
                }
                if (std::getenv("VERBOSE") != nullptr) {
                    std::cout << entry.path().filename() << " " << table->encoding() << " "
                              << table->header().size() << "x" << rows << " faults " << faults << "\n";
                }
            } catch (const ProblemError& error) {
                if (std::getenv("VERBOSE") != nullptr) {
                    std::cout << entry.path().filename() << " REFUSED " << error.problem().text(true) << "\n";
                }
                EXPECT_FALSE(error.problem().detail_zh.empty());
            }
        }
    }
}

}  // namespace
}  // namespace pengcheng::formats
