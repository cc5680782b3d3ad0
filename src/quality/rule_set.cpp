#include "quality/rule_set.hpp"

#include "quality/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/quality/quality.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr db::Statement find_rules_sql{"quality.find_rules", R"sql(
    SELECT rules FROM quality.rule_set WHERE ref = $1
)sql"};

constexpr db::Statement put_rules_sql{"quality.put_rules", R"sql(
    INSERT INTO quality.rule_set (ref, rules, updated_by) VALUES ($1, $2::jsonb, $3)
    ON CONFLICT (ref) DO UPDATE
       SET rules = excluded.rules, updated_by = excluded.updated_by, updated_at = now()
)sql"};
PENGCHENG_STATEMENTS(find_rules_sql, put_rules_sql);

bool is_derived(const rules::RuleSpec& spec) {
    return spec.id.starts_with("derived.");
}

template <class List>
auto find_id(List& specs, const std::string& id) {
    return std::ranges::find(specs, id, &rules::RuleSpec::id);
}

Json shown(const std::vector<rules::RuleSpec>& specs) {
    Json items = Json::array();
    for (const rules::RuleSpec& spec : specs) {
        items.push_back(to_json(spec));
    }
    return {{"items", std::move(items)}};
}

/// Own rules without id get one; ids must differ, and a derived one must be among `derived`.
Result<void> settle_ids(std::vector<rules::RuleSpec>& specs, const std::vector<rules::RuleSpec>& derived) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        rules::RuleSpec& spec = specs[i];
        std::string pointer = "/rules/" + std::to_string(i) + "/id";
        for (int n = 1; spec.id.empty(); ++n) {
            std::string id = "own." + spec.kind + "." + spec.item + "." + std::to_string(n);
            if (!seen.contains(id) && find_id(specs, id) == specs.end()) {
                spec.id = id;
            }
        }
        if (!seen.insert(spec.id).second) {
            return problem::bad_rule_id.at(pointer, "规则编号重复", "Two rules have this id");
        }
        auto origin = find_id(derived, spec.id);
        bool same = origin != derived.end() && origin->kind == spec.kind && origin->item == spec.item;
        if (is_derived(spec) && !same) {
            return problem::bad_rule_id.at(
                pointer, "没有这条自动规则；自有规则的编号不能以 derived. 开头",
                "No such derived rule; ids of own rules do not begin with derived.");
        }
    }
    return {};
}

/// Derived rules as they are need no place in the store.
void drop_unchanged(std::vector<rules::RuleSpec>& specs, const std::vector<rules::RuleSpec>& derived) {
    std::erase_if(specs, [&](const rules::RuleSpec& spec) {
        auto origin = find_id(derived, spec.id);
        return origin != derived.end() && origin->severity == spec.severity && origin->title == spec.title;
    });
}

template <class Db>
asio::awaitable<std::vector<rules::RuleSpec>> read_rules(Db& db, std::string ref) {
    auto stored = co_await db.template find<Json>(find_rules_sql, ref);
    std::vector<rules::RuleSpec> out;
    if (stored) {
        for (const Json& rule : *stored) {
            out.push_back(spec_from_json(rule));
        }
    }
    co_return out;
}

template <class Db>
asio::awaitable<rules::CodeLists> read_lists(Db& db, std::set<std::string> codes) {
    rules::CodeLists out;
    for (const std::string& code : codes) {
        auto list = co_await catalogue::code_list(db, code);
        if (list) {
            for (const auto& value : list->ordered) {
                out[code].insert(value.value);
            }
        }
    }
    co_return out;
}

}  // namespace

void add_titles(std::vector<rules::RuleSpec>& specs, const std::vector<rules::Item>& items) {
    for (rules::RuleSpec& spec : specs) {
        auto item = std::ranges::find(items, spec.item, &rules::Item::column);
        const rules::SpecKind* kind = rules::find_kind(spec.kind);
        if (spec.title.empty() && item != items.end() && kind != nullptr) {
            spec.title =
                (item->label.empty() ? item->column : item->label) + "：" + std::string(kind->title_zh);
        }
    }
}

std::vector<rules::Item> rule_items(const catalogue::ResourceInput& resource) {
    std::vector<rules::Item> out;
    for (const catalogue::Item& item : resource.items) {
        out.push_back({.column = item.column,
                       .label = item.name,
                       .type = item.type,
                       .length = item.length.value_or(0),
                       .scale = item.scale.value_or(0),
                       .nullable = item.nullable,
                       .primary_key = item.primary_key,
                       .code_list = item.code_list,
                       .element = item.element});
    }
    return out;
}

rules::RuleSpec spec_from_json(const Json& rule) {
    rules::RuleSpec out{.id = rule.value("id", ""),
                        .kind = rule.at("kind").get<std::string>(),
                        .item = rule.at("item").get<std::string>()};
    out.params = rule.value("params", Json());
    out.severity = rule.value("severity", "major");
    out.title = rule.value("title", "");
    return out;
}

Json to_json(const rules::RuleSpec& spec) {
    const rules::SpecKind* kind = rules::find_kind(spec.kind);
    return {{"id", spec.id},
            {"kind", spec.kind},
            {"item", spec.item},
            {"params", spec.params.is_object() ? spec.params : Json::object()},
            {"severity", spec.severity},
            {"title", spec.title},
            {"derived", is_derived(spec)},
            {"dimension", kind == nullptr ? "" : kind->dimension},
            {"indicator", kind == nullptr ? "" : kind->indicator}};
}

std::vector<rules::RuleSpec> effective_rules(const std::vector<rules::Item>& items,
                                             const std::vector<rules::RuleSpec>& stored) {
    std::vector<rules::RuleSpec> out = rules::derive(items);
    for (const rules::RuleSpec& spec : stored) {
        auto derived = find_id(out, spec.id);
        bool has_item = std::ranges::find(items, spec.item, &rules::Item::column) != items.end();
        if (derived != out.end()) {
            derived->severity = spec.severity;
            derived->title = spec.title;
        } else if (!is_derived(spec) && has_item) {
            out.push_back(spec);
        }
    }
    return out;
}

asio::awaitable<std::vector<rules::RuleSpec>> stored_rules(db::Pool& db, std::string ref) {
    return read_rules(db, std::move(ref));
}

asio::awaitable<std::vector<rules::RuleSpec>> stored_rules(db::Transaction& tx, std::string ref) {
    return read_rules(tx, std::move(ref));
}

asio::awaitable<std::vector<rules::RuleSpec>> blocking_rules(db::Pool& db, std::string ref,
                                                             std::vector<rules::Item> items) {
    auto stored = co_await stored_rules(db, std::move(ref));
    auto specs = effective_rules(items, stored);
    std::erase_if(specs, [](const rules::RuleSpec& spec) {
        const rules::SpecKind* kind = rules::find_kind(spec.kind);
        return spec.severity != "block" || kind == nullptr || kind->set;
    });
    co_return specs;
}

std::set<std::string> list_codes(const std::vector<rules::Item>& items,
                                 const std::vector<rules::RuleSpec>& specs) {
    std::set<std::string> codes;
    for (const rules::Item& item : items) {
        codes.insert(item.code_list);
    }
    for (const rules::RuleSpec& spec : specs) {
        if (spec.params.is_object() && spec.params.contains("code_list")) {
            codes.insert(spec.params["code_list"].get<std::string>());
        }
    }
    codes.erase("");
    return codes;
}

asio::awaitable<rules::CodeLists> code_lists(db::Pool& db, std::vector<rules::Item> items,
                                             std::vector<rules::RuleSpec> specs) {
    return read_lists(db, list_codes(items, specs));
}

asio::awaitable<rules::CodeLists> code_lists(db::Transaction& tx, std::vector<rules::Item> items,
                                             std::vector<rules::RuleSpec> specs) {
    return read_lists(tx, list_codes(items, specs));
}

std::vector<rules::RuleSpec> take_listless(std::vector<rules::RuleSpec>& specs,
                                           const std::vector<rules::Item>& items,
                                           const rules::CodeLists& lists) {
    auto listless = [&](const rules::RuleSpec& spec) {
        if (spec.kind != "code_list") {
            return false;
        }
        auto item = std::ranges::find(items, spec.item, &rules::Item::column);
        std::string code = item == items.end() ? "" : item->code_list;
        if (spec.params.is_object() && spec.params.contains("code_list")) {
            code = spec.params["code_list"].get<std::string>();
        }
        return !lists.contains(code);
    };
    std::vector<rules::RuleSpec> out;
    std::ranges::copy_if(specs, std::back_inserter(out), listless);
    std::erase_if(specs, listless);
    return out;
}

asio::awaitable<void> store_rules(db::Transaction& tx, const Principal& who, std::string ref,
                                  std::vector<rules::RuleSpec> specs) {
    Json stored = shown(specs)["items"];
    Json detail = {{"rules", specs.size()}};
    co_await tx.run(put_rules_sql, ref, std::move(stored), who.name);
    co_await audit::record(tx, who, "quality.rule.update", std::move(ref), std::move(detail));
}

asio::awaitable<Result<Json>> list_rules(db::Pool& db, std::string ref) {
    auto resource = co_await catalogue::find(db, ref);
    if (!resource) {
        co_return problem::no_resource.plain();
    }
    auto stored = co_await stored_rules(db, ref);
    co_return shown(effective_rules(rule_items(*resource), stored));
}

asio::awaitable<Result<Json>> put_rules(db::Pool& db, const Principal& who, const Runtime& runtime,
                                        std::string ref, Json sent) {
    auto resource = co_await catalogue::find(db, ref);
    if (!resource) {
        co_return problem::no_resource.plain();
    }
    std::vector<rules::RuleSpec> specs;
    for (const Json& rule : sent) {
        specs.push_back(spec_from_json(rule));
    }
    auto items = rule_items(*resource);
    auto derived = rules::derive(items);
    auto settled = settle_ids(specs, derived);
    if (!settled) {
        co_return settled.error();
    }
    add_titles(specs, items);
    auto lists = co_await code_lists(db, items, specs);
    auto compiled = rules::CompiledRules::compile(items, specs, std::move(lists), runtime.today());
    if (!compiled) {
        co_return compiled.error();
    }
    drop_unchanged(specs, derived);
    auto tx = co_await db.begin();
    co_await store_rules(tx, who, std::move(ref), specs);
    co_await tx.commit();
    co_return shown(effective_rules(items, specs));
}

}  // namespace pengcheng::quality
