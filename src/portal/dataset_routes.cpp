#include "portal/datasets.hpp"
#include "portal/problems.hpp"
#include "portal/route_tables.hpp"
#include "portal/schemas.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::portal {

namespace {

constexpr std::array<std::string_view, 4> download_formats{"csv", "json", "ndjson", "xlsx"};

asio::awaitable<Json> with_rows(db::Pool& db, Dataset dataset, bool chinese) {
    Json out = brief_json(dataset, chinese);
    auto table = co_await store::current(db, dataset.resource);
    out["rows"] = table ? Json(table->rows) : Json(nullptr);
    out["data_time"] = table ? Json(table->loaded_at) : Json(nullptr);
    co_return out;
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    constexpr int limit_max = 100;
    DatasetFilter filter{.q = call.query("q").value_or(""),
                         .theme = call.query("theme").value_or(""),
                         .organization = call.query("organization").value_or(""),
                         .sort = call.query("sort").value_or("")};
    filter.limit = call.limit(20, limit_max);
    if (auto cursor = call.query("cursor")) {
        auto before = base64_decode(*cursor);
        if (!before || !valid_utf8(*before)) {
            co_return http::Reply::of(problem::invalid_input.at("/cursor"));
        }
        filter.before = *before;
    }
    int limit = filter.limit++;
    auto found = co_await list_datasets(call.db, filter);
    std::int64_t total = found.empty() ? 0 : found.front().total;
    bool more = static_cast<int>(found.size()) > limit;
    if (more) {
        found.pop_back();
    }
    Json items = Json::array();
    for (const auto& dataset : found) {
        auto item = co_await with_rows(call.db, dataset, call.who.chinese);
        items.push_back(std::move(item));
    }
    Json next = more ? Json(base64url(found.back().sort_key)) : Json(nullptr);
    co_return http::Reply::ok({{"items", std::move(items)}, {"next_cursor", next}, {"total", total}});
}

asio::awaitable<http::Reply> view_route(http::Call call) {
    auto dataset = co_await find_dataset(call.db, call.param("slug"));
    if (!dataset) {
        co_return http::Reply::of(problem::no_dataset.plain());
    }
    Json out = co_await with_rows(call.db, *dataset, call.who.chinese);
    out["resource"] = dataset->resource;
    out["items"] = dataset->items;
    out["region_scope"] = dataset->region_scope;
    out["time_from"] = dataset->time_from;
    out["time_to"] = dataset->time_to;
    out["source_note"] = dataset->source_note;
    out["contact"] = dataset->contact;
    out["formats"] = Json::array();
    if (dataset->open_type == "unconditional") {
        for (auto format : download_formats) {
            std::string url =
                call.base_url() + "/api/v1/open/data/" + dataset->slug + "." + std::string(format);
            out["formats"].push_back({{"format", format}, {"url", std::move(url)}});
        }
    }
    co_return http::Reply::ok(out);
}

asio::awaitable<http::Reply> chart_route(http::Call call) {
    auto dataset = co_await find_dataset(call.db, call.param("slug"));
    if (!dataset) {
        co_return http::Reply::of(problem::no_dataset.plain());
    }
    auto view = co_await open_view(call.db, *dataset);
    if (!view) {
        co_return http::Reply::of(view.error());
    }
    audit::Access access = view->access;
    access.channel = "chart";
    Json chart = co_await chart_of(call.db, *dataset, std::move(*view), call.who.chinese);
    http::Reply reply = http::Reply::ok(chart);
    auto points = static_cast<std::int64_t>(chart["x"].is_object() ? chart["x"]["values"].size() : 0);
    if (points > 0) {
        co_await audit::delivered(call.db, call.who, std::move(access), points,
                                  static_cast<std::int64_t>(reply.body.size()));
    }
    co_return reply;
}

/// `{slug}` may end in a format: bus-stops.csv. A slug itself has no dot.
asio::awaitable<http::Reply> rows_route(http::Call call) {
    std::string slug = call.param("slug");
    std::string format;
    if (auto dot = slug.find('.'); dot != std::string::npos) {
        format = slug.substr(dot + 1);
        slug.resize(dot);
        bool known = format == "geojson" || std::find(download_formats.begin(), download_formats.end(),
                                                      format) != download_formats.end();
        if (!known) {
            co_return http::Reply::of(problem::no_dataset.because(
                "没有这种格式；可用 csv、json、ndjson、xlsx、geojson",
                "There is no such format; use csv, json, ndjson, xlsx or geojson"));
        }
    }
    auto dataset = co_await find_dataset(call.db, slug);
    if (!dataset) {
        co_return http::Reply::of(problem::no_dataset.plain());
    }
    auto view = co_await open_view(call.db, *dataset);
    if (!view) {
        co_return http::Reply::of(view.error());
    }
    Day today = call.runtime.today();
    auto& db = call.db;
    auto reply = co_await rows::serve(call, std::make_shared<const rows::View>(std::move(*view)), format);
    if (reply.status < 300) {
        co_await count_use(db, slug, format.empty() ? "api" : "download", today);
    }
    co_return reply;
}

}  // namespace

http::Routes dataset_routes() {
    using enum http::Verb;
    return {
        {.verb = get,
         .path = "/api/v1/open/datasets",
         .permission = "portal.dataset.list",
         .reply = &dataset_list,
         .summary = "开放数据集列表 / Open data sets",
         .uses = {&dataset_schema, &named_code},
         .query = {"q", "theme", "organization", "sort", "cursor", "limit"},
         .run = list_route},
        {.verb = get,
         .path = "/api/v1/open/datasets/{slug}",
         .permission = "portal.dataset.view",
         .reply = &dataset_schema,
         .summary = "开放数据集 / One open data set",
         .uses = {&named_code},
         .run = view_route},
        {.verb = get,
         .path = "/api/v1/open/datasets/{slug}/chart",
         .permission = "portal.dataset.chart",
         .reply = &chart_schema,
         .summary = "数据集图表 / Chart of a data set",
         .run = chart_route},
        {.verb = get,
         .path = "/api/v1/open/data/{slug}",
         .permission = "portal.data.read",
         .summary = "开放数据 / Open rows",
         .query = {"select", "order", "limit", "offset"},
         .run = rows_route},
    };
}

}  // namespace pengcheng::portal
