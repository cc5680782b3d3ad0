#include "harness.hpp"

namespace pengcheng::test {
namespace {

std::string encoded(const std::string& text) {
    std::string out;
    constexpr char digits[] = "0123456789ABCDEF";
    for (unsigned char c : text) {
        out += '%';
        out += digits[c >> 4U];
        out += digits[c & 15U];
    }
    return out;
}

class CatalogueSearch : public ServerTest {
protected:
    static void SetUpTestSuite() {
        ServerTest::SetUpTestSuite();
        add("公交线路站点", {"出行"}, "班次", "城区公交的站点位置");
        add("轨道运营月报", {"公交接驳"}, "客流", "地铁各站客流");
        add("停车泊位台账", {"停车"}, "公交换乘泊位", "路内泊位");
        add("驾驶培训机构", {"驾培"}, "机构名称", "含公交驾驶员培训");
        add("站点公交实时到离", {"到离"}, "线路", "车辆到站时刻");
    }
    static void add(const std::string& name, const std::vector<std::string>& keywords,
                    const std::string& item, const std::string& abstract) {
        Json items = Json::array({{{"name", item}, {"column", "value"}, {"type", "C"}}});
        Json body = resource_body(name, items);
        body["keywords"] = keywords;
        body["abstract"] = abstract;
        publish(as("market_officer"), body);
    }
    static std::vector<std::string> names(const Json& page) {
        std::vector<std::string> out;
        for (const auto& item : page.at("items")) {
            out.push_back(item.at("name"));
        }
        return out;
    }
    static std::vector<std::string> found(const std::string& query,
                                          const std::string& who = "civil_officer") {
        Reply reply = as(who).get("/api/v1/catalogue/resources?limit=100&q=" + encoded(query));
        EXPECT_EQ(reply.status, 200) << reply.body;
        EXPECT_EQ(reply.json["total"], reply.json["items"].size());
        return names(reply.json);
    }
    using Names = std::vector<std::string>;
};

TEST_F(CatalogueSearch, TitlesComeFirstThenKeywordsItemsAndAbstract) {
    Names got = found("公交");
    ASSERT_EQ(got.size(), 5U);
    EXPECT_EQ(got[0], "公交线路站点");  // begins with it
    EXPECT_EQ(got[1], "站点公交实时到离");
    EXPECT_EQ(got[2], "轨道运营月报");
    EXPECT_EQ(got[3], "停车泊位台账");
    EXPECT_EQ(got[4], "驾驶培训机构");
}

TEST_F(CatalogueSearch, FindsByOneCharacterAndByPartOfAWord) {
    EXPECT_EQ(found("泊"), Names{"停车泊位台账"});
    EXPECT_EQ(found("驶培"), Names{"驾驶培训机构"});
}

TEST_F(CatalogueSearch, WordsMayStandInAnotherOrderAndAllMustMatch) {
    Names got = found("站点 公交");
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0], "站点公交实时到离");  // as one phrase
    EXPECT_EQ(got[1], "公交线路站点");
    EXPECT_TRUE(found("站点 泊位").empty());
    EXPECT_TRUE(found("没有这种东西").empty());
}

TEST_F(CatalogueSearch, FindsByCodeProviderAndPinyin) {
    Json first = as("civil_officer").get("/api/v1/catalogue/resources?q=" + encoded("停车泊位台账")).json;
    std::string code = first["items"][0]["code"];
    EXPECT_EQ(found(code), Names{"停车泊位台账"});
    EXPECT_EQ(found("gdyyyb"), Names{"轨道运营月报"});
    EXPECT_EQ(found("泊位 市场监督"), Names{"停车泊位台账"});
}

TEST_F(CatalogueSearch, PagesJoinWithoutGapOrRepetition) {
    Names all = found("公交");
    Names walked;
    std::string cursor;
    for (int page = 0; page < 5; ++page) {
        Reply reply = as("civil_officer")
                          .get("/api/v1/catalogue/resources?limit=2&q=" + encoded("公交") +
                               (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(reply.status, 200) << reply.body;
        for (auto& name : names(reply.json)) {
            walked.push_back(name);
        }
        if (reply.json["next_cursor"].is_null()) {
            break;
        }
        cursor = reply.json["next_cursor"];
    }
    EXPECT_EQ(walked, all);
    EXPECT_EQ(as("civil_officer").get("/api/v1/catalogue/resources?q=x&cursor=!!").status, 422);
}

TEST_F(CatalogueSearch, DraftsAreForTheirDepartmentAndTheReviewers) {
    Json items = Json::array({{{"name", "甲"}, {"column", "a"}, {"type", "C"}}});
    ASSERT_EQ(
        as("market_officer").post("/api/v1/catalogue/resources", resource_body("未发布的草稿", items)).status,
        201);
    EXPECT_EQ(found("未发布", "market_officer").size(), 1U);
    EXPECT_EQ(found("未发布", "reviewer").size(), 1U);
    EXPECT_TRUE(found("未发布", "civil_officer").empty());
    Json drafts = as("civil_officer").get("/api/v1/catalogue/resources?state=draft").json;
    EXPECT_TRUE(drafts["items"].empty());
    Json mine = as("market_officer").get("/api/v1/catalogue/resources?state=draft&mine=true").json;
    EXPECT_EQ(names(mine), Names{"未发布的草稿"});
    EXPECT_EQ(anonymous().get("/api/v1/catalogue/resources").status, 401);
}

TEST_F(CatalogueSearch, QuotesAndWildcardsAreOnlyText) {
    for (const char* query : {"'", "%", "_", "\\", "' OR 1=1 --", "{公交}"}) {
        Reply reply = as("civil_officer").get("/api/v1/catalogue/resources?q=" + encoded(query));
        EXPECT_EQ(reply.status, 200) << query << reply.body;
    }
    EXPECT_TRUE(found("%").empty());
}

}  // namespace
}  // namespace pengcheng::test
