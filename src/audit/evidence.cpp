#include "audit/evidence.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

#include <cstring>

namespace pengcheng::audit {

namespace {

constexpr std::size_t uuid_bytes = 16;
constexpr std::int16_t copy_columns = 15;
/// PostgreSQL counts microseconds from 2000-01-01.
constexpr std::int64_t postgres_epoch_us = 946'684'800'000'000;

template <class T>
void put(std::string& out, T value) {
    std::array<char, sizeof(T)> bytes;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
    }
    out.append(bytes.data(), bytes.size());
}

template <class T>
void put_field(std::string& out, T value) {
    put(out, static_cast<std::int32_t>(sizeof(T)));
    put(out, value);
}

void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::int32_t>(text.size()));
    out += text;
}

void put_null(std::string& out) {
    put(out, std::int32_t{-1});
}

void put_count(std::string& out, const std::optional<std::int64_t>& count) {
    if (count) {
        put_field(out, *count);
    } else {
        put_null(out);
    }
}

int digit(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

void put_uuid(std::string& out, std::string_view text) {
    put(out, static_cast<std::int32_t>(uuid_bytes));
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        if (text[i] == '-') {
            ++i;
        }
        out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    }
}

Digest digest_from(const std::string& sha256) {
    Digest out;
    std::memcpy(out.data(), sha256.data(), out.size());
    return out;
}

}  // namespace

Digest digest_of_hex(std::string_view hex) {
    Digest out{};
    for (std::size_t i = 0; i < out.size() && 2 * i + 1 < hex.size(); ++i) {
        out[i] = static_cast<char>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
    }
    return out;
}

std::string hex_of(const Digest& digest) {
    return to_hex({digest.data(), digest.size()});
}

std::string_view kind_name(Principal::Kind kind) {
    switch (kind) {
        case Principal::Kind::anonymous:
            return "anonymous";
        case Principal::Kind::user:
            return "user";
        case Principal::Kind::client:
            return "client";
        case Principal::Kind::operator_:
            return "operator";
        case Principal::Kind::system:
            return "system";
    }
    return "anonymous";
}

bool is_clean(std::string_view text) {
    return text.size() <= text_characters_max && text.find('\0') == std::string_view::npos &&
           valid_utf8(text);
}

void clean(std::string& text) {
    if (is_clean(text)) {
        return;
    }
    std::erase(text, '\0');
    if (!valid_utf8(text)) {
        std::string quoted;
        append_json_string(quoted, text);
        text = Json::parse(quoted).get<std::string>();
    }
    if (text.size() > text_characters_max) {
        text = utf8_prefix(text, text_characters_max);
    }
}

void encode(std::string& out, const Entry& entry) {
    put_uuid(out, entry.id);
    put_field(out, entry.at_us - postgres_epoch_us);
    put_field(out, static_cast<std::int16_t>(entry.kind));
    put_count(out, entry.rows);
    put_count(out, entry.bytes);
    if (entry.opened.empty()) {
        put_null(out);
    } else {
        put_uuid(out, entry.opened);
    }
    for (std::string_view text :
         {entry.request_id, entry.filter, entry.subject, entry.case_no, entry.outcome}) {
        put_text(out, text);
    }
}

Digest digest_of(const Context& context) {
    std::string bytes = "pengcheng-context-1";
    for (const std::string* text : {&context.principal_kind, &context.principal_id, &context.principal,
                                    &context.organization, &context.address, &context.resource,
                                    &context.owner, &context.grant_id, &context.channel, &context.purpose}) {
        put_text(bytes, *text);
    }
    for (const std::string& field : context.fields) {
        put_text(bytes, field);
    }
    return digest_from(crypto::sha256(bytes));
}

std::string context_id(const Digest& digest) {
    std::string hex = to_hex({digest.data(), uuid_bytes});
    for (std::size_t dash : {8U, 13U, 18U, 23U}) {
        hex.insert(dash, 1, '-');
    }
    return hex;
}

Digest link(const Digest& before, int chain, std::int64_t seq, const Digest& context,
            std::string_view entry) {
    thread_local std::string bytes;
    bytes.assign(before.data(), before.size());
    put(bytes, static_cast<std::int32_t>(chain));
    put(bytes, seq);
    bytes.append(context.data(), context.size());
    bytes += entry;
    return digest_from(crypto::sha256(bytes));
}

void append_key(std::string& out, const Principal& who, const Access& access) {
    put(out, static_cast<char>(who.kind));
    for (const std::string* text : {&who.id, &who.name, &who.organization, &who.address, &access.resource,
                                    &access.owner, &access.grant, &access.channel, &access.purpose}) {
        put_text(out, *text);
    }
    for (const std::string& field : access.fields) {
        put_text(out, field);
    }
}

Context make_context(const Principal& who, Access access) {
    Context out{.principal_kind = std::string(kind_name(who.kind)),
                .principal_id = who.id,
                .principal = who.name,
                .organization = who.organization,
                .address = who.address,
                .resource = std::move(access.resource),
                .owner = std::move(access.owner),
                .grant_id = std::move(access.grant),
                .channel = std::move(access.channel),
                .purpose = std::move(access.purpose),
                .fields = std::move(access.fields)};
    for (std::string* text : {&out.principal_id, &out.principal, &out.organization, &out.address,
                              &out.resource, &out.owner, &out.grant_id, &out.channel, &out.purpose}) {
        clean(*text);
    }
    for (std::string& field : out.fields) {
        clean(field);
    }
    return out;
}

CopyRows::CopyRows() : bytes_("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19) {
}

void CopyRows::add(int chain, std::int64_t seq, const Digest& hash, const Digest* context,
                   std::string_view entry) {
    put(bytes_, copy_columns);
    put_field(bytes_, static_cast<std::int32_t>(chain));
    put_field(bytes_, seq);
    put_text(bytes_, {hash.data(), hash.size()});
    if (context == nullptr) {
        put_null(bytes_);
    } else {
        put_text(bytes_, {context->data(), uuid_bytes});
    }
    bytes_ += entry;
}

std::string_view CopyRows::finish() {
    put(bytes_, std::int16_t{-1});
    return bytes_;
}

}  // namespace pengcheng::audit
