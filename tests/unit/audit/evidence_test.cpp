#include "audit/chain.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

namespace pengcheng::audit {
namespace {

const Digest context_digest = digest_of(Context{.principal = "reader", .resource = "made-up"});

std::string entry_bytes(int n) {
    Entry entry{.id = "0198a0c0-0000-7000-8000-000000000001",
                .at_us = 1'780'000'000'000'000 + n,
                .rows = n,
                .bytes = 100,
                .request_id = "r",
                .outcome = "complete"};
    std::string out;
    encode(out, entry);
    return out;
}

std::vector<Link> chain(int id, int length) {
    std::vector<Link> out;
    Digest hash = no_digest;
    for (int n = 1; n <= length; ++n) {
        Link link_{.chain = id, .seq = n, .context = &context_digest, .entry = entry_bytes(n)};
        link_.hash = hash = link(hash, id, n, context_digest, link_.entry);
        out.push_back(link_);
    }
    return out;
}

std::vector<Link> two_chains() {
    auto out = chain(1, 5);
    auto second = chain(2, 3);
    out.insert(out.end(), second.begin(), second.end());
    return out;
}

std::optional<Break> judge(const std::vector<Link>& links) {
    EvidenceCheck check;
    for (const Link& found : links) {
        if (auto broken = check.next(found)) {
            return broken;
        }
    }
    return check.end();
}

TEST(Evidence, HoldsInSeveralChains) {
    EXPECT_FALSE(judge(two_chains()));
}

struct Tampering {
    std::string name, kind;
    int chain;
    std::int64_t seq;
    std::function<void(std::vector<Link>&)> apply;
};
class TamperedEvidence : public testing::TestWithParam<Tampering> {};

TEST_P(TamperedEvidence, IsFoundAtItsFirstBreak) {
    auto links = two_chains();
    GetParam().apply(links);
    auto broken = judge(links);
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->kind, GetParam().kind) << broken->text_en;
    EXPECT_EQ(broken->chain, GetParam().chain);
    EXPECT_EQ(broken->seq, GetParam().seq);
}

const std::vector<Tampering> tamperings{
    {"content", "changed", 1, 3, [](auto& l) { l[2].entry.back() = 'X'; }},
    {"content_of_the_last", "changed", 2, 3, [](auto& l) { l[7].entry.back() = 'X'; }},
    {"content_of_a_chains_last", "changed", 1, 5, [](auto& l) { l[4].entry.back() = 'X'; }},
    {"context", "changed", 1, 2, [](auto& l) { l[1].context = nullptr; }},
    {"context_changed_for_all", "changed", 1, 1,
     [](auto& l) {
         for (Link& found : l) {
             found.context_changed = true;
         }
     }},
    {"context_removed", "dropped", 1, 2, [](auto& l) { l[1].context_missing = true; }},
    {"content_and_hash", "reordered", 1, 3,
     [](auto& l) {
         l[2].entry.back() = 'X';
         l[2].hash = no_digest;
     }},
    {"removed", "dropped", 1, 3, [](auto& l) { l.erase(l.begin() + 2); }},
    {"head_removed", "dropped", 1, 1, [](auto& l) { l.erase(l.begin()); }},
    {"head_of_the_second_removed", "dropped", 2, 1, [](auto& l) { l.erase(l.begin() + 5); }},
    {"swapped", "reordered", 1, 2,
     [](auto& l) {
         std::swap(l[1], l[2]);
         std::swap(l[1].seq, l[2].seq);
     }},
    {"twice", "inserted", 1, 2, [](auto& l) { l.insert(l.begin() + 2, l[1]); }},
    {"inserted_and_renumbered", "reordered", 1, 4,  // a forged link fits what is before it, not what follows
     [](auto& l) {
         Link extra = l[1];
         extra.seq = 3;
         extra.hash = link(l[1].hash, 1, 3, context_digest, extra.entry = entry_bytes(9));
         for (std::size_t i = 2; i < 5; ++i) {
             ++l[i].seq;
         }
         l.insert(l.begin() + 2, extra);
     }},
    {"moved_to_another_chain", "reordered", 2, 1,
     [](auto& l) {
         for (std::size_t i = 5; i < 8; ++i) {
             l[i] = l[i - 4];
             l[i].chain = 2;
             l[i].seq = static_cast<std::int64_t>(i) - 4;
         }
     }},
};
INSTANTIATE_TEST_SUITE_P(Each, TamperedEvidence, testing::ValuesIn(tamperings),
                         [](const auto& info) { return info.param.name; });

TEST(Evidence, PrintsWhatABatchOf64Costs) {
    Principal who{.kind = Principal::Kind::client, .id = "0198a0c0-0000-7000-8000-000000000001"};
    Access access{.resource = "made-up", .channel = "data-api", .fields = {"code", "name", "address"}};
    Digest hash = no_digest;
    constexpr int batches = 2000;
    std::clock_t before = std::clock();
    for (int batch = 0; batch < batches; ++batch) {
        CopyRows rows;
        std::string entries;
        for (int i = 0; i < 64; ++i) {
            std::string key;
            append_key(key, who, access);
            std::size_t begin = entries.size();
            Entry entry{.id = who.id, .rows = i, .bytes = 9, .request_id = who.id, .filter = "code=eq.1"};
            encode(entries, entry);
            std::string_view bytes(entries.data() + begin, entries.size() - begin);
            hash = link(hash, 1, i, context_digest, bytes);
            rows.add(1, i, hash, &context_digest, bytes);
        }
    }
    double us = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC * 1e6 / (batches * 64);
    std::cout << us << " us CPU a record to encode, hash and pack\n";
    EXPECT_LT(us, 20);
}

}  // namespace
}  // namespace pengcheng::audit
