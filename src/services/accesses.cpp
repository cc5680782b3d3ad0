#include "services/accesses.hpp"

#include "services/items.hpp"

#include <pengcheng/catalogue/resource.hpp>

namespace pengcheng::services {

namespace {

/// Names of codes and refs, each looked up once.
struct Names {
    std::map<std::string, std::string> organizations;
    std::map<std::string, std::string> resources;
    std::optional<catalogue::CodeList> purposes;
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
    for (const auto& record : records) {
        co_await learn(db, names, record);
        reply["items"].push_back({{"id", record.id},
                                  {"at", record.at},
                                  {"organization", record.organization},
                                  {"organization_name", names.organizations[record.organization]},
                                  {"resource", record.resource},
                                  {"resource_name", names.resources[record.resource]},
                                  {"channel", record.channel},
                                  {"purpose", names.purpose(record.purpose)},
                                  {"fields", record.fields},
                                  {"rows", record.rows},
                                  {"outcome", record.outcome},
                                  {"case_no", record.case_no}});
    }
    co_return reply;
}

}  // namespace pengcheng::services
