#include "portal/page_parts.hpp"

#include <pengcheng/portal/proposal.hpp>

#include <array>

namespace pengcheng::portal {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> formats{
    {{"csv", "text/csv"},
     {"json", "application/json"},
     {"ndjson", "application/x-ndjson"},
     {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}}};

Json organization_node(const std::string& name) {
    return {{"@type", "GovernmentOrganization"}, {"name", name}};
}

std::string licence_of(const Dataset& dataset, const std::string& page) {
    for (const auto& licence : licences()) {
        if (licence.id == dataset.licence && !licence.url.empty()) {
            return std::string(licence.url);
        }
    }
    return page + "#licence";
}

}  // namespace

Json linked_dataset(const Dataset& dataset, const std::optional<store::Table>& table,
                    const std::string& base_url) {
    std::string page = base_url + "/datasets/" + dataset.slug;
    Json distribution = Json::array();
    if (dataset.open_type == "unconditional" && table) {
        for (const auto& [extension, type] : formats) {
            distribution.push_back({{"@type", "DataDownload"},
                                    {"encodingFormat", type},
                                    {"contentUrl", base_url + "/api/v1/open/data/" + dataset.slug + "." +
                                                       std::string(extension)}});
        }
    }
    Json variables = Json::array();
    for (const auto& item : dataset.items) {
        Json variable{
            {"@type", "PropertyValue"}, {"name", item.at("name")}, {"propertyID", item.at("column")}};
        if (std::string unit = item.value("unit", ""); !unit.empty()) {
            variable["unitText"] = unit;
        }
        variables.push_back(std::move(variable));
    }
    Json out{
        {"@context", "https://schema.org/"},
        {"@type", "Dataset"},
        {"@id", page},
        {"url", page},
        {"identifier", dataset.slug},
        {"name", dataset.title},
        {"description", dataset.abstract.empty() ? dataset.title : dataset.abstract},
        {"keywords", dataset.keywords},
        {"about", theme_name(dataset.theme, true)},
        {"creator", organization_node(dataset.organization_name)},
        {"publisher", organization_node(dataset.organization_name)},
        {"license", licence_of(dataset, page)},
        {"isAccessibleForFree", true},
        {"inLanguage", "zh-CN"},
        {"version", std::to_string(dataset.version)},
        {"datePublished", pages::day_of(dataset.published_at)},
        {"dateModified", pages::day_of(table ? table->loaded_at : dataset.updated_at)},
        {"variableMeasured", std::move(variables)},
        {"distribution", std::move(distribution)},
        {"includedInDataCatalog",
         {{"@type", "DataCatalog"}, {"name", "徐州市公共数据开放平台"}, {"url", base_url + "/datasets"}}}};
    if (!dataset.time_from.empty()) {
        out["temporalCoverage"] =
            dataset.time_from + "/" + (dataset.time_to.empty() ? ".." : dataset.time_to);
    }
    if (!dataset.region_scope.empty()) {
        out["spatialCoverage"] = dataset.region_scope;
    }
    return out;
}

}  // namespace pengcheng::portal
