#include "audit/chain.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

Break broken(std::string kind, std::int64_t seq, std::string record, std::string zh, std::string en) {
    return {.kind = std::move(kind),
            .seq = seq,
            .record = std::move(record),
            .text_zh = std::move(zh),
            .text_en = std::move(en)};
}

std::string bytes_of_hex(std::string_view hex) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    }
    return out;
}

}  // namespace

std::string seal_hash(const Seal& seal) {
    return crypto::sha256_hex(seal.prev_hash + " " + std::to_string(seal.seq) + " " + seal.record_id + " " +
                              seal.digest);
}

std::optional<Break> ChainCheck::next(const Seal& seal, const Record* record) {
    std::string at = "第 " + std::to_string(seq_ + 1) + " 条";
    std::string at_en = "seal " + std::to_string(seq_ + 1);
    if (seal.seq != seq_ + 1) {
        return broken("dropped", seq_ + 1, "", at + "封存已被删除", at_en + " was removed");
    }
    if (seal.prev_hash != hash_ || seal_hash(seal) != seal.hash) {
        return broken("reordered", seal.seq, seal.record_id, at + "封存与前后不相接(被插入、调换或改写)",
                      at_en + " does not follow the one before it (inserted, swapped or rewritten)");
    }
    if (record == nullptr) {
        return broken("dropped", seal.seq, seal.record_id, at + "对应的审计记录已被删除",
                      "the record of " + at_en + " was removed");
    }
    if (record->digest != seal.digest || digest_of(*record) != seal.digest) {
        return broken("changed", seal.seq, seal.record_id, at + "对应的审计记录已被改动",
                      "the record of " + at_en + " was changed");
    }
    seq_ = seal.seq;
    hash_ = seal.hash;
    return std::nullopt;
}

namespace {

Break broken_at(std::string kind, const Link& at, std::string_view zh, std::string_view en) {
    std::string place = "证据链 " + std::to_string(at.chain) + " 第 " + std::to_string(at.seq) + " 条";
    std::string place_en =
        "record " + std::to_string(at.seq) + " of evidence chain " + std::to_string(at.chain);
    Break out =
        broken(std::move(kind), at.seq, at.id, place + std::string(zh), place_en + " " + std::string(en));
    out.chain = at.chain;
    return out;
}

Digest link_of(const Digest& before, const Link& found) {
    return link(before, found.chain, found.seq, found.context == nullptr ? no_digest : *found.context,
                found.entry);
}

Break changed(const Link& at) {
    return broken_at("changed", at, "已被改动", "was changed");
}

}  // namespace

std::optional<Break> EvidenceCheck::next(Link found) {
    if (misfit_) {
        // Does the one after still follow what the misfit was? Then its content changed; otherwise its place.
        bool same_place = found.chain == misfit_->chain && found.seq == misfit_->seq + 1 &&
                          link_of(misfit_->hash, found) == found.hash;
        bool last = found.chain != misfit_->chain;
        return same_place || last
                   ? changed(*misfit_)
                   : broken_at("reordered", *misfit_, "与前后不相接(被插入、调换或改写)",
                               "does not follow the one before it (inserted, swapped or rewritten)");
    }
    if (found.chain != chain_) {
        chain_ = found.chain;
        seq_ = 0;
        hash_ = no_digest;
        ++chains_;
    }
    if (found.seq <= seq_) {
        return broken_at("inserted", found, "重复(被插入)", "is there twice (inserted)");
    }
    if (found.seq != seq_ + 1) {
        Link lost{.chain = chain_, .seq = seq_ + 1};
        return broken_at("dropped", lost, "已被删除", "was removed");
    }
    if (found.context_missing) {
        return broken_at("dropped", found, "所引用的访问背景已被删除", "names a context that was removed");
    }
    if (link_of(hash_, found) != found.hash) {
        misfit_ = std::move(found);
        return std::nullopt;
    }
    ++records_;
    seq_ = found.seq;
    hash_ = found.hash;
    return std::nullopt;
}

std::optional<Break> EvidenceCheck::end() {
    return misfit_ ? std::optional(changed(*misfit_)) : std::nullopt;
}

std::string signed_text(const Checkpoint& checkpoint) {
    return "pengcheng-checkpoint-1\n" + std::to_string(checkpoint.seq) + "\n" + checkpoint.hash + "\n" +
           checkpoint.at + "\n" + checkpoint.key + "\n";
}

Checkpoint sign_checkpoint(std::string_view seed, std::int64_t seq, std::string hash, std::string at) {
    Checkpoint out{.seq = seq,
                   .hash = std::move(hash),
                   .at = std::move(at),
                   .key = to_hex(crypto::ed25519_public_key(seed))};
    out.signature = to_hex(crypto::ed25519_sign(seed, signed_text(out)));
    return out;
}

std::optional<Break> check_checkpoint(const Checkpoint& checkpoint, std::string_view chain_hash) {
    std::string at = std::to_string(checkpoint.seq);
    std::string key = bytes_of_hex(checkpoint.key);
    if (!crypto::ed25519_verify(key, signed_text(checkpoint), bytes_of_hex(checkpoint.signature))) {
        return broken("checkpoint", checkpoint.seq, "", "第 " + at + " 条处的检查点签名不符",
                      "the signature of the checkpoint at seal " + at + " does not fit");
    }
    if (checkpoint.hash != chain_hash) {
        return broken("checkpoint", checkpoint.seq, "",
                      "第 " + at + " 条之前的记录被整体改写,与已签名的检查点不符",
                      "the chain up to seal " + at + " was rewritten after its checkpoint was signed");
    }
    return std::nullopt;
}

std::optional<Break> CheckpointCheck::next(const Checkpoint& checkpoint, std::string_view chain_hash) {
    bool ours = checkpoint.key == key_;
    if (!ours && ours_ > 0) {
        std::string at = std::to_string(checkpoint.seq);
        return broken("checkpoint", checkpoint.seq, "", "第 " + at + " 条处的检查点不是本系统的密钥签发的",
                      "the checkpoint at seal " + at + " is not signed with this installation's key");
    }
    ++(ours ? ours_ : foreign_);
    return check_checkpoint(checkpoint, chain_hash);
}

std::string checkpoint_line(const Checkpoint& checkpoint) {
    Json line = {{"seq", checkpoint.seq},
                 {"hash", checkpoint.hash},
                 {"at", checkpoint.at},
                 {"key", checkpoint.key},
                 {"signature", checkpoint.signature}};
    return line.dump() + "\n";
}

std::optional<Checkpoint> parse_checkpoint(std::string_view line) {
    auto json = parse_json(line);
    auto is_text = [&](const char* name) { return json->contains(name) && (*json)[name].is_string(); };
    if (!json || !json->is_object() || !is_text("hash") || !is_text("at") || !is_text("key") ||
        !is_text("signature") || !json->contains("seq") || !(*json)["seq"].is_number_integer()) {
        return std::nullopt;
    }
    Checkpoint out{.seq = (*json)["seq"].get<std::int64_t>(),
                   .hash = (*json)["hash"].get<std::string>(),
                   .at = (*json)["at"].get<std::string>(),
                   .key = (*json)["key"].get<std::string>(),
                   .signature = (*json)["signature"].get<std::string>()};
    auto is_hex = [](const std::string& text, std::size_t size) {
        return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    };
    return is_hex(out.key, 64) && is_hex(out.signature, 128) ? std::optional(out) : std::nullopt;
}

Break tail_cut(std::int64_t seq, std::int64_t last_seq) {
    return broken("tail-cut", last_seq + 1, "",
                  "末尾被截断:检查点签到第 " + std::to_string(seq) + " 条,现存只到第 " +
                      std::to_string(last_seq) + " 条",
                  "the end was cut off: a checkpoint covers seal " + std::to_string(seq) + ", only " +
                      std::to_string(last_seq) + " are there");
}

Break unsealed_record(std::string id) {
    return broken("inserted", 0, std::move(id), "有一条审计记录不在封存链上(绕过程序插入,或其封存被删除)",
                  "a record is not in the chain (inserted past the program, or its seal was removed)");
}

}  // namespace pengcheng::audit
