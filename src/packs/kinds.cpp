#include "packs/kinds.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{organizations_kind, regions_kind, calendar_kind,     code_lists_kind,
                                       resources_kind,     rules_kind,   service_items_kind};
    return all;
}

const Kind* find_kind(std::string_view name) {
    for (const Kind& kind : kinds()) {
        if (kind.name == name) {
            return &kind;
        }
    }
    return nullptr;
}

Json without_empty(Json content) {
    for (auto member = content.begin(); member != content.end();) {
        const bool empty = member->is_null() ||
                           (member->is_string() && member->get_ref<std::string&>().empty()) ||
                           (member->is_structured() && member->empty());
        member = empty ? content.erase(member) : std::next(member);
    }
    return content;
}

void leave_as_is(const Json&, Json&) {
}

asio::awaitable<std::vector<Break>> nothing_breaks(db::Transaction&, std::string, Json, Json) {
    co_return std::vector<Break>{};
}

}  // namespace pengcheng::packs
