#include "identity/known_callers.hpp"

#include <pengcheng/db/changes.hpp>

namespace pengcheng::identity {

namespace {

/// About 10 MB a thread; a flood of distinct tokens empties the map rather than grow it.
constexpr std::size_t entries_max = 10000;

}  // namespace

KnownCallers& KnownCallers::by_token() {
    thread_local KnownCallers one;
    return one;
}

KnownCallers& KnownCallers::by_session() {
    thread_local KnownCallers one;
    return one;
}

const http::Authenticated* KnownCallers::find(std::string_view credential, Time now) {
    std::uint64_t epoch = db::changes(db::Topic::identity);
    if (epoch != epoch_) {
        entries_.clear();
        epoch_ = epoch;
        return nullptr;
    }
    auto found = entries_.find(credential);
    if (found == entries_.end() || found->second.until <= now) {
        return nullptr;
    }
    return &found->second.caller;
}

void KnownCallers::keep(std::string_view credential, const http::Authenticated& caller, Time until,
                        std::uint64_t epoch) {
    if (epoch != epoch_) {
        return;  // rights moved while the caller was looked up
    }
    if (entries_.size() >= entries_max) {
        entries_.clear();
    }
    entries_.insert_or_assign(std::string(credential), Entry{caller, until});
}

}  // namespace pengcheng::identity
