#pragma once

#include <pengcheng/audit/audit.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What one piece of evidence is in bytes, pure: the same bytes go into the chain's hash and, as they are, to
/// PostgreSQL's COPY, so that nothing is encoded twice.
namespace pengcheng::audit {

enum class Kind : std::int16_t { access = 1, opened = 2, closed = 3, refused = 4 };

/// Longer texts are cut here.
inline constexpr std::size_t text_characters_max = 4000;

/// One row of audit.evidence but for its place in a chain.
struct Entry {
    std::string_view id;
    std::int64_t at_us = 0;  ///< since the epoch
    Kind kind = Kind::access;
    std::optional<std::int64_t> rows, bytes;
    std::string_view opened;  ///< id of the record that this one closes, or empty
    std::string_view request_id, filter, subject, case_no, outcome;
};

/// Appends id, at, kind, row_count, byte_count, opened, request_id, filter, subject, case_no and outcome,
/// each as COPY's binary form has it: a length of four bytes (-1: null) and the value, big-endian.
void encode(std::string& out, const Entry& entry);

/// What a caller repeats, one row of audit.context.
struct Context {
    std::string principal_kind, principal_id, principal, organization, address;
    std::string resource, owner, grant_id, channel, purpose;
    std::vector<std::string> fields;
};

using Digest = std::array<char, 32>;
inline constexpr Digest no_digest{};

Digest digest_of_hex(std::string_view hex);
std::string hex_of(const Digest& digest);

/// SHA-256 of every text with its length before it.
Digest digest_of(const Context& context);
/// The key of a context: the first half of its digest as a UUID in text form.
std::string context_id(const Digest& digest);

/// SHA-256 of the hash before, chain, seq, the context's digest (zeros where there is none) and the entry's
/// bytes.
Digest link(const Digest& before, int chain, std::int64_t seq, const Digest& context, std::string_view entry);

/// Appends the context's texts as they came, each with its length: the key under which a writer remembers it.
void append_key(std::string& out, const Principal& who, const Access& access);
Context make_context(const Principal& who, Access access);

/// Brings a text to what PostgreSQL stores unchanged: valid UTF-8 without NUL, at most text_characters_max.
void clean(std::string& text);
/// Whether clean() would leave it as it is.
bool is_clean(std::string_view text);

std::string_view kind_name(Principal::Kind kind);

/// A stream of COPY in binary, a tuple at a time.
class CopyRows {
public:
    CopyRows();
    void add(int chain, std::int64_t seq, const Digest& hash, const Digest* context, std::string_view entry);
    std::string_view finish();
    /// The columns in the order of add().
    static constexpr std::string_view columns =
        "chain, seq, hash, context, id, at, kind, row_count, byte_count, opened, request_id, filter, "
        "subject, "
        "case_no, outcome";

private:
    std::string bytes_;
};

}  // namespace pengcheng::audit
