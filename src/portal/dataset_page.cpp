#include "portal/page_parts.hpp"
#include "portal/problems.hpp"

#include <pengcheng/portal/proposal.hpp>

#include <algorithm>

namespace pengcheng::portal {

namespace {

constexpr int preview_rows = 10;
constexpr std::size_t preview_columns = 12;

Json item_rows(const Dataset& dataset, bool chinese) {
    Json out = Json::array();
    for (const auto& item : dataset.items) {
        out.push_back({{"name", item.at("name")},
                       {"column", item.at("column")},
                       {"type_name", type_name(item.at("type").get<std::string>(), chinese)},
                       {"unit", item.value("unit", "")},
                       {"masked", !item.value("mask", "").empty()},
                       {"description", item.value("description", "")}});
    }
    return out;
}

std::string cell_text(const Json& value) {
    if (value.is_null()) {
        return "";
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The first rows as a table that needs no script; the grid island takes its place.
Json preview_of(const Json& rows, const rows::View& view) {
    Json head = Json::array();
    std::size_t width = std::min(view.fields.size(), preview_columns);
    for (std::size_t i = 0; i < width; ++i) {
        head.push_back({{"label", view.fields[i].label}});
    }
    Json body = Json::array();
    for (const auto& row : rows) {
        Json cells = Json::array();
        for (std::size_t i = 0; i < width; ++i) {
            auto cell = row.find(view.fields[i].column);
            cells.push_back({{"text", cell == row.end() ? "" : cell_text(*cell)}});
        }
        body.push_back({{"cells", std::move(cells)}});
    }
    return {{"head", std::move(head)}, {"body", std::move(body)}};
}

/// Whether any item says something under that name: a column of blanks is not shown.
bool any_says(const Json& items, const char* member) {
    return std::any_of(items.begin(), items.end(),
                       [member](const Json& item) { return !item.at(member).get<std::string>().empty(); });
}

/// The first columns, as an example selects them.
std::string example_columns(const Json& items) {
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(items.size(), 2); ++i) {
        out += (i == 0 ? "" : ",") + items[i].at("column").get<std::string>();
    }
    return out;
}

/// The columns as the grid island needs them.
std::string grid_columns(const rows::View& view) {
    Json out = Json::array();
    for (const auto& field : view.fields) {
        out.push_back({{"column", field.column},
                       {"label", field.label},
                       {"type", field.mask.empty() ? field.type : "C"}});
    }
    return out.dump();
}

Json chart_table(const Json& chart) {
    if (chart.at("kind") == "none") {
        return {{"drawn", false}, {"reason", chart.at("reason")}};
    }
    Json rows = Json::array();
    const auto& names = chart.at("x").at("values");
    const auto& values = chart.at("series").at(0).at("values");
    for (std::size_t i = 0; i < names.size(); ++i) {
        rows.push_back({{"name", names[i]}, {"value", cell_text(values[i])}});
    }
    return {{"drawn", true},
            {"title", chart.at("title")},
            {"x_name", chart.at("x").at("name")},
            {"y_name", chart.at("series").at(0).at("name")},
            {"rows", std::move(rows)}};
}

Json licence_view(const Dataset& dataset, bool chinese) {
    for (const auto& licence : licences()) {
        if (licence.id == dataset.licence) {
            return {{"name", chinese ? licence.name_zh : licence.name_en},
                    {"text", licence.text_zh},
                    {"url", licence.url}};
        }
    }
    return {{"name", dataset.licence}, {"text", ""}, {"url", ""}};
}

Json described(const Dataset& dataset, const pages::PageContext& context) {
    bool chinese = context.chinese;
    Json keywords = Json::array();
    for (const auto& keyword : dataset.keywords) {
        keywords.push_back({{"word", keyword}});
    }
    Json items = item_rows(dataset, chinese);
    const bool any_unit = any_says(items, "unit");
    const bool any_note = any_says(items, "description");
    std::string period = dataset.time_from;
    if (!dataset.time_to.empty()) {
        period += (period.empty() ? "" : " – ") + dataset.time_to;
    }
    return {{"slug", dataset.slug},
            {"title", dataset.title},
            {"abstract", dataset.abstract},
            {"organization", dataset.organization},
            {"organization_name", dataset.organization_name},
            {"theme", dataset.theme},
            {"theme_name", theme_name(dataset.theme, chinese)},
            {"open_type_name", open_type_name(dataset.open_type, chinese)},
            {"cycle", cycle_name(dataset.update_cycle, chinese)},
            {"region_scope", dataset.region_scope},
            {"period", period},
            {"version", dataset.version},
            {"synthetic", dataset.synthetic},
            {"source_note", dataset.source_note},
            {"contact", dataset.contact},
            {"published", pages::day_of(dataset.published_at)},
            {"page_uses", pages::grouped(dataset.page_uses)},
            {"api_uses", pages::grouped(dataset.api_uses)},
            {"download_uses", pages::grouped(dataset.download_uses)},
            {"keywords", std::move(keywords)},
            {"licence", licence_view(dataset, chinese)},
            {"any_unit", any_unit},
            {"any_note", any_note},
            {"first_columns", example_columns(items)},
            {"items", std::move(items)},
            {"item_count", dataset.items.size()},
            {"rows_url", context.base_url + "/api/v1/open/data/" + dataset.slug},
            {"rows_path", "/api/v1/open/data/" + dataset.slug},
            {"first_column", dataset.items.empty() ? Json("") : dataset.items.at(0).at("column")}};
}

}  // namespace

asio::awaitable<http::Reply> dataset_page(http::Call call) {
    auto context = pages::context_of(call, "");
    context.section = "datasets";
    auto dataset = co_await find_dataset(call.db, call.param("slug"));
    if (!dataset) {
        co_return pages::error_page(problem::no_dataset.plain(), context);
    }
    auto table = co_await store::current(call.db, dataset->resource);
    context.title = dataset->title;
    context.description = dataset->abstract;
    context.linked_data = linked_dataset(*dataset, table, context.base_url);
    Json view = described(*dataset, context);
    view["rows"] = table ? pages::grouped(table->rows) : "";
    view["data_day"] = table ? pages::day_of(table->loaded_at) : "";

    auto opened = co_await open_view(call.db, *dataset);
    view["readable"] = opened.has_value();
    if (opened) {
        view["grid_columns"] = grid_columns(*opened);
        rows::QueryPairs query{{"limit", std::to_string(preview_rows)}};
        auto rows = co_await rows::fetch(call.db, call.who, *opened, query);
        view["preview"] = preview_of(rows ? *rows : Json::array(), *opened);
        view["chart"] = chart_table(co_await chart_of(call.db, *dataset, *opened, context.chinese));
    } else {
        const auto& why = opened.error();
        view["why"] = context.chinese ? why.type->title_zh : why.type->title_en;
        view["why_detail"] = context.chinese ? why.detail_zh : why.detail_en;
    }
    co_await count_use(call.db, dataset->slug, "page", call.runtime.today());
    co_return pages::page("dataset", view, context);
}

}  // namespace pengcheng::portal
