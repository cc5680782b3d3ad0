#include <pengcheng/audit/export.hpp>

#include "audit/export_form.hpp"
#include "audit/problems.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

namespace pengcheng::audit {

namespace {

[[noreturn]] void bad_line(std::int64_t number) {
    std::string line = std::to_string(number);
    throw ProblemError(
        problem::bad_export.because("第 " + line + " 行无法读取", "line " + line + " cannot be read"));
}

/// An export, line by line: checkpoints first, then what they prove.
class FileCheck {
public:
    explicit FileCheck(std::string key) : key_(std::move(key)) {}

    std::optional<Break> take(const Json& line) {
        std::string type = line.at("type").get<std::string>();
        if (type == "pengcheng-evidence-export-1" && !checkpoints_) {
            return take_head(line);
        }
        if (!checkpoints_) {
            throw ProblemError(problem::bad_export.because("缺少文件头", "it has no head"));
        }
        if (type == "checkpoint") {
            return take_checkpoint(line);
        }
        if (type == "context") {
            contexts_.add(line.at("id").get<std::string>(), digest_of(context_of(line)));
            return std::nullopt;
        }
        begin_walk();
        return type == "event" ? take_event(line) : take_evidence(line);
    }

    std::optional<Break> end(Verdict& verdict) {
        if (!checkpoints_) {
            throw ProblemError(problem::bad_export.because("文件是空的", "the file is empty"));
        }
        begin_walk();
        verdict.records = events_ + evidence_->records();
        verdict.chains = evidence_->chains() + (events_ > 0 ? 1 : 0);
        verdict.checkpoints = checkpoints_->ours();
        verdict.foreign_checkpoints = checkpoints_->foreign();
        verdict.key = key_;
        verdict.from = from_;
        verdict.to = to_;
        if (checkpoints_->last() != last_ || checkpoints_->ours() == 0) {
            return broken_checkpoint(last_, "不在文件中，或不是该密钥签发的",
                                     "is not in the file, or not signed with this key");
        }
        auto broken = evidence_->end();
        return broken ? broken : watch_->end();
    }

private:
    std::optional<Break> take_head(const Json& line) {
        first_ = line.at("first").get<std::int64_t>();
        last_ = line.at("last").get<std::int64_t>();
        std::string named = line.at("key").get<std::string>();
        if (key_.empty()) {
            key_ = named;
        }
        checkpoints_.emplace(key_);
        if (first_ > 0) {
            checkpoints_->begin_at(first_);
        }
        return key_ == named ? std::nullopt
                             : std::optional(broken_checkpoint(first_, "起的导出由另一密钥签发",
                                                               "begins an export signed with another key"));
    }

    std::optional<Break> take_checkpoint(const Json& line) {
        Checkpoint checkpoint{.number = line.at("number").get<std::int64_t>(),
                              .body = line.at("body").get<std::string>(),
                              .key = line.at("key").get<std::string>(),
                              .signature = line.at("signature").get<std::string>()};
        if (auto broken = checkpoints_->next(checkpoint)) {
            return broken;
        }
        auto said = parse_body(checkpoint.body);
        if (checkpoint.number == first_) {
            for (const Head& head : said->heads) {
                begin_[head.chain] = head;
            }
        }
        from_ = from_.empty() && first_ > 0 ? said->at : from_;
        to_ = said->at;
        return std::nullopt;
    }

    /// All checkpoints are read: the records may come.
    void begin_walk() {
        if (watch_) {
            return;
        }
        watch_.emplace(*checkpoints_, begin_);
        evidence_.emplace(begin_);
        auto events = begin_.find(0);
        if (events != begin_.end()) {
            seals_.begin_after(events->second.seq, hex_of(events->second.hash));
        }
    }

    std::optional<Break> take_event(const Json& line) {
        Seal seal = seal_of(line);
        std::optional<Record> record;
        if (!line.at("record").is_null()) {
            record = record_of(line.at("record"));
        }
        if (auto broken = seals_.next(seal, record ? &*record : nullptr)) {
            return broken;
        }
        ++events_;
        return watch_->at(0, seals_.seq(), digest_of_hex(seals_.hash()));
    }

    std::optional<Break> take_evidence(const Json& line) {
        if (auto broken = evidence_->next(link_of(evidence_of(line), contexts_))) {
            return broken;
        }
        Head head = evidence_->head();
        return evidence_->doubting() ? std::nullopt : watch_->at(head.chain, head.seq, head.hash);
    }

    std::string key_;
    std::int64_t first_ = 0, last_ = 0, events_ = 0;
    std::string from_, to_;
    std::optional<CheckpointCheck> checkpoints_;
    std::map<int, Head> begin_;
    Contexts contexts_;
    std::optional<HeadWatch> watch_;
    ChainCheck seals_;
    std::optional<EvidenceCheck> evidence_;
};

}  // namespace

Verdict verify_file(const std::filesystem::path& file, const std::string& key) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw ProblemError(
            problem::bad_export.because("读不到文件 " + file.string(), "cannot read " + file.string()));
    }
    FileCheck check(key);
    Verdict verdict;
    std::string text;
    for (std::int64_t number = 1; std::getline(in, text) && !verdict.broken; ++number) {
        auto line = parse_json(text);
        if (!line || !line->is_object()) {
            bad_line(number);
        }
        try {
            verdict.broken = check.take(*line);
        } catch (const Json::exception&) {
            bad_line(number);
        }
    }
    auto at_end = check.end(verdict);
    verdict.broken = verdict.broken ? verdict.broken : at_end;
    return verdict;
}

}  // namespace pengcheng::audit
