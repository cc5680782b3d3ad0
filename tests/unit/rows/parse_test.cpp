#include "rows/parse.hpp"
#include "rows/request.hpp"

#include <gtest/gtest.h>

namespace pengcheng::rows {
namespace {

/// A tree in one line: "and(a eq 1,not(or(b in 1|2,c is null)))".
std::string show(const Node& node) {
    std::string out;
    if (node.kind == Node::Kind::condition) {
        out = node.column + " " + std::to_string(static_cast<int>(node.op));
        out += node.quantifier == Quantifier::any ? "any" : node.quantifier == Quantifier::all ? "all" : "";
        for (const std::string& value : node.values) {
            out += "[" + value + "]";
        }
    } else {
        out = node.kind == Node::Kind::all_of ? "and(" : "or(";
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            out += (i > 0 ? "," : "") + show(node.children[i]);
        }
        out += ")";
    }
    return node.negated ? "!" + out : out;
}

std::string op(Op value) {
    return " " + std::to_string(static_cast<int>(value));
}

TEST(Filters, ReadWhatPostgrestClientsSend) {
    struct Row {
        std::string name, text, tree;
    };
    const Row rows[]{
        {"a", "eq.1", "a" + op(Op::eq) + "[1]"},
        {"a", "eq.", "a" + op(Op::eq) + "[]"},
        {"a", "eq.x.y,z(", "a" + op(Op::eq) + "[x.y,z(]"},
        {"a", "not.eq.1", "!a" + op(Op::eq) + "[1]"},
        {"a", "in.(1,\"b,c\",\"d\\\"e\")", "a" + op(Op::in) + "[1][b,c][d\"e]"},
        {"a", "in.()", "a" + op(Op::in)},
        {"a", "not.in.(1)", "!a" + op(Op::in) + "[1]"},
        {"a", "is.NULL", "a" + op(Op::is) + "[null]"},
        {"a", "not.is.null", "!a" + op(Op::is) + "[null]"},
        {"a", "is.not_null", "a" + op(Op::is) + "[not_null]"},
        {"a", "like(any).{a*,*b}", "a" + op(Op::like) + "any[a*][*b]"},
        {"a", "eq(all).{1}", "a" + op(Op::eq) + "all[1]"},
        {"a", "wfts(simple).a b", "a" + op(Op::wfts) + "[a b]"},
        {"\"a b\"", "gt.1", "a b" + op(Op::gt) + "[1]"},
        {"or", "(a.gt.1,b.eq.2)", "or(a" + op(Op::gt) + "[1],b" + op(Op::eq) + "[2])"},
        {"not.and", "(a.eq.1, or(b.is.null,not.and(c.eq.\"x,)y\",d.not.in.(1,2))))",
         "!and(a" + op(Op::eq) + "[1],or(b" + op(Op::is) + "[null],!and(c" + op(Op::eq) + "[x,)y],!d" +
             op(Op::in) + "[1][2])))"},
    };
    for (const Row& row : rows) {
        auto query = parse_query({{row.name, row.text}});
        ASSERT_TRUE(query) << row.name << "=" << row.text << " " << query.error().text(false);
        EXPECT_EQ(show(query->filter), "and(" + row.tree + ")") << row.name << "=" << row.text;
    }
}

TEST(Filters, AreRefusedWithPostgrestsCode) {
    struct Row {
        std::string name, text, code;
        int status = 400;
    };
    const Row rows[]{
        {"a", "abc", "PGRST100"},
        {"a", "", "PGRST100"},
        {"a", "eq", "PGRST100"},
        {"a", "foo.1", "PGRST100"},
        {"a", "in.1", "PGRST100"},
        {"a", "in.(1", "PGRST100"},
        {"a", "in.(\"1)", "PGRST100"},
        {"a", "is.maybe", "PGRST100"},
        {"a", "in.(1)x", "PGRST100"},
        {"a", "neq(any).{1}", "PGRST100"},
        {"a", "like(some).{1}", "PGRST100"},
        {"a", "like(any).x", "PGRST100"},
        {"or", "()", "PGRST100"},
        {"or", "(a.eq.1", "PGRST100"},
        {"or", "a.eq.1", "PGRST100"},
        {"or", "(a.eq.1)x", "PGRST100"},
        {"or", "(a)", "PGRST100"},
        {"and", "", "PGRST100"},
        {"a", "cs.{1}", "42883", 404},
        {"a->b", "eq.1", "42883", 404},
        {"or", "(a->b.eq.1)", "42883", 404},
        {"u.id", "eq.1", "PGRST108"},
        {"u.order", "a", "PGRST108"},
        {"limit", "-1", "PGRST103", 416},
        {"limit", "x", "PGRST100"},
        {"offset", "1.5", "PGRST100"},
        {"or", "(or(or(or(or(or(or(or(or(or(or(or(a.eq.1))))))))))))", "PGRST100"},
    };
    for (const Row& row : rows) {
        auto query = parse_query({{row.name, row.text}});
        ASSERT_FALSE(query) << row.name << "=" << row.text;
        EXPECT_EQ(query.error().errors.at(0).code, row.code) << row.name << "=" << row.text;
        EXPECT_EQ(query.error().type->status, row.status) << row.name << "=" << row.text;
    }
}

TEST(Filters, AreBounded) {
    Pairs many(conditions_max + 1, {"a", "eq.1"});
    EXPECT_FALSE(parse_query(many));
    EXPECT_FALSE(parse_query({{"a", "eq." + std::string(value_bytes_max, 'x')}}));
}

TEST(Select, ReadsColumnsAliasesAndCasts) {
    auto items = parse_select("a,b:c,d::text,e:f::int,\"x y\",my-col,*");
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), 7u);
    EXPECT_EQ((*items)[1].alias, "b");
    EXPECT_EQ((*items)[1].column, "c");
    EXPECT_EQ((*items)[2].cast, "text");
    EXPECT_EQ((*items)[3].alias + (*items)[3].column + (*items)[3].cast, "efint");
    EXPECT_EQ((*items)[4].column, "x y");
    EXPECT_EQ((*items)[5].column, "my-col");
    EXPECT_TRUE(parse_select("")->empty());
    const std::pair<std::string, std::string> bad[]{
        {"a,,b", "PGRST100"},    {"a,", "PGRST100"},        {"a:", "PGRST100"},      {"a b::", "PGRST100"},
        {"a->b", "42883"},       {"parent(b)", "PGRST200"}, {"...p(b)", "PGRST200"}, {"p!fk(b)", "PGRST200"},
        {"count()", "PGRST123"}, {"a.sum()", "PGRST123"},   {"*::text", "PGRST100"}};
    for (const auto& [text, code] : bad) {
        auto refused = parse_select(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().errors.at(0).code, code) << text;
    }
}

TEST(Order, ReadsDirectionsAndNulls) {
    auto items = parse_order("a.desc.nullsfirst,b.asc,c,d.nullslast");
    ASSERT_TRUE(items);
    EXPECT_TRUE(items->at(0).descending);
    EXPECT_EQ(items->at(0).nulls, OrderItem::Nulls::first);
    EXPECT_FALSE(items->at(1).descending);
    EXPECT_EQ(items->at(3).nulls, OrderItem::Nulls::last);
    for (auto text : {"", "a.up", "a.desc.first", "a,,b", "a.desc.desc", "p(a)", "a->b"}) {
        EXPECT_FALSE(parse_order(text)) << text;
    }
}

TEST(RowFilterText, SplitsAndDecodes) {
    auto node = parse_filter_text("region=eq.320302&name=like.%E5%BE%90*&or=(a.eq.1,b.eq.2)");
    ASSERT_TRUE(node);
    EXPECT_EQ(node->children.size(), 3u);
    EXPECT_EQ(node->children[1].values[0], "徐*");
    EXPECT_TRUE(parse_filter_text("name=like.100%")) << "a lone per cent sign stands for itself";
    EXPECT_FALSE(parse_filter_text("region"));
}

Asked read(const RequestParts& parts) {
    auto asked = read_request(parts);
    if (!asked) {
        ADD_FAILURE() << asked.error().text(false);
    }
    return *asked;
}

TEST(Requests, NegotiateTheFormat) {
    const Pairs none;
    const std::pair<std::string, Format> rows[]{{"", Format::json},
                                                {"*/*", Format::json},
                                                {"text/html,application/xhtml+xml,*/*;q=0.8", Format::json},
                                                {"text/csv", Format::csv},
                                                {"application/json;q=0.5, text/csv", Format::csv},
                                                {"application/vnd.pgrst.object+json", Format::object},
                                                {"application/vnd.pgrst.object", Format::object},
                                                {"application/x-ndjson", Format::ndjson},
                                                {"application/geo+json", Format::geojson}};
    for (const auto& [accept, format] : rows) {
        EXPECT_EQ(read({.query = none, .accept = accept}).format, format) << accept;
    }
    for (auto accept : {"image/png", "application/vnd.pgrst.plan+json; for=\"application/json\"",
                        "application/vnd.pgrst.array+json;nulls=stripped", "text/csv;q=0"}) {
        auto refused = read_request({.query = none, .accept = accept});
        ASSERT_FALSE(refused) << accept;
        EXPECT_EQ(refused.error().errors.at(0).code, "PGRST107");
        EXPECT_EQ(refused.error().type->status, 406);
    }
    EXPECT_TRUE(read({.query = none, .accept = "image/png", .forced_format = "xlsx"}).download);
    EXPECT_FALSE(read_request({.query = none, .forced_format = "pdf"}));
    EXPECT_TRUE(read_request({.query = none, .accept_profile = "public"}));
    EXPECT_EQ(read_request({.query = none, .accept_profile = "x"}).error().errors.at(0).code, "PGRST106");
}

TEST(Requests, IntersectRangeAndLimit) {
    struct Row {
        Pairs query;
        std::string range;
        std::int64_t offset;
        std::optional<std::int64_t> limit;
    };
    const Row rows[]{
        {{}, "0-9", 0, 10},
        {{}, "5-", 5, std::nullopt},
        {{{"limit", "3"}}, "0-9", 0, 3},
        {{{"limit", "20"}, {"offset", "5"}}, "0-9", 5, 5},
        {{{"limit", "20"}}, "bytes=0-9", 0, 20},
        {{{"offset", "-4"}}, "", 0, std::nullopt},
    };
    for (const Row& row : rows) {
        Asked asked = read({.query = row.query, .range = row.range});
        EXPECT_EQ(asked.query.offset, row.offset) << row.range;
        EXPECT_EQ(asked.query.limit, row.limit) << row.range;
    }
    const Pairs none;
    EXPECT_EQ(read_request({.query = none, .range = "9-0"}).error().type->status, 416);
}

TEST(Requests, ReadPreferences) {
    const Pairs none;
    EXPECT_EQ(read({.query = none, .prefer = "count=exact"}).count, Count::exact);
    EXPECT_EQ(read({.query = none, .prefer = "return=minimal, count=planned"}).count, Count::planned);
    EXPECT_EQ(read({.query = none, .prefer = "nonsense"}).count, Count::none);
    EXPECT_EQ(read_request({.query = none, .prefer = "handling=strict, nonsense"}).error().errors.at(0).code,
              "PGRST122");
}

TEST(Extents, FollowPostgrest) {
    EXPECT_EQ(content_range({0, 15, std::nullopt}), "0-14/*");
    EXPECT_EQ(content_range({0, 0, 0}), "*/0");
    EXPECT_EQ(content_range({0, 0, std::nullopt}), "*/*");
    EXPECT_EQ(content_range({10, 5, 100}), "10-14/100");
    EXPECT_EQ(extent_status({0, 15, 15}), 200);
    EXPECT_EQ(extent_status({0, 15, std::nullopt}), 200);
    EXPECT_EQ(extent_status({0, 10, 15}), 206);
    EXPECT_TRUE(check_offset(100, std::nullopt));
    EXPECT_TRUE(check_offset(15, 15));
    EXPECT_EQ(check_offset(100, 15).error().detail_en,
              "An offset of 100 was requested, but there are only 15 rows.");
}

}  // namespace
}  // namespace pengcheng::rows
