#pragma once

#include <pengcheng/catalogue/resource.hpp>

#include <string_view>
#include <vector>

namespace pengcheng::catalogue {

/// The entry as written: what `edition.content` holds.
Json input_to_json(const ResourceInput& input);

/// One edition with the names that only this area needs.
struct Edition {
    Resource resource;
    std::string slot;  ///< working | published
    std::string created_by;
    std::string edited_by;
    std::string submitted_by;
};

/// Who acts, as kept beside editions: the account, or the name where there is none (CLI, packs).
std::string actor_of(const Principal& who);

/// Locks the entry until the transaction ends and reads its editions, the working version first.
/// Empty: no such entry.
asio::awaitable<std::vector<Edition>> lock_editions(db::Transaction& tx, std::string ref);

/// Locks, and answers the newest edition when `who` may know of it and `version` is still its version.
asio::awaitable<Result<Edition>> lock_newest(db::Transaction& tx, const Principal& who, std::string ref,
                                             std::int64_t version);

/// Writes the edition with the next version and its search document.
asio::awaitable<void> save(db::Transaction& tx, Edition& edition);

/// Gives back names that no living edition bears any more.
asio::awaitable<void> release_names(db::Transaction& tx, std::string ref);

/// Notes the step for people (history) and for the record (audit event), and reads the edition back.
/// `keep_content`: the history keeps what was published.
asio::awaitable<Resource> note_step(db::Transaction& tx, const Principal& who, const Edition& edition,
                                    std::string_view action, std::string note, bool keep_content = false);

}  // namespace pengcheng::catalogue
