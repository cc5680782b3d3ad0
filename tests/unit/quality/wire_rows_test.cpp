#include "quality/wire_rows.hpp"
#include "quality/fingerprints.hpp"

#include <pengcheng/db/value.hpp>

#include <gtest/gtest.h>

#include <bit>

namespace pengcheng::quality {
namespace {

std::string number(std::uint64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = bytes; i-- > 0;) {
        out.push_back(static_cast<char>(value >> (8 * i)));
    }
    return out;
}
std::string cell(const std::string& bytes) {
    return number(bytes.size(), 4) + bytes;
}
std::string numeric(std::uint16_t weight, std::uint16_t sign, std::uint16_t scale,
                    const std::vector<std::uint16_t>& groups) {
    std::string out = number(groups.size(), 2) + number(weight, 2) + number(sign, 2) + number(scale, 2);
    for (std::uint16_t group : groups) {
        out += number(group, 2);
    }
    return out;
}

struct Sample {
    Wire wire;
    std::string bytes;
    std::string text;
};

/// As PostgreSQL itself writes them.
TEST(WireRows, ReadEveryTypeAsPostgresShowsIt) {
    for (const Sample& sample : std::vector<Sample>{
             {Wire::text, "徐州", "徐州"},
             {Wire::numeric, numeric(0, 0, 2, {1200, 5000}), "1200.50"},
             {Wire::numeric, numeric(1, 0x4000, 0, {12, 3456}), "-123456"},
             {Wire::numeric, numeric(1, 0, 0, {1}), "10000"},
             {Wire::numeric, numeric(0xFFFF, 0, 5, {1, 2000}), "0.00012"},
             {Wire::numeric, numeric(0, 0, 2, {}), "0.00"},
             {Wire::numeric, numeric(0, 0xC000, 0, {}), "NaN"},
             {Wire::bigint, number(static_cast<std::uint64_t>(-42), 8), "-42"},
             {Wire::date, number(8892, 4), "2024-05-06"},
             {Wire::date, number(static_cast<std::uint32_t>(-1), 4), "1999-12-31"},
             {Wire::date, number(0x7FFFFFFF, 4), "infinity"},
             {Wire::time, number(0, 8), "2000-01-01 08:00:00+08"},
             {Wire::time, number(1'500'000, 8), "2000-01-01 08:00:01.5+08"},
             {Wire::boolean, std::string(1, '\0'), "f"},
             {Wire::boolean, "\x01", "t"},
             {Wire::float8, number(std::bit_cast<std::uint64_t>(0.1), 8), "0.1"},
             {Wire::float4, number(std::bit_cast<std::uint32_t>(1.5F), 4), "1.5"},
         }) {
        std::string row = number(1, 2) + cell(sample.bytes);
        std::vector<Wire> columns{sample.wire};
        WireRows rows(row, columns);
        ASSERT_TRUE(rows.next());
        EXPECT_EQ(rows.cells()[0], sample.text);
        EXPECT_FALSE(rows.next());
    }
}

TEST(WireRows, PassOverHeaderAndTrailer) {
    std::string bytes = std::string("PGCOPY\n\377\r\n\0", 11) + number(0, 8) + number(2, 2) +
                        cell(number(7, 8)) + number(0xFFFFFFFF, 4) + number(0xFFFF, 2);
    std::vector<Wire> columns{Wire::bigint, Wire::text};
    WireRows rows(bytes, columns);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.number(0), 7);
    EXPECT_EQ(rows.cells()[1], std::nullopt);
    EXPECT_FALSE(rows.next());
}

TEST(WireRows, RefuseBytesThatAreNoRows) {
    std::vector<Wire> columns{Wire::text};
    for (const std::string& bytes : {number(2, 2), number(1, 2) + number(99, 4) + "x", std::string("\1")}) {
        WireRows rows(bytes, columns);
        EXPECT_THROW(rows.next(), db::Error);
    }
}

TEST(Prints, AreEqualWhereKeysAre) {
    std::vector<Wire> wires{Wire::numeric, Wire::text};
    KeyColumns key{0, {0, 1}};
    auto print = [&](rules::Cell number, rules::Cell text) {
        std::uint64_t out = 0;
        std::vector<rules::Cell> cells{number, text};
        return print_of(key, cells, wires, out) ? std::optional(out) : std::nullopt;
    };
    EXPECT_EQ(print("1.50", "a"), print("1.5", "a"));
    EXPECT_EQ(print("10", "a"), print("10.00", "a"));
    EXPECT_NE(print("1", "0a"), print("10", "a"));
    EXPECT_NE(print("1", "a"), print("1", "b"));
    EXPECT_EQ(print("1", ""), std::nullopt);
    EXPECT_EQ(print(std::nullopt, "a"), std::nullopt);
}

TEST(Prints, NameTheRowsThatShareOne) {
    std::vector<Print> prints{{5, 1}, {7, 2}, {5, 3}, {9, 4}, {9, 5}, {9, 6}};
    auto found = suspects(prints, 10);
    ASSERT_TRUE(found);
    std::sort(found->begin(), found->end());
    EXPECT_EQ(*found, (std::vector<std::int64_t>{1, 3, 4, 5, 6}));
    EXPECT_FALSE(suspects(prints, 4));
}

}  // namespace
}  // namespace pengcheng::quality
