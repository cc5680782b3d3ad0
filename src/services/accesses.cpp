#include "services/accesses.hpp"

#include "services/items.hpp"

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/identity/callers.hpp>

namespace pengcheng::services {

namespace {

/// Names of codes and refs, each looked up once.
struct Names {
    std::map<std::string, std::string> organizations;
    std::map<std::string, std::string> resources;
    std::map<std::string, std::map<std::string, std::string>> items;  ///< ref -> column -> name
    std::map<std::string, identity::Caller> callers;
    std::optional<catalogue::CodeList> purposes;
    /// The name of the system that read; nothing for people: the department stands for them.
    [[nodiscard]] std::string system(const std::string& principal) const {
        const auto caller = callers.find(principal);
        return caller != callers.end() && caller->second.system ? caller->second.name : "";
    }
    [[nodiscard]] std::vector<std::string> fields(const audit::AccessRecord& record) const {
        const auto of_resource = items.find(record.resource);
        std::vector<std::string> out;
        for (const auto& column : record.fields) {
            const bool known = of_resource != items.end() && of_resource->second.contains(column);
            out.push_back(known ? of_resource->second.at(column) : column);
        }
        return out;
    }
    /// The name of a purpose code; what is no code of the list stays as it is.
    [[nodiscard]] std::string purpose(const std::string& code) const {
        if (!purposes || !purposes->values.contains(code)) {
            return code;
        }
        return purposes->values.at(code);
    }
};

asio::awaitable<void> learn(db::Pool& db, Names& names, audit::AccessRecord record) {
    auto [organization, new_organization] = names.organizations.try_emplace(record.organization);
    if (new_organization && !record.organization.empty()) {
        organization->second = co_await organization_name(db, record.organization);
    }
    auto [resource, new_resource] = names.resources.try_emplace(record.resource);
    if (new_resource) {
        auto found = co_await catalogue::find(db, record.resource);
        resource->second = found ? found->name : record.resource;
        for (const auto& item : found ? found->items : std::vector<catalogue::Item>{}) {
            names.items[record.resource].emplace(item.column, item.name);
        }
    }
}

}  // namespace

asio::awaitable<Json> accesses_json(db::Pool& db, audit::AccessFilter filter) {
    const int limit = filter.limit;
    filter.limit += 1;
    auto records = co_await audit::accesses(db, std::move(filter));
    Json reply{{"items", Json::array()}};
    if (static_cast<int>(records.size()) > limit) {
        records.resize(static_cast<std::size_t>(limit));
        reply["next_cursor"] = records.back().id;
    }
    Names names;
    names.purposes = co_await catalogue::code_list(db, "purpose");
    std::set<std::string> principals;
    for (const auto& record : records) {
        principals.insert(record.principal);
    }
    std::vector<std::string> asked(principals.begin(), principals.end());
    names.callers = co_await identity::callers(db, std::move(asked));
    for (const auto& record : records) {
        co_await learn(db, names, record);
        reply["items"].push_back({{"id", record.id},
                                  {"at", record.at},
                                  {"organization", record.organization},
                                  {"organization_name", names.organizations[record.organization]},
                                  {"system", names.system(record.principal)},
                                  {"resource", record.resource},
                                  {"resource_name", names.resources[record.resource]},
                                  {"channel", record.channel},
                                  {"purpose", names.purpose(record.purpose)},
                                  {"fields", record.fields},
                                  {"field_names", names.fields(record)},
                                  {"rows", record.rows},
                                  {"outcome", record.outcome},
                                  {"case_no", record.case_no}});
    }
    co_return reply;
}

}  // namespace pengcheng::services
