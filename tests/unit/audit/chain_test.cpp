#include "audit/checkpoint_file.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <gtest/gtest.h>

namespace pengcheng::audit {
namespace {

const std::string seed(32, 'k');

struct Link {
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

std::vector<Link> chain(int length) {
    std::vector<Link> out;
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

std::optional<Break> judge(const std::vector<Link>& links) {
    ChainCheck check;
    for (const Link& link : links) {
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
    std::function<void(std::vector<Link>&)> apply;
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
         l.insert(l.begin() + 2, Link{seal, extra});
     }},
};
INSTANTIATE_TEST_SUITE_P(Each, TamperedChain, testing::ValuesIn(tamperings),
                         [](const auto& info) { return info.param.name; });

TEST(Checkpoints, HoldOnlyForTheirChainAndKey) {
    std::string hash(64, 'a');
    Checkpoint good = sign_checkpoint(seed, 7, hash, "2026-11-23T10:00:00.000+08:00");
    EXPECT_FALSE(check_checkpoint(good, hash));
    EXPECT_TRUE(check_checkpoint(good, std::string(64, 'b')));
    Checkpoint other = good;
    other.seq = 8;
    EXPECT_TRUE(check_checkpoint(other, hash));
    other = good;
    other.key = to_hex(crypto::ed25519_public_key(std::string(32, 'x')));
    EXPECT_TRUE(check_checkpoint(other, hash));
}

TEST(Checkpoints, OfAnotherKeyAreBelievedOnlyBeforeOurs) {
    std::string hash(64, 'a');
    Checkpoint ours = sign_checkpoint(seed, 7, hash, "now");
    Checkpoint theirs = sign_checkpoint(std::string(32, 'x'), 5, hash, "now");
    CheckpointCheck check(ours.key);
    EXPECT_FALSE(check.next(theirs, hash));
    EXPECT_FALSE(check.next(ours, hash));
    EXPECT_TRUE(check.next(theirs, hash));
    EXPECT_EQ(check.ours(), 1);
    EXPECT_EQ(check.foreign(), 1);
}

class CheckpointsOnDisk : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("evidence-" + random());
        std::filesystem::remove_all(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    static std::string random() { return to_hex(crypto::random_bytes(6)); }
    [[nodiscard]] std::vector<std::int64_t> seqs() const {
        std::vector<std::int64_t> out;
        CheckpointFile file(folder_);
        for (CheckpointReader reader(file, file.bytes()); reader.peek(); reader.take()) {
            out.push_back(reader.peek()->seq);
        }
        return out;
    }
    std::filesystem::path folder_;
};

TEST_F(CheckpointsOnDisk, ComeBackInOrder) {
    CheckpointFile file(folder_);
    EXPECT_EQ(file.bytes(), 0);
    for (int seq : {1, 5, 9}) {
        file.append(sign_checkpoint(seed, seq, std::string(64, 'a'), "now"));
    }
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{1, 5, 9}));
}

TEST_F(CheckpointsOnDisk, DropALineThatACrashCutShort) {
    CheckpointFile file(folder_);
    file.append(sign_checkpoint(seed, 1, std::string(64, 'a'), "now"));
    std::ofstream(file.path(), std::ios::app) << R"({"seq":2,"ha)";
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{1}));
    file.append(sign_checkpoint(seed, 3, std::string(64, 'a'), "now"));
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{1, 3}));
}

TEST_F(CheckpointsOnDisk, ShowAnUnreadableLine) {
    CheckpointFile file(folder_);
    file.append(sign_checkpoint(seed, 1, std::string(64, 'a'), "now"));
    std::ofstream(file.path(), std::ios::app) << "[]\n";
    EXPECT_EQ(seqs(), (std::vector<std::int64_t>{1, -1}));
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
