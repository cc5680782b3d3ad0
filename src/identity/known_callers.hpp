#pragma once

#include <pengcheng/base/time.hpp>
#include <pengcheng/http/server.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pengcheng::identity {

/// Who was found for a credential (a bearer token, a session cookie), kept while nothing that decides
/// identity changes. A repeated caller then costs one hash and no database.
/// Thread: one per thread, used on it only.
class KnownCallers {
public:
    // Apart, so that a token sent as a cookie is no session.
    static KnownCallers& by_token();
    static KnownCallers& by_session();

    /// Nothing when unknown, when `until` has passed, or when rights changed since.
    [[nodiscard]] const http::Authenticated* find(std::string_view credential, Time now);
    /// `epoch` is db::changes(identity) as it was before the caller was looked up.
    void keep(std::string_view credential, const http::Authenticated& caller, Time until,
              std::uint64_t epoch);

private:
    struct Entry {
        http::Authenticated caller;
        Time until;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
    std::uint64_t epoch_ = 0;
};

}  // namespace pengcheng::identity
