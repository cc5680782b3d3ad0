#pragma once

#include "audit/chain.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

/// Evidence as it is stored, read back for checks and exports.
namespace pengcheng::audit {

/// A context and the digest that links cover.
struct StoredContext {
    std::string id;
    Context context;
    Digest digest;
};
/// Columns in the order of context_at().
inline constexpr std::string_view context_columns =
    "id, principal_kind, principal_id, principal, organization, address, resource, owner, grant_id, channel, "
    "purpose, fields";
StoredContext context_at(const db::Rows& rows, int row);

/// All contexts by id: 100 bytes or so each, and far fewer than records.
class Contexts {
public:
    void add(const std::string& id, const Digest& digest) {
        all_.emplace(id, Known{digest, context_id(digest) == id});
    }
    /// Fills in what `link` says of the context `id`. Lifetime: that of this.
    void find(const std::string& id, Link& link) const;

private:
    struct Known {
        Digest digest;
        bool fits;  ///< its id is what its content gives
    };
    std::unordered_map<std::string, Known> all_;
};
asio::awaitable<Contexts> load_contexts(db::Transaction& tx);

/// One row of audit.evidence. Lifetime of the entry's texts: that of the rows it was read from.
struct StoredEvidence {
    int chain = 0;
    std::int64_t seq = 0;
    std::string hash;     ///< hexadecimal
    std::string context;  ///< id, or empty
    Entry entry;
};
/// Columns in the order of evidence_at().
inline constexpr std::string_view evidence_columns =
    "chain, seq, encode(hash, 'hex'), context, id, (extract(epoch FROM at) * 1000000)::bigint, kind, "
    "row_count, "
    "byte_count, opened, request_id, filter, subject, case_no, outcome";
StoredEvidence evidence_at(const db::Rows& rows, int row);

Link link_of(const StoredEvidence& stored, const Contexts& contexts);

/// A seal, and its record if it is there: columns of sealed_sql().
struct SealedRecord {
    Seal seal;
    std::optional<Record> record;
};
/// Seals in order with their records; `where` restricts `s`.
std::string sealed_sql(std::string_view where);
SealedRecord sealed_at(const db::Rows& rows, int row);

}  // namespace pengcheng::audit
