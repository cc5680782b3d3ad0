#include "rows/rows_fixture.hpp"

#include <gmock/gmock.h>

namespace pengcheng::rows {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Rows, GivesTypedJsonOfOnePage) {
    Answer answer = get(view(), {{"limit", "2"}, {"select", "code,age,income,born,seen,alive,a:name"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "application/json; charset=utf-8");
    EXPECT_EQ(answer.headers["Content-Range"], "0-1/*");
    EXPECT_EQ(
        answer.body.substr(0, answer.body.find('}')),
        "[\n"
        R"({"code":"P00001","age":1,"income":1.10,"born":"1990-01-02","seen":"2024-05-06T08:09:11+08:00",)"
        R"("alive":false,"a":"张三")");
    EXPECT_EQ(answer.json().size(), 2u);
    EXPECT_EQ(evidence(), "access|data-api|code,age,income,born,seen,alive,name|2|complete");
}

TEST_F(Rows, FollowsCursorsToTheEnd) {
    QueryPairs query{{"limit", "700"}, {"region", "eq.320302"}, {"select", "code"}};
    std::vector<std::string> codes;
    int pages = 0;
    while (true) {
        Answer answer = get(view(), query);
        ASSERT_EQ(answer.status, 200) << (answer.problem ? answer.problem->text(false) : "");
        ++pages;
        EXPECT_THAT(answer.headers["Content-Range"], StartsWith(std::to_string(codes.size()) + "-"));
        for (const Json& row : answer.json()) {
            codes.push_back(row["code"]);
        }
        std::string link = answer.headers["Link"];
        if (link.empty()) {
            break;
        }
        auto at = link.find("_cursor=") + 8;
        query = {{"limit", "700"},
                 {"region", "eq.320302"},
                 {"select", "code"},
                 {"_cursor", link.substr(at, link.find('>') - at)}};
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(codes.size(), 1500u);
    EXPECT_TRUE(std::ranges::is_sorted(codes));
    query[1].second = "eq.320303";
    EXPECT_EQ(get(view(), query).code(), "PGRST103") << "a cursor of another query";
}

TEST_F(Rows, StreamsAFullReadWithEvidenceAtBothEnds) {
    Answer answer = get(view(), {});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers["Content-Range"], "0-2999/*");
    EXPECT_EQ(answer.json().size(), 3000u);
    EXPECT_EQ(evidence(), "access-closed|||3000|complete");
    EXPECT_THAT(evidence("kind = 'access-opened'"), StartsWith("access-opened|data-api|code,name,phone"));

    Answer page = get(view(), {{"limit", "1500"}, {"age", "gt.5"}}, {{"Prefer", "count=exact"}});
    EXPECT_EQ(page.status, 206);
    EXPECT_EQ(page.headers["Content-Range"], "0-1499/2530");
    EXPECT_THAT(page.headers["Link"], HasSubstr("_cursor="));
    EXPECT_EQ(page.json().size(), 1500u);
}

TEST_F(Rows, ClosesTheEvidenceOfACutStream) {
    Answer answer = serve_rows(view(), {}, 100000);
    EXPECT_EQ(answer.body, "cut");
    EXPECT_THAT(evidence(), testing::MatchesRegex("access-closed\\|\\|\\|[0-9]+\\|cut"));
    EXPECT_EQ(get(view(), {{"limit", "1"}}).status, 200) << "the pool still serves";
}

TEST_F(Rows, CountsAndRefusesRangesLikePostgrest) {
    struct Row {
        QueryPairs query;
        http::Headers headers;
        int status;
        std::string range;
    };
    const Row rows[]{
        {{{"code", "eq.P00001"}}, {{"Prefer", "count=exact"}}, 200, "0-0/1"},
        {{{"code", "eq.none"}}, {}, 200, "*/*"},
        {{{"code", "eq.none"}}, {{"Prefer", "count=exact"}}, 200, "*/0"},
        {{{"limit", "0"}}, {}, 200, "*/*"},
        {{{"limit", "10"}}, {{"Prefer", "count=exact"}}, 206, "0-9/3000"},
        {{}, {{"Range", "5-9"}, {"Range-Unit", "items"}}, 200, "5-9/*"},
        {{{"limit", "10"}, {"offset", "2995"}}, {{"Prefer", "count=exact"}}, 206, "2995-2999/3000"},
        {{{"age", "lt.5"}, {"limit", "3"}}, {{"Prefer", "count=estimated"}}, 206, "0-2/136"},
    };
    for (const Row& row : rows) {
        Answer answer = get(view(), row.query, row.headers);
        EXPECT_EQ(answer.status, row.status) << row.range;
        EXPECT_EQ(answer.headers["Content-Range"], row.range);
    }
    Answer beyond = get(view(), {{"offset", "4000"}, {"limit", "5"}}, {{"Prefer", "count=exact"}});
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.code(), "PGRST103");
    EXPECT_EQ(get(view(), {{"limit", "3"}, {"age", "lt.5"}}, {{"Prefer", "count=planned"}}).status, 206);
}

TEST_F(Rows, GivesOneObjectOrSaysWhyNot) {
    http::Headers accept{{"Accept", "application/vnd.pgrst.object+json"}};
    Answer one = get(view(), {{"code", "eq.P00007"}, {"select", "name"}}, accept);
    EXPECT_EQ(one.body, R"({"name":"欧阳文博"})");
    EXPECT_EQ(one.type, "application/vnd.pgrst.object+json; charset=utf-8");
    EXPECT_EQ(get(view(), {{"code", "eq.none"}}, accept).code(), "PGRST116");
    EXPECT_EQ(get(view(), {{"code", "in.(P00001,P00002)"}}, accept).status, 406);
}

TEST_F(Rows, FiltersByEveryOperator) {
    const std::pair<QueryPairs, std::string> rows[]{
        {{{"code", "in.(P00001,P00002,\"x,y\")"}}, "2"},
        {{{"code", "in.()"}}, "0"},
        {{{"code", "not.in.()"}}, "3000"},
        {{{"age", "is.null"}}, "300"},
        {{{"age", "is.not_null"}}, "2700"},
        {{{"alive", "is.true"}}, "1000"},
        {{{"alive", "eq.true"}}, "1000"},
        {{{"name", "like.欧阳*"}}, "428"},
        {{{"name", "ilike(any).{李*,张*}"}}, "2572"},
        {{{"name", "match.^张"}}, "1286"},
        {{{"age", "isdistinct.5"}}, "2966"},
        {{{"or", "(age.lt.2,and(age.gte.88,region.eq.320302))"}, {"age", "not.is.null"}}, "67"},
        {{{"seen", "lt.2024-05-06T08:09:13+08:00"}}, "2"},
        {{{"born", "gte.1998-01-01"}}, "79"},
        {{{"income", "eq.1.1"}}, "1"},
        {{{"age", "eq(any).{1,2}"}}, "68"},
        {{{"note", "plfts.x"}}, "3000"},
    };
    for (const auto& [query, count] : rows) {
        QueryPairs with = query;
        with.emplace_back("limit", "1");
        Answer answer = get(view(), with, {{"Prefer", "count=exact"}});
        std::string range = answer.headers["Content-Range"];
        EXPECT_EQ(range.substr(range.find('/') + 1), count) << query[0].first << "=" << query[0].second;
    }
}

TEST_F(Rows, HoldsToTheView) {
    View view = granted({{"code", ""}, {"name", "name"}, {"phone", "mobile"}, {"born", "date_year"}});
    view.row_filter = "region=eq.320302";
    Answer answer = get(view, {{"limit", "2"}});
    EXPECT_EQ(answer.json()[0],
              (Json{{"code", "P00002"}, {"name", "李*明"}, {"phone", "138****0002"}, {"born", "1990"}}));
    // By the masked value only: what it hides finds nothing.
    EXPECT_EQ(get(view, {{"phone", "eq.13800000002"}}).json().size(), 0u);
    EXPECT_EQ(get(view, {{"phone", "eq.138****0002"}}).json().size(), 1u);
    EXPECT_EQ(get(view, {{"phone", "like.1380000*"}, {"limit", "1"}}, {{"Prefer", "count=exact"}})
                  .headers["Content-Range"],
              "*/0");
    EXPECT_EQ(get(view, {{"born", "gt.1990"}, {"limit", "1"}}).json().size(), 1u);
    EXPECT_EQ(get(view, {{"code", "eq.P00001"}}).json().size(), 0u) << "another region";
    EXPECT_EQ(get(view, {{"limit", "1"}}, {{"Prefer", "count=exact"}}).headers["Content-Range"], "0-0/1500");
    for (std::string hidden : {"income", "region", "nowhere"}) {
        for (const QueryPairs& query :
             std::vector<QueryPairs>{{{"select", hidden}}, {{hidden, "eq.1"}}, {{"order", hidden}}}) {
            Answer refused = get(view, query);
            EXPECT_EQ(refused.status, 400);
            EXPECT_EQ(refused.code(), "42703");
            EXPECT_EQ(refused.problem->detail_en, "column " + hidden + " does not exist");
        }
    }
    EXPECT_THAT(evidence(), StartsWith("refused|data-api"));
}

TEST_F(Rows, TellsNothingAboutHiddenRows) {
    View view = granted({{"code", ""}, {"note", ""}});
    view.row_filter = "region=eq.320302";
    // A filter that PostgreSQL would be free to try first on every row; it must see granted rows only.
    EXPECT_EQ(get(view, {{"note", "match.^=1.1,"}, {"limit", "5"}}).json().size(), 0u);
    EXPECT_EQ(get(view, {{"note", "match.^=1.2,"}, {"limit", "5"}}).json().size(), 1u);
}

TEST_F(Rows, SaysWhenAReplyIsCapped) {
    View view = Rows::view();
    view.rows_max = 100;
    Answer answer = get(view, {{"select", "code"}});
    EXPECT_EQ(answer.json().size(), 100u);
    EXPECT_EQ(answer.headers["Pengcheng-Capped"], "100");
    EXPECT_THAT(answer.headers["Link"], HasSubstr("_cursor="));
    EXPECT_EQ(get(view, {{"limit", "5"}}).headers.contains("Pengcheng-Capped"), false);
}

TEST_F(Rows, RefusesBadValuesWithAReason) {
    Answer answer = get(view(), {{"age", "gt.abc"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "22P02");
    EXPECT_THAT(answer.problem->detail_zh, HasSubstr("整数"));
    EXPECT_EQ(get(view(), {{"name", "match.("}}).status, 400) << "a pattern that PostgreSQL refuses";
    EXPECT_EQ(get(view(), {{"name", "match.("}, {"limit", "2000"}}).status, 400)
        << "the same before a stream";
}

TEST_F(Rows, WritesEveryFormat) {
    QueryPairs query{{"select", "code,age,note,lng,lat"}, {"limit", "2"}};
    Answer csv = get(view(), query, {{"Accept", "text/csv"}});
    EXPECT_EQ(csv.body.substr(0, csv.body.find("\r\n", 25)),
              "code,age,note,lng,lat\r\nP00001,1,\"=1+1,\"\"x\"\"\",117.125,34.25");
    Answer file = serve_rows(view(), {query, {}, "csv"});
    EXPECT_THAT(file.body, StartsWith("\xEF\xBB\xBF"));
    EXPECT_THAT(file.body, HasSubstr("\"'=1+1,"));
    EXPECT_THAT(file.headers["Content-Disposition"], HasSubstr("made-up.csv"));
    Answer lines = get(view(), query, {{"Accept", "application/x-ndjson"}});
    EXPECT_EQ(std::ranges::count(lines.body, '\n'), 2);
    Answer geo = get(view(), query, {{"Accept", "application/geo+json"}});
    EXPECT_EQ(geo.json()["features"][0]["geometry"]["coordinates"], (Json{117.125, 34.25}));
    EXPECT_EQ(get(view(), {{"select", "code"}}, {{"Accept", "application/geo+json"}}).code(), "PGRST107");
    Answer book = serve_rows(view(), {query, {}, "xlsx"});
    EXPECT_EQ(book.status, 200) << (book.problem ? book.problem->text(false) : "");
    EXPECT_THAT(book.body, StartsWith("PK"));
    EXPECT_EQ(evidence(), "access-closed|||2|complete");
}

TEST_F(Rows, AnswersLookUpsInFlightEachWithItsOwnRow) {
    View seen = granted({{"code", ""}, {"name", "name"}, {"phone", "mobile"}, {"alive", ""}});
    seen.row_filter = "alive=eq.true";
    auto shared = std::make_shared<const View>(seen);
    std::map<std::string, std::string> bodies;
    auto ask = [&](std::string code) -> asio::awaitable<void> {
        auto request = std::make_shared<http::Request>();
        request->method = "GET";
        request->path = "/api/v1/data/made-up";
        request->query = {{"code", "eq." + code}};
        http::Call call(pool_, who_, runtime_, request);
        auto reply = co_await serve(std::move(call), shared, "");
        bodies[code] = reply.body;
    };
    for (int round = 0; round < 3; ++round) {  // the second makes the shape, the third is joined
        bodies.clear();
        for (int i = 1; i <= 60; ++i) {
            std::string code = std::to_string(i);
            asio::co_spawn(io_, ask("P" + std::string(5 - code.size(), '0') + code), asio::detached);
        }
        io_.restart();
        while (bodies.size() < 60) {
            io_.run_one();
        }
        EXPECT_EQ(Json::parse(bodies["P00001"]), Json::array()) << "hidden by the row filter";
        EXPECT_EQ(Json::parse(bodies["P00042"])[0],
                  (Json{{"code", "P00042"}, {"name", "欧阳*博"}, {"phone", "138****0042"}, {"alive", true}}));
        EXPECT_EQ(Json::parse(bodies["P00057"])[0]["phone"], "138****0057");
    }
}

TEST_F(Rows, LooksUpOneRowAndFetchesFew) {
    View view = granted({{"name", ""}, {"age", ""}});
    auto found = wait(look_up(pool_, who_, view, "phone", "13800000007"));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (Json{{"name", "欧阳文博"}, {"age", 7}}));
    EXPECT_EQ(evidence(), "access|data-api|name,age|1|complete");
    auto none = wait(look_up(pool_, who_, view, "phone", "0"));
    EXPECT_TRUE(none && none->is_null());
    EXPECT_FALSE(wait(look_up(pool_, who_, view, "nowhere", "0")));
    auto few = wait(fetch(pool_, who_, view, {{"limit", "3"}, {"order", "age.desc.nullslast"}}));
    ASSERT_TRUE(few);
    EXPECT_EQ(few->size(), 3u);
    EXPECT_EQ((*few)[0]["age"], 89);
}

}  // namespace
}  // namespace pengcheng::rows
