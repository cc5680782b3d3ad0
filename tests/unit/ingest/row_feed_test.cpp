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

TEST_F(Feeding, NormalisesCellsAndNumbersRows) {
    auto out = feed("金额,代码,日期\n\"1,200.50\",01,2024年5月6日\n—,02,\n");
    EXPECT_EQ(out.copy, "01\t2024-05-06\t1200.50\t2\t1\n02\t\\N\t\\N\t3\t2\n");
    EXPECT_TRUE(out.rejects.empty());
}

TEST_F(Feeding, EscapesWhatCopyWouldRead) {
    items_.resize(1);
    auto out = feed("代码\n\"a\\b\n\tc\"\n");
    EXPECT_EQ(out.copy, "a\\\\b\\n\\tc\t2\t1\n");
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
    EXPECT_EQ(out.copy, "=1\t2024-05-06\t1\t2\t1\n");
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

}  // namespace
}  // namespace pengcheng::ingest
