#include "audit/chain.hpp"
#include "audit/checkpoint_file.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <gtest/gtest.h>

namespace pengcheng::audit {
namespace {

const std::string seed(32, 'k');

struct Sealed {
    Seal seal;
    std::optional<Record> record;
};

Record event(int n) {
    Principal who{.kind = Principal::Kind::user, .id = "id-" + std::to_string(n), .name = "officer"};
    Record record = make_event(who, "catalogue.resource.publish", "ref-" + std::to_string(n));
    record.detail = R"({"n":)" + std::to_string(n) + "}";
    settle(record);
    return record;
}

std::vector<Sealed> chain(int length) {
    std::vector<Sealed> out;
    std::string last(first_hash);
    for (int n = 1; n <= length; ++n) {
        Record record = event(n);
        Seal seal{.seq = n, .record_id = record.id, .digest = record.digest, .prev_hash = last};
        seal.hash = seal_hash(seal);
        last = seal.hash;
        out.push_back({seal, record});
    }
    return out;
}

std::optional<Break> judge(const std::vector<Sealed>& links) {
    ChainCheck check;
    for (const Sealed& link : links) {
        if (auto broken = check.next(link.seal, link.record ? &*link.record : nullptr)) {
            return broken;
        }
    }
    return std::nullopt;
}

struct Tampering {
    std::string name;
    std::string kind;
    std::int64_t seq;
    std::function<void(std::vector<Sealed>&)> apply;
};

class TamperedChain : public testing::TestWithParam<Tampering> {};

TEST_P(TamperedChain, IsFoundAtItsFirstBreak) {
    auto links = chain(6);
    ASSERT_FALSE(judge(links));
    GetParam().apply(links);
    auto broken = judge(links);
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->kind, GetParam().kind);
    EXPECT_EQ(broken->seq, GetParam().seq);
    EXPECT_FALSE(broken->text_zh.empty());
    EXPECT_FALSE(broken->text_en.empty());
}

const std::vector<Tampering> tamperings{
    {"content", "changed", 3, [](auto& l) { l[2].record->object = "other"; }},
    {"time", "changed", 3, [](auto& l) { l[2].record->at_us += 1; }},
    {"content_and_digest", "changed", 3,
     [](auto& l) {
         l[2].record->detail = "{}";
         l[2].record->digest = digest_of(*l[2].record);
     }},
    {"moved_field", "changed", 3,
     [](auto& l) {
         l[2].record->principal = "offic";
         l[2].record->organization = "er";
     }},
    {"record_removed", "dropped", 4, [](auto& l) { l[3].record.reset(); }},
    {"seal_removed", "dropped", 4, [](auto& l) { l.erase(l.begin() + 3); }},
    {"seal_twice", "inserted", 3, [](auto& l) { l.insert(l.begin() + 3, l[2]); }},
    {"head_removed", "dropped", 1, [](auto& l) { l.erase(l.begin()); }},
    {"swapped_with_numbers", "reordered", 2,
     [](auto& l) {
         std::swap(l[1], l[2]);
         std::swap(l[1].seal.seq, l[2].seal.seq);
     }},
    {"swapped_records", "reordered", 2,
     [](auto& l) {
         std::swap(l[1].seal.record_id, l[2].seal.record_id);
         std::swap(l[1].seal.digest, l[2].seal.digest);
         std::swap(l[1].record, l[2].record);
     }},
    {"inserted_with_own_hash", "reordered", 4,
     [](auto& l) {
         Record extra = event(99);
         Seal seal{.seq = 3, .record_id = extra.id, .digest = extra.digest, .prev_hash = l[1].seal.hash};
         seal.hash = seal_hash(seal);
         for (std::size_t i = 2; i < l.size(); ++i) {
             ++l[i].seal.seq;
         }
         l.insert(l.begin() + 2, Sealed{seal, extra});
     }},
};
INSTANTIATE_TEST_SUITE_P(Each, TamperedChain, testing::ValuesIn(tamperings),
                         [](const auto& info) { return info.param.name; });

Digest digest(char c) {
    Digest out;
    out.fill(c);
    return out;
}

/// Checkpoints of one chain that grows by ten records each.
std::vector<Checkpoint> checkpoints(int count) {
    std::vector<Checkpoint> out;
    for (int n = 1; n <= count; ++n) {
        Statement said{.number = n, .at = "2026-11-25T10:00:00.000+08:00"};
        said.before = out.empty() ? no_digest : hash_of(out.back());
        said.heads = {{.chain = 1, .seq = 10 * n, .hash = digest(static_cast<char>('a' + n))}};
        out.push_back(sign_checkpoint(seed, said));
    }
    return out;
}

std::optional<Break> judge(const std::vector<Checkpoint>& all, CheckpointCheck& check) {
    for (const Checkpoint& checkpoint : all) {
        if (auto broken = check.next(checkpoint)) {
            return broken;
        }
    }
    return std::nullopt;
}

const std::string our_key = to_hex(crypto::ed25519_public_key(seed));

TEST(Checkpoints, SayWhatTheyWereMadeOf) {
    Statement said{.number = 7, .at = "2026-11-25T10:00:00.000+08:00", .before = digest('b')};
    said.heads = {{.chain = 0, .seq = 3, .hash = digest('c')}, {.chain = 2, .seq = 9, .hash = digest('d')}};
    said.pruned = {{.chain = 2, .first = 1, .last = 4, .before = no_digest, .hash = digest('e')}};
    auto read = parse_body(body_of(said));
    ASSERT_TRUE(read);
    EXPECT_EQ(body_of(*read), body_of(said));
    for (const char* bad : {"", "pengcheng-checkpoint-2\n", "x"}) {
        EXPECT_FALSE(parse_body(bad)) << bad;
    }
    EXPECT_FALSE(parse_body(body_of(said) + "head 1 x y\n"));
    EXPECT_FALSE(parse_body(body_of(said) + "head 1 1\n"));
}

struct BadCheckpoint {
    std::string name;
    std::int64_t number;
    std::function<void(std::vector<Checkpoint>&)> apply;
};
class TamperedCheckpoints : public testing::TestWithParam<BadCheckpoint> {};

TEST_P(TamperedCheckpoints, AreFound) {
    auto all = checkpoints(5);
    CheckpointCheck fine(our_key);
    ASSERT_FALSE(judge(all, fine));
    EXPECT_EQ(fine.ours(), 5);
    GetParam().apply(all);
    CheckpointCheck check(our_key);
    auto broken = judge(all, check);
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->seq, GetParam().number) << broken->text_en;
}

const std::vector<BadCheckpoint> bad_checkpoints{
    {"removed", 3, [](auto& c) { c.erase(c.begin() + 2); }},
    {"first_removed", 1, [](auto& c) { c.erase(c.begin()); }},
    {"swapped", 2, [](auto& c) { std::swap(c[1], c[2]); }},
    {"body_changed", 3, [](auto& c) { c[2].body.replace(c[2].body.find("head 1 30"), 9, "head 1 31"); }},
    {"of_another_sequence", 3,
     [](auto& c) {
         Statement said = *parse_body(c[2].body);
         said.before = no_digest;
         c[2] = sign_checkpoint(seed, said);
     }},
    {"signed_with_another_key", 3,
     [](auto& c) { c[2] = sign_checkpoint(std::string(32, 'x'), *parse_body(c[2].body)); }},
    {"a_chain_that_got_shorter", 11,
     [](auto& c) {
         Statement said = *parse_body(c[2].body);
         said.heads[0].seq = 10;
         c[2] = sign_checkpoint(seed, said);
     }},
};
INSTANTIATE_TEST_SUITE_P(Each, TamperedCheckpoints, testing::ValuesIn(bad_checkpoints),
                         [](const auto& info) { return info.param.name; });

TEST(Checkpoints, OfAnotherKeyAreBelievedOnlyBeforeOurs) {
    Statement said{.number = 1, .at = "now"};
    Checkpoint theirs = sign_checkpoint(std::string(32, 'x'), said);
    said.number = 2;
    said.before = hash_of(theirs);
    Checkpoint ours = sign_checkpoint(seed, said);
    said.number = 3;
    said.before = hash_of(ours);
    Checkpoint theirs_again = sign_checkpoint(std::string(32, 'x'), said);
    CheckpointCheck check(our_key);
    EXPECT_FALSE(check.next(theirs));
    EXPECT_FALSE(check.next(ours));
    EXPECT_TRUE(check.next(theirs_again));
    EXPECT_EQ(check.ours(), 1);
    EXPECT_EQ(check.foreign(), 1);
}

TEST(Checkpoints, ShowAChainThatWasRewrittenOrCut) {
    CheckpointCheck check(our_key);
    ASSERT_FALSE(judge(checkpoints(3), check));
    HeadWatch cut(check, {});
    EXPECT_FALSE(cut.at(1, 10, digest('b')));
    EXPECT_FALSE(cut.at(1, 15, digest('x')));
    auto broken = cut.end();
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->kind, "tail-cut");
    EXPECT_EQ(broken->seq, 16);
    HeadWatch rewritten(check, {});
    EXPECT_FALSE(rewritten.at(1, 10, digest('b')));
    EXPECT_TRUE(rewritten.at(1, 20, digest('x')));
    HeadWatch gone(check, {});
    EXPECT_EQ(gone.end().value().seq, 1);
    HeadWatch pruned(check, {{1, {.chain = 1, .seq = 30}}});
    EXPECT_FALSE(pruned.end());
}

class CheckpointsOnDisk : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("evidence-" + random());
        std::filesystem::remove_all(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    static std::string random() { return to_hex(crypto::random_bytes(6)); }
    static std::vector<Checkpoint> numbered(int number) {
        Statement said{.number = number, .at = "now"};
        return {sign_checkpoint(seed, said)};
    }
    [[nodiscard]] std::vector<std::int64_t> numbers() const {
        std::vector<std::int64_t> out;
        CheckpointFile file(folder_);
        for (CheckpointReader reader(file, file.bytes()); reader.peek(); reader.take()) {
            out.push_back(reader.peek()->number);
        }
        return out;
    }
    std::filesystem::path folder_;
};

TEST_F(CheckpointsOnDisk, ComeBackInOrder) {
    CheckpointFile file(folder_);
    EXPECT_EQ(file.bytes(), 0);
    EXPECT_FALSE(file.last());
    for (int number : {1, 5, 9}) {
        file.append(numbered(number));
    }
    EXPECT_EQ(file.last().value().number, 9);
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1, 5, 9}));
}

TEST_F(CheckpointsOnDisk, DropALineThatACrashCutShort) {
    CheckpointFile file(folder_);
    file.append(numbered(1));
    std::ofstream(file.path(), std::ios::app) << R"({"number":2,"bo)";
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1}));
    file.append(numbered(3));
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1, 3}));
}

TEST_F(CheckpointsOnDisk, ShowAnUnreadableLine) {
    CheckpointFile file(folder_);
    file.append(numbered(1));
    std::ofstream(file.path(), std::ios::app) << "[]\n";
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1, -1}));
}

TEST(Records, AreCleanedBeforeTheirDigest) {
    Record record = event(1);
    record.filter = std::string("a\0b\xff", 4);
    settle(record);
    EXPECT_EQ(record.filter, "ab\xEF\xBF\xBD");
    EXPECT_EQ(record.digest, digest_of(record));
}

}  // namespace
}  // namespace pengcheng::audit
