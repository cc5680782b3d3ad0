#include "quality/rule_set.hpp"

#include <pengcheng/quality/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr std::string_view pack_prefix = "pack.";

constexpr db::Statement refs_with_pack_rules_sql{"quality.list_refs_with_pack_rules", R"sql(
    SELECT ref FROM quality.rule_set
     WHERE EXISTS (SELECT FROM jsonb_array_elements(rules) rule WHERE starts_with(rule ->> 'id', 'pack.'))
     ORDER BY ref
)sql"};

bool of_pack(const rules::RuleSpec& spec) {
    return spec.id.starts_with(pack_prefix);
}

}  // namespace

asio::awaitable<Json> pack_rules(db::Transaction& tx, std::string ref) {
    Json out = Json::array();
    for (const rules::RuleSpec& spec : co_await stored_rules(tx, std::move(ref))) {
        if (of_pack(spec)) {
            out.push_back({{"kind", spec.kind},
                           {"item", spec.item},
                           {"params", spec.params.is_object() ? spec.params : Json::object()},
                           {"severity", spec.severity},
                           {"title", spec.title}});
        }
    }
    co_return out;
}

asio::awaitable<std::vector<std::string>> refs_with_pack_rules(db::Transaction& tx) {
    co_return co_await tx.all<std::string>(refs_with_pack_rules_sql);
}

asio::awaitable<void> remove_pack_rules(db::Transaction& tx, const Principal& who, std::string ref) {
    auto specs = co_await stored_rules(tx, ref);
    std::erase_if(specs, of_pack);
    co_await store_rules(tx, who, std::move(ref), std::move(specs));
}

PENGCHENG_STATEMENTS(refs_with_pack_rules_sql);

}  // namespace pengcheng::quality
