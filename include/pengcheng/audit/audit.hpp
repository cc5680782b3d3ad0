#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::audit {

namespace asio = boost::asio;

/// Leaves an event of a write in the write's own transaction: both or neither.
/// `action` is the permission-like name ("catalogue.resource.publish"), `object` the id or code.
asio::awaitable<void> record(db::Transaction& tx, const Principal& who, std::string_view action,
                             std::string_view object, Json detail = nullptr);

/// An event with no write beside it: sign-in refused, access denied.
asio::awaitable<void> note(db::Pool& db, const Principal& who, std::string_view action,
                           std::string_view object, Json detail = nullptr);

/// Rows that are about to leave, or were refused.
struct Access {
    std::string resource;  ///< resource ref
    std::string owner;     ///< organization code of the provider
    std::string grant;     ///< grant id, or empty (open data, own data)
    std::string channel;   ///< data-api, preview, export, prefill, sample, look-up, reject-file, failing-rows
    std::string purpose;
    std::vector<std::string> fields;
    std::string filter;   ///< as asked, masks of values not applied: keep it short
    std::string subject;  ///< account whose personal data it is, where known (shown on /my)
    std::string case_no;
};

/// Evidence of one delivery. strict mode: open() returns after its record is committed; a short reply
/// calls `delivered` once instead, also committed before the bytes leave.
asio::awaitable<std::string> open(db::Pool& db, const Principal& who, Access access);  ///< -> evidence id
asio::awaitable<void> close(db::Pool& db, std::string evidence_id, std::int64_t rows, std::int64_t bytes,
                            std::string outcome);  ///< outcome: complete, cut, failed
asio::awaitable<void> delivered(db::Pool& db, const Principal& who, Access access, std::int64_t rows,
                                std::int64_t bytes);
asio::awaitable<void> refused(db::Pool& db, const Principal& who, Access access, std::string reason);

/// Who read what: for the provider of a resource, or for the person whose data it is.
struct AccessRecord {
    std::string id, at, principal, organization, resource, grant, channel, purpose, outcome, case_no;
    std::vector<std::string> fields;
    std::int64_t rows = 0;
};
struct AccessFilter {
    std::string resource, grant, owner, subject, case_no;
    int limit = 50;
    std::string before_id;  ///< cursor
};
asio::awaitable<std::vector<AccessRecord>> accesses(db::Pool& db, AccessFilter filter);

}  // namespace pengcheng::audit
