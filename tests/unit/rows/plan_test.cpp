#include "rows/plan.hpp"
#include "rows/cursor.hpp"
#include "rows/mask.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pengcheng::rows {
namespace {

using testing::HasSubstr;
using testing::Not;

View view() {
    View out;
    out.table = {.ref = "people",
                 .name = "store.\"people_1\"",
                 .columns = {{"id_no", "C", "text", "身份证号"},
                             {"name", "C", "text", "姓名"},
                             {"age", "I", "bigint", "年龄"},
                             {"income", "N", "numeric", "收入"},
                             {"born", "D", "date", "出生日期"},
                             {"seen", "T", "timestamptz", "更新时间"},
                             {"alive", "L", "boolean", "在世"},
                             {"region", "C", "text", "区划"},
                             {"secret", "C", "text", "秘密"}},
                 .key = {"id_no"},
                 .load = 3,
                 .rows = 10};
    out.fields = {{"id_no", "身份证号", "C", "id_number"},
                  {"name", "姓名", "C", ""},
                  {"age", "年龄", "I", ""},
                  {"income", "收入", "N", ""},
                  {"born", "出生日期", "D", "date_year"},
                  {"seen", "更新时间", "T", ""},
                  {"alive", "在世", "L", ""}};
    return out;
}

Result<Plan> planned(const View& view, const Pairs& pairs) {
    auto query = parse_query(pairs);
    EXPECT_TRUE(query);
    return make_plan(view, *query);
}

std::string sql(const View& view, const Pairs& pairs, Page page = {}) {
    auto plan = planned(view, pairs);
    if (!plan) {
        return plan.error().text(false);
    }
    return page_query(*plan, page).sql;
}

TEST(Planner, ReadsOnlyWhatIsAskedFor) {
    EXPECT_EQ(
        sql(view(), {{"select", "name"}, {"age", "gt.18"}}, {.limit = 10}),
        "SELECT v.\"name\" FROM (SELECT t.\"_id\", t.\"name\" AS \"name\", t.\"age\" AS \"age\" FROM"
        " store.\"people_1\" AS t WHERE (t.\"age\" > $1::bigint)) AS v ORDER BY v.\"_id\" ASC LIMIT 10");
}

TEST(Planner, KeepsHiddenAndUnknownColumnsAlike) {
    for (const Pairs& pairs : std::vector<Pairs>{{{"select", "X"}},
                                                 {{"X", "eq.1"}},
                                                 {{"order", "X"}},
                                                 {{"or", "(name.eq.1,X.eq.2)"}},
                                                 {{"select", "a:X::text"}}}) {
        std::vector<std::string> answers;
        for (std::string column : {"secret", "nowhere", "region"}) {
            Pairs with = pairs;
            for (auto& [name, text] : with) {
                for (std::string* part : {&name, &text}) {
                    if (auto at = part->find('X'); at != std::string::npos) {
                        part->replace(at, 1, column);
                    }
                }
            }
            auto plan = planned(view(), with);
            ASSERT_FALSE(plan);
            EXPECT_EQ(plan.error().type->status, 400);
            EXPECT_EQ(plan.error().errors.at(0).code, "42703");
            std::string answer = plan.error().text(true) + plan.error().text(false);
            for (auto at = answer.find(column); at != std::string::npos; at = answer.find(column)) {
                answer.replace(at, column.size(), "X");
            }
            answers.push_back(answer);
        }
        EXPECT_THAT(answers, testing::Each(answers.front()));
    }
}

TEST(Planner, FiltersAndOrdersByTheMaskedValue) {
    std::string text = sql(view(), {{"select", "name"}, {"born", "eq.1990"}, {"order", "id_no.desc"}});
    EXPECT_THAT(text, HasSubstr("v.\"born\" = $1::text"));
    EXPECT_THAT(text, HasSubstr("ORDER BY v.\"id_no\" DESC, v.\"_id\" ASC"));
    EXPECT_THAT(text, Not(HasSubstr("t.\"born\" =")));
    EXPECT_THAT(text, HasSubstr("left((("));
    EXPECT_FALSE(planned(view(), {{"id_no", "like.*a"}, {"select", "id_no::int"}}));
}

TEST(Planner, FencesWhatCouldTellAboutHiddenRows) {
    View filtered = view();
    filtered.row_filter = "region=eq.320302";
    EXPECT_THAT(sql(filtered, {{"age", "eq.5"}}), Not(HasSubstr("OFFSET 0")));
    EXPECT_THAT(sql(filtered, {{"age", "eq.5"}}),
                HasSubstr("WHERE ((t.\"region\" = $1::text)) AND (t.\"age\" = $2::bigint)"));
    EXPECT_THAT(sql(filtered, {{"name", "match.^a"}}),
                HasSubstr("OFFSET 0) AS v WHERE (v.\"name\" ~ $2::text)"));
    EXPECT_THAT(sql(filtered, {{"income", "gt.5"}}), HasSubstr("OFFSET 0"));
    EXPECT_THAT(sql(filtered, {{"id_no", "eq.5"}}), HasSubstr("OFFSET 0"));
    EXPECT_THAT(sql(view(), {{"name", "match.^a"}}), Not(HasSubstr("OFFSET 0")));
}

TEST(Planner, RefusesValuesThatDoNotFit) {
    struct Row {
        std::string column, text, code;
    };
    const Row rows[]{
        {"age", "gt.abc", "22P02"},
        {"age", "eq.1.5", "22P02"},
        {"age", "eq.9223372036854775808", "22P02"},
        {"age", "in.(1,x)", "22P02"},
        {"income", "lt.1,5", "22P02"},
        {"seen", "gt.yesterday", "22007"},
        {"seen", "gt.2024-02-30", "22007"},
        {"alive", "eq.maybe", "22P02"},
        {"alive", "like.t*", "42883"},
        {"age", "is.true", "42804"},
        {"age", "like.1*", "42883"},
        {"name", "fts(french).a", "42704"},
    };
    for (const Row& row : rows) {
        auto plan = planned(view(), {{row.column, row.text}});
        ASSERT_FALSE(plan) << row.column << row.text;
        EXPECT_EQ(plan.error().errors.at(0).code, row.code) << row.column << row.text;
    }
    for (const auto& [column, text] : Pairs{{"age", "eq.-5"},
                                            {"income", "gte.1e3"},
                                            {"seen", "lt.2024-05-06"},
                                            {"seen", "lt.2024-05-06T08:09:10+08:00"},
                                            {"alive", "is.unknown"},
                                            {"seen", "lt.2024-05-06 08:09"},
                                            {"age", "in.()"}}) {
        EXPECT_TRUE(planned(view(), {{column, text}})) << column << text;
    }
}

TEST(Planner, CastsWhereNoRowCanFail) {
    EXPECT_THAT(sql(view(), {{"select", "a:age::text"}}), HasSubstr("SELECT v.\"age\"::text"));
    EXPECT_TRUE(planned(view(), {{"select", "income::float8"}}));
    EXPECT_EQ(planned(view(), {{"select", "name::int"}}).error().errors.at(0).code, "42846");
    EXPECT_EQ(planned(view(), {{"select", "name::money"}}).error().errors.at(0).code, "42704");
}

TEST(Planner, NeverPutsTheCallersTextIntoSql) {
    std::string evil = "x'; DROP TABLE y; --\"";
    auto plan = planned(view(), {{"name", "eq." + evil}, {"select", "\"a\\\"; b\":name"}});
    ASSERT_TRUE(plan);
    auto query = page_query(*plan, {});
    EXPECT_THAT(query.sql, Not(HasSubstr("DROP")));
    EXPECT_THAT(query.sql, Not(HasSubstr("; b")));
    EXPECT_EQ(query.params.at(0).text, evil);
}

TEST(Planner, NeitherSortsNorCountsTheRowOfOneKey) {
    View plain = view();
    plain.fields[0].mask.clear();
    const Pairs one{{"id_no", "eq.1"}};
    EXPECT_THAT(sql(plain, one, {.limit = 100}), Not(HasSubstr("ORDER BY")));
    EXPECT_THAT(sql(plain, one, {.limit = 100}), Not(HasSubstr("LIMIT")));
    EXPECT_THAT(sql(plain, one, {.limit = 0}), HasSubstr("LIMIT 0"));
    EXPECT_THAT(sql(plain, one, {.limit = 1, .offset = 1}), HasSubstr("LIMIT 1 OFFSET 1"));
    EXPECT_THAT(sql(plain, {{"id_no", "gte.1"}}, {.limit = 100}), HasSubstr("LIMIT 100"));
}

TEST(Planner, KnowsKeysAndStorageOrder) {
    View plain = view();
    plain.fields[0].mask.clear();
    EXPECT_TRUE(planned(plain, {{"id_no", "eq.1"}})->by_key);
    EXPECT_FALSE(planned(plain, {{"id_no", "gt.1"}})->by_key);
    EXPECT_FALSE(planned(view(), {{"id_no", "eq.1"}})->by_key) << "a masked key is no key";
    EXPECT_TRUE(planned(plain, {})->storage_order);
    EXPECT_FALSE(planned(plain, {{"order", "age"}})->storage_order);
    plain.default_order = "age.desc";
    EXPECT_THAT(sql(plain, {}), HasSubstr("ORDER BY v.\"age\" DESC, v.\"_id\" ASC"));
}

TEST(Planner, LeavesOutColumnsThatTheTableLost) {
    View lost = view();
    lost.fields.push_back({"gone", "没了", "C", ""});
    EXPECT_THAT(sql(lost, {}), Not(HasSubstr("gone")));
    EXPECT_FALSE(planned(lost, {{"select", "gone"}}));
}

TEST(RowFilter, IsCheckedAgainstTheTable) {
    EXPECT_TRUE(check_row_filter(view().table, "region=eq.320302&age=gte.18"));
    EXPECT_FALSE(check_row_filter(view().table, "nowhere=eq.1"));
    EXPECT_FALSE(check_row_filter(view().table, "age=eq.x"));
    EXPECT_FALSE(check_row_filter(view().table, "age"));
}

TEST(Masks, AreKnownByName) {
    EXPECT_EQ(mask_kinds().size(), 23u);
    for (const std::string& kind : mask_kinds()) {
        EXPECT_TRUE(is_mask(kind)) << kind;
    }
    EXPECT_TRUE(is_mask("age_band:10"));
    EXPECT_TRUE(is_mask("number_band:0,5000,10000"));
    for (auto text : {"", "nothing", "age_band:7", "number_band:5,1", "number_band:1;DROP", "name:x"}) {
        EXPECT_FALSE(is_mask(text)) << text;
    }
    EXPECT_EQ(mask_sql("number_band:0);DROP TABLE x", "a"), "NULL::text");
    EXPECT_EQ(mask_sql("pseudonym", "a"), "NULL::text") << "no key, no pseudonym";
}

TEST(Cursors, OpenForTheirOwnQueryOnly) {
    std::string key(32, 'k');
    View mine = view();
    std::string binding = cursor_binding(mine, {{"age", "gt.1"}, {"limit", "5"}});
    std::string cursor = seal_cursor(key, {42, 5}, binding);
    EXPECT_EQ(cursor.find("42"), std::string::npos);
    auto opened = open_cursor(key, cursor, cursor_binding(mine, {{"limit", "9"}, {"age", "gt.1"}}));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->after, 42);
    EXPECT_EQ(opened->offset, 5);
    EXPECT_FALSE(open_cursor(key, cursor, cursor_binding(mine, {{"age", "gt.2"}})));
    mine.table.load = 4;
    EXPECT_FALSE(open_cursor(key, cursor, cursor_binding(mine, {{"age", "gt.1"}})));
    EXPECT_FALSE(open_cursor(key, "garbage", binding));
    EXPECT_FALSE(open_cursor(std::string(32, 'x'), cursor, binding));
    EXPECT_EQ(
        next_link("/api/v1/data/people", {{"age", "gt.1"}, {"_cursor", "old"}, {"offset", "5"}}, "NEW", 10),
        "</api/v1/data/people?age=gt.1&limit=10&_cursor=NEW>; rel=\"next\"");
}

}  // namespace
}  // namespace pengcheng::rows
