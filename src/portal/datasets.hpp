#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/rows/view.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pengcheng::portal {

namespace asio = boost::asio;

struct Dataset {
    std::string slug;
    std::string resource;  ///< ref
    std::string organization, organization_name;
    int version = 0;
    std::string title, abstract;
    std::string open_type;
    Json items;  ///< [{column, mask, name, type, unit, code_list, element, description}]
    std::string licence, theme;
    std::vector<std::string> keywords;
    std::string update_cycle, region_scope, time_from, time_to;
    bool synthetic = false;
    std::string source_note, contact;
    std::string published_at, updated_at;
    std::int64_t page_uses = 0, api_uses = 0, download_uses = 0;
    std::string sort_key;    ///< place in its list; the cursor
    std::int64_t total = 0;  ///< of its list
};

constexpr auto describe(db::RowOf<Dataset>) {
    return db::columns(
        db::column("slug", &Dataset::slug), db::column("resource", &Dataset::resource),
        db::column("organization", &Dataset::organization),
        db::column("organization_name", &Dataset::organization_name),
        db::column("version", &Dataset::version), db::column("title", &Dataset::title),
        db::column("abstract", &Dataset::abstract), db::column("open_type", &Dataset::open_type),
        db::column("items", &Dataset::items), db::column("licence", &Dataset::licence),
        db::column("theme", &Dataset::theme), db::column("keywords", &Dataset::keywords),
        db::column("update_cycle", &Dataset::update_cycle),
        db::column("region_scope", &Dataset::region_scope), db::column("time_from", &Dataset::time_from),
        db::column("time_to", &Dataset::time_to), db::column("synthetic", &Dataset::synthetic),
        db::column("source_note", &Dataset::source_note), db::column("contact", &Dataset::contact),
        db::column("published_at", &Dataset::published_at), db::column("updated_at", &Dataset::updated_at),
        db::column("page_uses", &Dataset::page_uses), db::column("api_uses", &Dataset::api_uses),
        db::column("download_uses", &Dataset::download_uses), db::column("sort_key", &Dataset::sort_key),
        db::column("total", &Dataset::total));
}

struct DatasetFilter {
    std::string q, theme, organization;
    std::string sort;    ///< relevance (with q the default), updated (else the default), uses
    std::string before;  ///< sort_key of the last one seen
    int limit = 20;
    int offset = 0;  ///< of pages, which count; the API uses `before`
};
asio::awaitable<std::vector<Dataset>> list_datasets(db::Pool& db, DatasetFilter filter);
asio::awaitable<std::optional<Dataset>> find_dataset(db::Pool& db, std::string slug);

/// Data sets by theme and by department: {code, name, count}.
struct Facet {
    std::string code, name;
    std::int64_t count = 0;
};
constexpr auto describe(db::RowOf<Facet>) {
    return db::columns(db::column("code", &Facet::code), db::column("name", &Facet::name),
                       db::column("count", &Facet::count));
}
asio::awaitable<std::vector<Facet>> count_by_theme(db::Pool& db);
asio::awaitable<std::vector<Facet>> count_by_organization(db::Pool& db);
/// Downloads and API calls of all data sets.
asio::awaitable<std::int64_t> count_uses(db::Pool& db);

/// `channel`: page, api, download. Costs no wait for the disk.
asio::awaitable<void> count_use(db::Pool& db, std::string slug, std::string channel, Day day);

/// Name of a data domain in the reader's language; the code itself when unknown.
std::string theme_name(std::string_view code, bool chinese);
std::string cycle_name(std::string_view code, bool chinese);
std::string type_name(std::string_view letter, bool chinese);

/// What may leave of a data set at this moment: its items less those that the entry has closed since.
/// portal.withdrawn when the entry was retired or closed, portal.on-application, portal.no-rows.
asio::awaitable<Result<rows::View>> open_view(db::Pool& db, Dataset dataset);

Json brief_json(const Dataset& dataset, bool chinese);

/// {kind, title, x, series, reason}; kept in the database until the rows change.
asio::awaitable<Json> chart_of(db::Pool& db, Dataset dataset, rows::View view, bool chinese);

}  // namespace pengcheng::portal
