#include "portal/page_parts.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>

namespace pengcheng::portal {

namespace {

constexpr int page_size = 20;
constexpr int pages_max = 500;

struct ListQuery {
    std::string q, theme, organization, sort;

    /// This list with one thing changed; an empty value drops it, and paging starts anew.
    [[nodiscard]] std::string link(std::string_view name, std::string_view value) const {
        std::string out;
        auto add = [&](std::string_view key, const std::string& own) {
            std::string chosen = key == name ? std::string(value) : own;
            if (!chosen.empty()) {
                out += (out.empty() ? "?" : "&") + std::string(key) + "=" + percent_encode(chosen);
            }
        };
        add("q", q);
        add("theme", theme);
        add("organization", organization);
        add("sort", sort);
        add("page", "");
        return "/datasets" + out;
    }
};

Json theme_list(const std::vector<Facet>& facets, const ListQuery& query, bool chinese) {
    Json out = Json::array();
    for (const auto& facet : facets) {
        bool chosen = facet.code == query.theme;
        out.push_back({{"name", theme_name(facet.code, chinese)},
                       {"count", pages::grouped(facet.count)},
                       {"chosen", chosen},
                       {"link", query.link("theme", chosen ? "" : facet.code)}});
    }
    return out;
}

Json organization_list(const std::vector<Facet>& facets, const ListQuery& query) {
    Json out = Json::array();
    for (const auto& facet : facets) {
        bool chosen = facet.code == query.organization;
        out.push_back({{"name", facet.name},
                       {"count", pages::grouped(facet.count)},
                       {"chosen", chosen},
                       {"link", query.link("organization", chosen ? "" : facet.code)}});
    }
    return out;
}

asio::awaitable<Json> cards(db::Pool& db, std::vector<Dataset> found, bool chinese) {
    Json out = Json::array();
    for (const auto& dataset : found) {
        auto table = co_await store::current(db, dataset.resource);
        out.push_back(card(dataset, table, chinese));
    }
    co_return out;
}

Json paging(const ListQuery& query, int page, std::int64_t total) {
    auto last = std::max<std::int64_t>(1, (total + page_size - 1) / page_size);
    Json out{{"page", page}, {"last", last}, {"previous", ""}, {"next", ""}, {"many", last > 1}};
    if (page > 1) {
        out["previous"] = query.link("page", page == 2 ? "" : std::to_string(page - 1));
    }
    if (page < last && page < pages_max) {
        out["next"] = query.link("page", std::to_string(page + 1));
    }
    return out;
}

}  // namespace

std::string open_type_name(std::string_view open_type, bool chinese) {
    if (open_type == "conditional") {
        return chinese ? "有条件开放" : "On condition";
    }
    return chinese ? "无条件开放" : "Open to all";
}

Json card(const Dataset& dataset, const std::optional<store::Table>& table, bool chinese) {
    constexpr std::size_t abstract_length = 110;
    std::string abstract = utf8_prefix(dataset.abstract, abstract_length);
    if (abstract.size() < dataset.abstract.size()) {
        abstract += "…";
    }
    return {{"link", "/datasets/" + dataset.slug},
            {"title", dataset.title},
            {"abstract", abstract},
            {"organization_name", dataset.organization_name},
            {"theme_name", theme_name(dataset.theme, chinese)},
            {"cycle", cycle_name(dataset.update_cycle, chinese)},
            {"conditional", dataset.open_type == "conditional"},
            {"synthetic", dataset.synthetic},
            {"rows", table ? pages::grouped(table->rows) : ""},
            {"day", pages::day_of(table ? table->loaded_at : dataset.updated_at)},
            {"uses", pages::grouped(dataset.api_uses + dataset.download_uses)}};
}

asio::awaitable<http::Reply> home_page(http::Call call) {
    auto context = pages::context_of(call, "");
    context.section = "home";
    context.description =
        context.chinese ? "查找、下载和调用徐州市公共数据，在线办理政务服务事项，查看个人数据的使用记录。"
                        : "Find, download and call public data of Xuzhou, apply for government services "
                          "online, and see who used your data.";
    auto themes = co_await count_by_theme(call.db);
    auto organizations = co_await count_by_organization(call.db);
    auto uses = co_await count_uses(call.db);
    DatasetFilter newest{.sort = "updated", .limit = 6};
    auto found = co_await list_datasets(call.db, newest);
    std::int64_t total = found.empty() ? 0 : found.front().total;
    auto shown = co_await cards(call.db, std::move(found), context.chinese);
    Json site{{"@context", "https://schema.org/"},
              {"@type", "WebSite"},
              {"name", "彭城 · 徐州市公共数据与政务服务平台"},
              {"url", context.base_url + "/"},
              {"potentialAction",
               {{"@type", "SearchAction"},
                {"target", context.base_url + "/datasets?q={search_term_string}"},
                {"query-input", "required name=search_term_string"}}}};
    context.linked_data = site;
    Json view{{"datasets", pages::grouped(total)},
              {"organizations", pages::grouped(static_cast<std::int64_t>(organizations.size()))},
              {"uses", pages::grouped(uses)},
              {"themes", theme_list(themes, {}, context.chinese)},
              {"theme_count", themes.size()},
              {"newest", std::move(shown)}};
    co_return pages::page("home", view, context);
}

asio::awaitable<http::Reply> datasets_page(http::Call call) {
    ListQuery query{.q = utf8_prefix(call.query("q").value_or(""), 100),
                    .theme = call.query("theme").value_or(""),
                    .organization = call.query("organization").value_or(""),
                    .sort = call.query("sort").value_or("")};
    auto page = std::clamp<std::int64_t>(to_int(call.query("page").value_or("1")).value_or(1), 1, pages_max);
    auto context = pages::context_of(call, "");
    context.title = context.chinese ? "开放数据" : "Open data";
    if (!query.q.empty()) {
        context.title = query.q + " - " + context.title;
        context.index = false;
    }
    context.section = "datasets";
    context.query = query.q;
    context.description = context.chinese ? "按主题、部门和关键词查找徐州市开放的公共数据集。"
                                          : "Find open data sets of Xuzhou by theme, department and keyword.";
    DatasetFilter filter{
        .q = query.q, .theme = query.theme, .organization = query.organization, .sort = query.sort};
    filter.limit = page_size;
    filter.offset = (static_cast<int>(page) - 1) * page_size;
    auto found = co_await list_datasets(call.db, filter);
    std::int64_t total = found.empty() ? 0 : found.front().total;
    auto themes = co_await count_by_theme(call.db);
    auto organizations = co_await count_by_organization(call.db);
    auto shown = co_await cards(call.db, std::move(found), context.chinese);
    bool narrowed = !query.q.empty() || !query.theme.empty() || !query.organization.empty();
    bool relevance = query.sort == "relevance" || (query.sort.empty() && !query.q.empty());
    Json view{{"q", query.q},
              {"theme", query.theme},
              {"organization", query.organization},
              {"total", pages::grouped(total)},
              {"found", std::move(shown)},
              {"narrowed", narrowed},
              {"themes", theme_list(themes, query, context.chinese)},
              {"organizations", organization_list(organizations, query)},
              {"sorts",
               {{"with_relevance", !query.q.empty()},
                {"relevance", {{"link", query.link("sort", "relevance")}, {"chosen", relevance}}},
                {"updated",
                 {{"link", query.link("sort", "updated")}, {"chosen", !relevance && query.sort != "uses"}}},
                {"uses", {{"link", query.link("sort", "uses")}, {"chosen", query.sort == "uses"}}}}},
              {"paging", paging(query, static_cast<int>(page), total)}};
    co_return pages::page("datasets", view, context);
}

}  // namespace pengcheng::portal
