#include "store/names.hpp"

#include <gtest/gtest.h>

namespace pengcheng::store {
namespace {

TEST(Columns, HaveThePostgresTypeOfTheirLetter) {
    const std::vector<std::pair<std::string, std::string>> types{
        {"C", "text"},   {"N", "numeric"},     {"Y", "numeric"},
        {"D", "date"},   {"T", "timestamptz"}, {"L", "boolean"},
        {"M", "text"},   {"G", "text"},        {"B", "double precision"},
        {"I", "bigint"}, {"F", "real"}};
    for (const auto& [letter, type] : types) {
        EXPECT_EQ(pg_type(letter), type) << letter;
    }
}

TEST(Names, AreQuoted) {
    EXPECT_EQ(qualified("r1_l2"), "store.\"r1_l2\"");
    EXPECT_EQ(name_list({"a", "b\"c"}, "s."), "s.\"a\", s.\"b\"\"c\"");
    EXPECT_EQ(key_match({"a", "b"}), "c.\"a\" = s.\"a\" AND c.\"b\" = s.\"b\"");
}

TEST(Shapes, FitInAnyColumnOrderOnly) {
    Table table{.columns = {{"a", "C", "text", ""}, {"b", "I", "bigint", ""}}, .key = {"a"}};
    Shape shape{.columns = {{"b", "I", "bigint", ""}, {"a", "M", "text", "x"}}, .key = {"a"}};
    EXPECT_TRUE(same_shape(table, shape));
    shape.key = {"b"};
    EXPECT_FALSE(same_shape(table, shape));
    shape.key = {"a"};
    shape.columns.push_back({"c", "C", "text", ""});
    EXPECT_FALSE(same_shape(table, shape));
    EXPECT_EQ(shape_changed(table, shape).type->code, "store.shape-changed");
}

}  // namespace
}  // namespace pengcheng::store
