#pragma once

#include <pengcheng/catalogue/resource.hpp>

/// What declarative packs need beside adding: reading everything in their transaction, who uses what, and
/// taking away.
namespace pengcheng::catalogue {

/// Codes of every code list, in order.
asio::awaitable<std::vector<std::string>> code_list_codes(db::Transaction& tx);

/// A column of an entry (any edition) whose values come from a code list.
struct CodeListUse {
    std::string ref;
    std::string name;  ///< of the entry
    std::string column;
};
asio::awaitable<std::vector<CodeListUse>> code_list_uses(db::Transaction& tx, std::string code);
asio::awaitable<void> remove_code_list(db::Transaction& tx, const Principal& who, std::string code);

/// refs of every entry that is not retired, in order.
asio::awaitable<std::vector<std::string>> living_refs(db::Transaction& tx);
/// How many of them an organization provides.
asio::awaitable<long> entry_count(db::Transaction& tx, std::string organization);

}  // namespace pengcheng::catalogue
