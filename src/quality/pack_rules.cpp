#include "quality/problems.hpp"
#include "quality/rule_set.hpp"
#include "quality/schemas.hpp"

#include <pengcheng/http/schema.hpp>
#include <pengcheng/quality/quality.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr std::string_view pack_prefix = "pack.";

const http::Schemas& shapes() {
    static const http::Schemas compiled = http::Schemas::of_components(
        {{std::string(params_schema.name), Json::parse(params_schema.json)},
         {std::string(rule_input_schema.name), Json::parse(rule_input_schema.json)}});
    return compiled;
}

/// Every list that is named, without values: a list may stand in the database only.
rules::CodeLists named_lists(const std::vector<rules::Item>& items, const rules::RuleSpec& spec) {
    rules::CodeLists lists;
    for (const std::string& code : list_codes(items, {spec})) {
        lists[code];
    }
    return lists;
}

std::vector<FieldError> check_against(const rules::RuleSpec& spec, const std::vector<rules::Item>& items,
                                      const std::string& place) {
    auto compiled = rules::CompiledRules::compile(items, {spec}, named_lists(items, spec), Day{});
    std::vector<FieldError> faults;
    if (!compiled) {
        faults = compiled.error().errors;
        for (FieldError& fault : faults) {
            fault.pointer.replace(0, std::string_view("/rules/0").size(), place);
        }
    }
    return faults;
}

std::vector<rules::RuleSpec> pack_specs(const Json& sent) {
    std::vector<rules::RuleSpec> specs;
    std::map<std::string, int> count;
    for (const Json& rule : sent) {
        rules::RuleSpec spec = spec_from_json(rule);
        const std::string stem = std::string(pack_prefix) + spec.kind + "." + spec.item;
        spec.id = stem + "." + std::to_string(++count[stem]);
        specs.push_back(std::move(spec));
    }
    return specs;
}

}  // namespace

std::vector<FieldError> check_pack_rules(const Json& sent, const catalogue::ResourceInput* resource) {
    std::vector<FieldError> faults;
    const auto items = resource == nullptr ? std::vector<rules::Item>{} : rule_items(*resource);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const std::string place = "/rules/" + std::to_string(i);
        auto found = shapes().check(rule_input_schema.name, sent[i]);
        for (FieldError& fault : found) {
            fault.pointer = place + fault.pointer;
        }
        if (found.empty() && sent[i].contains("id")) {
            found.push_back(
                {place + "/id", "invalid", "配置包中的规则不带编号", "a rule of a pack has no id"});
        }
        if (found.empty() && rules::find_kind(sent[i].at("kind").get<std::string>()) == nullptr) {
            found.push_back({place + "/kind", "invalid", "没有这种规则", "there is no such kind of rule"});
        }
        if (found.empty() && resource != nullptr) {
            found = check_against(spec_from_json(sent[i]), items, place);
        }
        faults.insert(faults.end(), found.begin(), found.end());
    }
    return faults;
}

asio::awaitable<Result<void>> put_pack_rules(db::Transaction& tx, const Principal& who, std::string ref,
                                             Json sent) {
    auto resource = co_await catalogue::find(tx, ref);
    if (!resource) {
        co_return problem::no_resource.plain();
    }
    auto specs = pack_specs(sent);
    auto items = rule_items(*resource);
    auto lists = co_await code_lists(tx, items, specs);
    auto compiled = rules::CompiledRules::compile(items, specs, std::move(lists), Day{});
    if (!compiled) {
        co_return compiled.error();
    }
    add_titles(specs, items);
    for (rules::RuleSpec& spec : co_await stored_rules(tx, ref)) {
        if (!spec.id.starts_with(pack_prefix)) {
            specs.push_back(std::move(spec));
        }
    }
    co_await store_rules(tx, who, std::move(ref), std::move(specs));
    co_return Result<void>{};
}

}  // namespace pengcheng::quality
