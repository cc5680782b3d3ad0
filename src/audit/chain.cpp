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

}  // namespace

std::string seal_hash(const Seal& seal) {
    return crypto::sha256_hex(seal.prev_hash + " " + std::to_string(seal.seq) + " " + seal.record_id + " " +
                              seal.digest);
}

std::optional<Break> ChainCheck::next(const Seal& seal, const Record* record) {
    std::string at = "第 " + std::to_string(seq_ + 1) + " 条";
    std::string at_en = "seal " + std::to_string(seq_ + 1);
    if (seal.seq <= seq_) {
        return broken("inserted", seal.seq, seal.record_id, "第 " + std::to_string(seal.seq) + " 条封存重复",
                      "seal " + std::to_string(seal.seq) + " is there twice (inserted)");
    }
    if (seal.seq != seq_ + 1) {
        return broken("dropped", seq_ + 1, "", at + "封存已被删除", at_en + " was removed");
    }
    if (seal.prev_hash != hash_ || seal_hash(seal) != seal.hash) {
        return broken("reordered", seal.seq, seal.record_id, at + "封存与前后不相接（被插入、调换或改写）",
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
                   : broken_at("reordered", *misfit_, "与前后不相接（被插入、调换或改写）",
                               "does not follow the one before it (inserted, swapped or rewritten)");
    }
    if (found.chain != chain_) {
        chain_ = found.chain;
        auto begin = begin_.find(chain_);
        seq_ = begin == begin_.end() ? 0 : begin->second.seq;
        hash_ = begin == begin_.end() ? no_digest : begin->second.hash;
        ++chains_;
    }
    if (found.seq <= seq_) {
        return broken_at("inserted", found, "重复（被插入）", "is there twice (inserted)");
    }
    if (found.seq != seq_ + 1) {
        Link lost{.chain = chain_, .seq = seq_ + 1};
        return broken_at("dropped", lost, "已被删除", "was removed");
    }
    if (found.context_missing) {
        return broken_at("dropped", found, "所引用的访问背景已被删除", "names a context that was removed");
    }
    if (found.context_changed) {
        return broken_at("changed", found, "所引用的访问背景已被改动", "names a context that was changed");
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

Break unsealed_record(std::string id) {
    return broken("inserted", 0, std::move(id), "有一条审计记录不在封存链上（绕过程序插入，或其封存被删除）",
                  "a record is not in the chain (inserted past the program, or its seal was removed)");
}

}  // namespace pengcheng::audit
