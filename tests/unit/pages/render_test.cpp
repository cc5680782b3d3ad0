#include <pengcheng/pages/pages.hpp>

#include "pages/assets.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pengcheng::pages {
namespace {

PageContext chinese_page() {
    PageContext context;
    context.title = "标题";
    context.path = "/datasets?q=a&b";
    context.canonical = "https://example.test/datasets";
    return context;
}

Json problem_view(std::string title) {
    return {{"status", 404}, {"title", std::move(title)}, {"missing", true}, {"errors", Json::array()}};
}

TEST(Rendering, ShowsTheLanguageOfThePage) {
    auto context = chinese_page();
    EXPECT_NE(render("error", problem_view("x"), context).find("返回首页"), std::string::npos);
    context.chinese = false;
    auto english = render("error", problem_view("x"), context);
    EXPECT_NE(english.find("<html lang=\"en\">"), std::string::npos);
    EXPECT_EQ(english.find("返回首页"), std::string::npos);
}

TEST(Rendering, EscapesWhatComesFromData) {
    auto page = render("error", problem_view("<script>alert('x')</script>|{{name}}"), chinese_page());
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(page.find("|{{name}}"), std::string::npos);  // data is never a template
}

TEST(Rendering, KeepsMarkupOutOfLinkedData) {
    auto context = chinese_page();
    context.linked_data = Json{{"name", "</script><script>alert(1)</script>"}};
    auto page = render("error", problem_view("x"), context);
    EXPECT_EQ(page.find("</script><script>alert"), std::string::npos);
    EXPECT_NE(page.find("\\u003c/script\\u003e"), std::string::npos);
}

TEST(Rendering, SwitchesLanguageAndSizeByLinksBackToThisPage) {
    auto page = render("error", problem_view("x"), chinese_page());
    EXPECT_NE(page.find("/preferences?lang=en&amp;back=%2Fdatasets%3Fq%3Da%26b"), std::string::npos);
    EXPECT_NE(page.find("/preferences?large=1&amp;back="), std::string::npos);
    auto context = chinese_page();
    context.large = true;
    EXPECT_NE(render("error", problem_view("x"), context).find("<html lang=\"zh-CN\" class=\"large\">"),
              std::string::npos);
}

TEST(Rendering, TreatsEmptyTextAsAbsent) {
    auto view = problem_view("x");
    view["detail"] = "";
    auto without = render_alone("error", view, chinese_page());
    view["detail"] = "原因";
    auto with = render_alone("error", view, chinese_page());
    EXPECT_EQ(without.find("<p></p>"), std::string::npos);
    EXPECT_NE(with.find("<p>原因</p>"), std::string::npos);
}

TEST(Rendering, RefusesATemplateThatDoesNotExist) {
    EXPECT_THROW(render_alone("none", Json::object(), chinese_page()), std::logic_error);
}

TEST(Assets, ReadsStylesOfSharedChunksFirst) {
    auto assets = assets_of_manifest(R"({
        "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"]},
        "portal/main.ts": {"file": "assets/portal-2.js", "imports": ["_shared.js"],
        "css": ["assets/portal-2.css"]}
    })",
                                     "portal/main.ts");
    EXPECT_EQ(assets.styles, (std::vector<std::string>{"/assets/shared-1.css", "/assets/portal-2.css"}));
    EXPECT_EQ(assets.scripts, (std::vector<std::string>{"/assets/portal-2.js"}));
}

TEST(Assets, AreEmptyForAnUnknownEntry) {
    EXPECT_TRUE(assets_of_manifest("{}", "portal/main.ts").scripts.empty());
    EXPECT_THROW(assets_of_manifest("not json", "portal/main.ts"), Json::exception);
}

TEST(Numbers, AreGroupedByThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace pengcheng::pages
