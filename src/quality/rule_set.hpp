#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/rules/check.hpp>

#include <boost/asio/awaitable.hpp>

#include <set>
#include <string>
#include <vector>

/// Which rules hold for a resource: those that follow from its items, and its own.
namespace pengcheng::quality {

namespace asio = boost::asio;

std::vector<rules::Item> rule_items(const catalogue::ResourceInput& resource);

rules::RuleSpec spec_from_json(const Json& rule);
Json to_json(const rules::RuleSpec& spec);  ///< as stored and shown, with dimension and indicator

/// The derived rules with the severities and titles that `stored` gives them, then the own rules of
/// `stored` whose item is still there. Pure.
std::vector<rules::RuleSpec> effective_rules(const std::vector<rules::Item>& items,
                                             const std::vector<rules::RuleSpec>& stored);

/// What the resource stores: own rules and changed derived ones.
asio::awaitable<std::vector<rules::RuleSpec>> stored_rules(db::Pool& db, std::string ref);
asio::awaitable<std::vector<rules::RuleSpec>> stored_rules(db::Transaction& tx, std::string ref);
/// Codes of the code lists that items and rules name.
std::set<std::string> list_codes(const std::vector<rules::Item>& items,
                                 const std::vector<rules::RuleSpec>& specs);
/// Values of every code list that the items and rules name. Lists that are not there are left out.
asio::awaitable<rules::CodeLists> code_lists(db::Pool& db, std::vector<rules::Item> items,
                                             std::vector<rules::RuleSpec> specs);
asio::awaitable<rules::CodeLists> code_lists(db::Transaction& tx, std::vector<rules::Item> items,
                                             std::vector<rules::RuleSpec> specs);

/// Takes out of `specs` the rules whose code list is not here: they cannot judge. -> those.
std::vector<rules::RuleSpec> take_listless(std::vector<rules::RuleSpec>& specs,
                                           const std::vector<rules::Item>& items,
                                           const rules::CodeLists& lists);

/// Gives each rule that has no title one, from its item and kind.
void add_titles(std::vector<rules::RuleSpec>& specs, const std::vector<rules::Item>& items);
/// Writes the resource's own rules and changed derived ones, and the audit event.
asio::awaitable<void> store_rules(db::Transaction& tx, const Principal& who, std::string ref,
                                  std::vector<rules::RuleSpec> specs);

asio::awaitable<Result<Json>> list_rules(db::Pool& db, std::string ref);  ///< {items}
asio::awaitable<Result<Json>> put_rules(db::Pool& db, const Principal& who, const Runtime& runtime,
                                        std::string ref, Json sent);

}  // namespace pengcheng::quality
