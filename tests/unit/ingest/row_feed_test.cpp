#include "ingest/row_feed.hpp"

#include <pengcheng/base/ids.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace pengcheng::ingest {
namespace {

const Day today = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

class Feeding : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(path_); }

    RowFeed::Slice feed(const std::string& text) {
        std::ofstream(path_, std::ios::binary) << text;
        auto checks = rules::CompiledRules::compile(rule_items(items_),
                                                    rules::derive_for_load(rule_items(items_)), {}, today);
        RowFeed feed(path_, {.file_name = "a.csv"}, items_,
                     std::make_shared<const rules::CompiledRules>(std::move(checks).value()));
        RowFeed::Slice all;
        RowFeed::Slice slice;
        while (!slice.end) {
            feed.fill(slice);
            all.copy += slice.copy;
            all.rejects.insert(all.rejects.end(), slice.rejects.begin(), slice.rejects.end());
        }
        read_ = feed.rows_read();
        taken_ = feed.rows_taken();
        return all;
    }

    std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("feed-" + random_hex(6) + ".csv");
    std::vector<catalogue::Item> items_{{.name = "代码",
                                         .column = "dai_ma",
                                         .type = "C",
                                         .length = 6,
                                         .nullable = false,
                                         .primary_key = true},
                                        {.name = "日期", .column = "ri_qi", .type = "D"},
                                        {.name = "金额", .column = "jin_e", .type = "N"}};
    std::int64_t read_ = 0;
    std::int64_t taken_ = 0;
};

/// Big-endian bytes of a number, as COPY's binary form has them.
std::string number(std::int64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = bytes; i-- > 0;) {
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
    return out;
}
std::string cell(const std::string& bytes) {
    return number(static_cast<std::int64_t>(bytes.size()), 4) + bytes;
}
const std::string null = number(-1, 4);
std::string system_cells(std::int64_t line, std::int64_t id) {
    return cell(number(line, 8)) + cell(number(id, 8));
}
std::string copy_of(const std::vector<std::string>& rows) {
    std::string out("PGCOPY\n\377\r\n\0", 11);
    out += number(0, 8);
    for (const std::string& row : rows) {
        out += row;
    }
    return out + number(-1, 2);
}

TEST_F(Feeding, NormalisesCellsAndNumbersRows) {
    auto out = feed("金额,代码,日期\n\"1,200.50\",01,2024年5月6日\n—,02,\n");
    std::string numeric =
        number(2, 2) + number(0, 2) + number(0, 2) + number(2, 2) + number(1200, 2) + number(5000, 2);
    EXPECT_EQ(out.copy,
              copy_of({number(5, 2) + cell("01") + cell(number(8892, 4)) + cell(numeric) + system_cells(2, 1),
                       number(5, 2) + cell("02") + null + null + system_cells(3, 2)}));
    EXPECT_TRUE(out.rejects.empty());
}

TEST_F(Feeding, KeepsLineBreaksAndBackslashes) {
    items_.resize(1);
    auto out = feed("代码\n\"a\\b\n\tc\"\n");
    EXPECT_EQ(out.copy, copy_of({number(3, 2) + cell("a\\b\n\tc") + system_cells(2, 1)}));
}

TEST_F(Feeding, RejectsANumberBeyondItsType) {
    items_ = {{.name = "值", .column = "v", .type = "F"}};
    auto out = feed("值\n1e60\n1.5\n");
    EXPECT_EQ(taken_, 1);
    ASSERT_EQ(out.rejects.size(), 1U);
    EXPECT_EQ(out.rejects[0].code, "type");
    EXPECT_EQ(out.copy, copy_of({number(3, 2) + cell(number(0x3FC00000, 4)) + system_cells(3, 1)}));
}

TEST_F(Feeding, RejectsWithLineColumnAndReason) {
    auto out = feed(
        "代码,日期,金额\n01,昨天,1\n,2024-05-06,x\n1234567,2024-05-06,1\n04,2024-05-06\n05,2024-05-06,1\n");
    EXPECT_EQ(taken_, 1);
    EXPECT_EQ(read_, 5);
    std::vector<std::pair<std::int64_t, std::string>> where;
    for (const Reject& reject : out.rejects) {
        where.emplace_back(reject.line, reject.column);
        EXPECT_FALSE(reject.reason.empty());
        EXPECT_FALSE(reject.reason_en.empty());
        EXPECT_FALSE(reject.raw.empty());
    }
    EXPECT_EQ(where, (std::vector<std::pair<std::int64_t, std::string>>{
                         {2, "日期"}, {3, "代码"}, {3, "金额"}, {4, "代码"}, {5, ""}}));
    EXPECT_EQ(out.rejects[0].raw, "01,昨天,1");
}

TEST_F(Feeding, TakesAMendedRejectFile) {
    auto out = feed("代码,日期,金额,问题原因\n'=1,2024-05-06,1,日期:不是日期\n");
    std::string numeric = number(1, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(1, 2);
    EXPECT_EQ(out.copy, copy_of({number(5, 2) + cell("=1") + cell(number(8892, 4)) + cell(numeric) +
                                 system_cells(2, 1)}));
}

TEST_F(Feeding, TellsEveryColumnThatDiffers) {
    auto mapping = map_columns({"代码", "DAI_MA", "备注"}, items_);
    ASSERT_FALSE(mapping);
    std::vector<std::string> codes;
    for (const FieldError& error : mapping.error().errors) {
        codes.push_back(error.code);
    }
    EXPECT_EQ(codes, (std::vector<std::string>{"missing", "missing", "unknown", "repeated"}));
}

TEST_F(Feeding, MapsByNameOrIdentifierInAnyOrder) {
    auto mapping = map_columns({"JIN_E", "问题原因", "日期", "dai_ma"}, items_);
    ASSERT_TRUE(mapping);
    EXPECT_EQ(mapping->cell_of_item, (std::vector<std::size_t>{3, 2, 0}));
    EXPECT_TRUE(mapping->mended);
}

TEST_F(Feeding, RejectsAKeyThatNoIndexTakes) {
    items_[0].length = 5000;
    auto out = feed("代码,日期,金额\n" + std::string(2601, 'k') + ",,\n" + std::string(2600, 'k') + ",,\n");
    ASSERT_EQ(out.rejects.size(), 1U);
    EXPECT_EQ(out.rejects[0].line, 2);
    EXPECT_EQ(out.rejects[0].code, "key_too_long");
    EXPECT_EQ(taken_, 1);
}

TEST_F(Feeding, RejectsARowThatNoPageHolds) {
    std::string header = "代码,日期,金额";
    std::string full = "01,,";
    std::string thin = "02,,";
    for (int i = 0; i < 497; ++i) {
        std::string name = "列" + std::to_string(i);
        items_.push_back({.name = name, .column = "c" + std::to_string(i), .type = "C", .length = 100});
        header += "," + name;
        full += "," + std::string(60, 'x');
        thin += i % 10 == 0 ? "," + std::string(60, 'x') : ",";
    }
    auto out = feed(header + "\n" + full + "\n" + thin + "\n");
    ASSERT_EQ(out.rejects.size(), 1U);
    EXPECT_EQ(out.rejects[0].line, 2);
    EXPECT_EQ(out.rejects[0].code, "row_too_wide");
    EXPECT_EQ(taken_, 1);
}

}  // namespace
}  // namespace pengcheng::ingest
