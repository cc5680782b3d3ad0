#include "audit/checkpoint.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr std::string_view first_line = "pengcheng-checkpoint-2";

bool is_hex(std::string_view text, std::size_t size) {
    return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string bytes_of_hex(std::string_view hex) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    }
    return out;
}

/// Reads "WORD number number hash ..." strictly; what is missing or left over makes it fail.
class Words {
public:
    explicit Words(std::string_view line) : words_(split(line, ' ')) {}

    void word(std::string_view expected) { ok_ = ok_ && next() == expected; }
    std::int64_t number() {
        auto value = to_int(next());
        ok_ = ok_ && value && *value >= 0;
        return value.value_or(0);
    }
    Digest hash() {
        std::string_view text = next();
        ok_ = ok_ && is_hex(text, 2 * no_digest.size());
        return digest_of_hex(text);
    }
    std::string text() { return std::string(next()); }
    [[nodiscard]] bool good() const { return ok_ && at_ == words_.size(); }

private:
    std::string_view next() {
        return at_ < words_.size() ? words_[at_++] : (ok_ = false, std::string_view());
    }
    std::vector<std::string_view> words_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

bool take_line(std::string_view line, Statement& out) {
    Words words(line);
    if (line.starts_with("head ")) {
        words.word("head");
        Head head;
        head.chain = static_cast<int>(words.number());
        head.seq = words.number();
        head.hash = words.hash();
        out.heads.push_back(head);
    } else {
        words.word("pruned");
        Pruned pruned;
        pruned.chain = static_cast<int>(words.number());
        pruned.first = words.number();
        pruned.last = words.number();
        pruned.before = words.hash();
        pruned.hash = words.hash();
        out.pruned.push_back(pruned);
    }
    return words.good();
}

std::string chain_name(int chain, bool chinese) {
    if (chain == 0) {
        return chinese ? "事件链" : "the chain of events";
    }
    return (chinese ? "证据链 " : "evidence chain ") + std::to_string(chain);
}

}  // namespace

std::string body_of(const Statement& statement) {
    std::string out = std::string(first_line) + "\nnumber " + std::to_string(statement.number) + "\nat " +
                      statement.at + "\nbefore " + hex_of(statement.before) + "\n";
    for (const Head& head : statement.heads) {
        out += "head " + std::to_string(head.chain) + " " + std::to_string(head.seq) + " " +
               hex_of(head.hash) + "\n";
    }
    for (const Pruned& pruned : statement.pruned) {
        out += "pruned " + std::to_string(pruned.chain) + " " + std::to_string(pruned.first) + " " +
               std::to_string(pruned.last) + " " + hex_of(pruned.before) + " " + hex_of(pruned.hash) + "\n";
    }
    return out;
}

std::optional<Statement> parse_body(std::string_view body) {
    auto lines = split(body, '\n');
    if (lines.size() < 5 || lines[0] != first_line || !lines.back().empty()) {
        return std::nullopt;
    }
    Statement out;
    Words number(lines[1]);
    Words at(lines[2]);
    Words before(lines[3]);
    number.word("number");
    out.number = number.number();
    at.word("at");
    out.at = at.text();
    before.word("before");
    out.before = before.hash();
    if (!number.good() || !at.good() || !before.good()) {
        return std::nullopt;
    }
    for (std::size_t i = 4; i + 1 < lines.size(); ++i) {
        if (!take_line(lines[i], out)) {
            return std::nullopt;
        }
    }
    return out;
}

Digest hash_of(const Checkpoint& checkpoint) {
    return digest_of_hex(crypto::sha256_hex(checkpoint.body));
}

Checkpoint sign_checkpoint(std::string_view seed, const Statement& statement) {
    Checkpoint out{.number = statement.number,
                   .body = body_of(statement),
                   .key = to_hex(crypto::ed25519_public_key(seed))};
    out.signature = to_hex(crypto::ed25519_sign(seed, out.body));
    return out;
}

bool signature_holds(const Checkpoint& checkpoint) {
    return is_hex(checkpoint.key, 64) && is_hex(checkpoint.signature, 128) &&
           crypto::ed25519_verify(bytes_of_hex(checkpoint.key), checkpoint.body,
                                  bytes_of_hex(checkpoint.signature));
}

std::string checkpoint_line(const Checkpoint& checkpoint) {
    Json line = {{"number", checkpoint.number},
                 {"body", checkpoint.body},
                 {"key", checkpoint.key},
                 {"signature", checkpoint.signature}};
    return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Checkpoint> parse_checkpoint(std::string_view line) {
    auto json = parse_json(line);
    if (!json || !json->is_object()) {
        return std::nullopt;
    }
    for (const char* name : {"body", "key", "signature"}) {
        if (!json->contains(name) || !(*json)[name].is_string()) {
            return std::nullopt;
        }
    }
    if (!json->contains("number") || !(*json)["number"].is_number_integer()) {
        return std::nullopt;
    }
    return Checkpoint{.number = (*json)["number"].get<std::int64_t>(),
                      .body = (*json)["body"].get<std::string>(),
                      .key = (*json)["key"].get<std::string>(),
                      .signature = (*json)["signature"].get<std::string>()};
}

std::optional<Break> CheckpointCheck::next(const Checkpoint& checkpoint) {
    std::int64_t number = last_ + 1;
    auto said = parse_body(checkpoint.body);
    if (!said || said->number != checkpoint.number || !signature_holds(checkpoint)) {
        return broken_checkpoint(checkpoint.number, "被改动或签名不符",
                                 "was changed, or its signature does not fit");
    }
    if (checkpoint.number != number) {
        return broken_checkpoint(number, "已被删除", "was removed");
    }
    Digest before = hashes_.empty() ? no_digest : hashes_.back();
    bool anchor = anchored_ && hashes_.empty();
    if (!anchor && said->before != before) {
        return broken_checkpoint(number, "与前一个检查点不相接", "does not follow the one before it");
    }
    bool ours = checkpoint.key == key_;
    if (!ours && ours_ > 0) {
        return broken_checkpoint(number, "不是本系统的密钥签发的",
                                 "is not signed with this installation's key");
    }
    ++(ours ? ours_ : foreign_);
    if (hashes_.empty()) {
        first_ = number;
    }
    last_ = number;
    hashes_.push_back(hash_of(checkpoint));
    auto broken = take_heads(*said);
    return broken ? broken : take_pruned(*said);
}

std::optional<Break> CheckpointCheck::take_heads(const Statement& said) {
    for (const Head& head : said.heads) {
        std::vector<SeenHead>& seen = heads_[head.chain];
        if (!seen.empty() && head.seq < seen.back().seq) {
            return tail_cut(head.chain, seen.back().seq, head.seq);
        }
        if (seen.empty() || head.seq > seen.back().seq) {
            seen.push_back({head.seq, head.hash});
        } else if (head.hash != seen.back().hash) {
            return rewritten(head.chain, head.seq);
        }
    }
    return std::nullopt;
}

std::optional<Break> CheckpointCheck::take_pruned(const Statement& said) {
    for (const Pruned& pruned : said.pruned) {
        Head& end = pruned_[pruned.chain];
        bool follows = anchored_ || (pruned.first == end.seq + 1 && pruned.before == end.hash);
        if (!follows || pruned.last < pruned.first) {
            return broken_checkpoint(said.number, "所记的清理与此前的清理不相接",
                                     "records a pruning that does not follow the one before it");
        }
        end = {.chain = pruned.chain, .seq = pruned.last, .hash = pruned.hash};
    }
    return std::nullopt;
}

std::optional<Digest> CheckpointCheck::hash(std::int64_t number) const {
    if (number < first_ || number > last_ || hashes_.empty()) {
        return std::nullopt;
    }
    return hashes_[static_cast<std::size_t>(number - first_)];
}

std::optional<Break> HeadWatch::at(int chain, std::int64_t seq, const Digest& hash) {
    Place& place = places_[chain];
    place.seq = seq;
    auto found = checkpoints_.heads().find(chain);
    if (found == checkpoints_.heads().end()) {
        return std::nullopt;
    }
    const std::vector<SeenHead>& seen = found->second;
    // Those before the first record that is left were pruned.
    while (place.next < seen.size() && seen[place.next].seq < seq) {
        ++place.next;
    }
    bool here = place.next < seen.size() && seen[place.next].seq == seq;
    return here && seen[place.next].hash != hash ? std::optional(rewritten(chain, seq)) : std::nullopt;
}

std::optional<Break> HeadWatch::end() const {
    for (const auto& [chain, seen] : checkpoints_.heads()) {
        auto begin = begin_.find(chain);
        auto place = places_.find(chain);
        std::int64_t last = begin == begin_.end() ? 0 : begin->second.seq;
        if (place != places_.end()) {
            last = std::max(last, place->second.seq);
        }
        if (seen.back().seq > last) {
            return tail_cut(chain, seen.back().seq, last);
        }
    }
    return std::nullopt;
}

Break broken_checkpoint(std::int64_t number, std::string_view zh, std::string_view en) {
    return {.kind = "checkpoint",
            .seq = number,
            .text_zh = "第 " + std::to_string(number) + " 号检查点" + std::string(zh),
            .text_en = "checkpoint " + std::to_string(number) + " " + std::string(en)};
}

Break tail_cut(int chain, std::int64_t seq, std::int64_t last) {
    return {.kind = "tail-cut",
            .chain = chain,
            .seq = last + 1,
            .text_zh = chain_name(chain, true) + "末尾被截断：检查点签到第 " + std::to_string(seq) +
                       " 条，现存只到第 " + std::to_string(last) + " 条",
            .text_en = "the end of " + chain_name(chain, false) +
                       " was cut off: a checkpoint covers record " + std::to_string(seq) + ", only " +
                       std::to_string(last) + " are there"};
}

Break rewritten(int chain, std::int64_t seq) {
    return {.kind = "checkpoint",
            .chain = chain,
            .seq = seq,
            .text_zh = chain_name(chain, true) + "第 " + std::to_string(seq) +
                       " 条及之前的记录被整体改写，与已签名的检查点不符",
            .text_en = chain_name(chain, false) + " up to record " + std::to_string(seq) +
                       " was rewritten after its checkpoint was signed"};
}

}  // namespace pengcheng::audit
