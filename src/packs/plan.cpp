#include "packs/plan.hpp"

#include "packs/compare.hpp"

#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pengcheng::packs {

constexpr auto describe(db::RowOf<Applied>) {
    return db::columns(db::column("kind", &Applied::kind), db::column("key", &Applied::key),
                       db::column("pack", &Applied::pack), db::column("digest", &Applied::digest),
                       db::column("content", &Applied::content));
}

namespace {

constexpr db::Statement list_applied_sql{"packs.list_applied", R"sql(
    SELECT kind, key, pack, digest, content FROM packs.applied ORDER BY kind, key
)sql"};

std::map<std::string, std::set<std::string>> keys_by_kind(const Pack& pack, const AppliedByKey& before) {
    std::map<std::string, std::set<std::string>> keys;
    for (const Object& object : pack.objects) {
        keys[object.kind].insert(object.key);
    }
    for (const auto& [name, one] : before) {
        if (one.pack == pack.name) {
            keys[one.kind].insert(one.key);
        }
    }
    return keys;
}

/// What the database has of what the pack names or once brought.
asio::awaitable<std::map<std::string, Contents>> present(db::Transaction& tx,
                                                         std::map<std::string, std::set<std::string>> keys) {
    std::map<std::string, Contents> out;
    for (const auto& [name, wanted] : keys) {
        if (const Kind* kind = find_kind(name)) {
            out[name] = co_await kind->read(tx, &wanted);
        }
    }
    co_return out;
}

const Json* find_content(const std::map<std::string, Contents>& contents, const std::string& kind,
                         const std::string& key) {
    const auto of_kind = contents.find(kind);
    if (of_kind == contents.end()) {
        return nullptr;
    }
    const auto found = of_kind->second.find(key);
    return found == of_kind->second.end() ? nullptr : &found->second;
}

bool drifted(const Kind& kind, const Applied* before, const Json* there) {
    if (before == nullptr || !before->content) {
        return false;
    }
    if (there == nullptr) {
        return true;
    }
    Json settled = *there;
    kind.settle(*before->content, settled);
    return settled != *before->content;
}

Step step_for(const Object& object, const std::string& pack, const Applied* before, const Json* there,
              ApplyOptions options) {
    const Kind& kind = *find_kind(object.kind);
    Step step{.change = {.kind = object.kind, .key = object.key, .file = object.file, .line = object.line},
              .kind = &kind,
              .wanted = kind.canonical(object.content),
              .digest = crypto::sha256_hex(object.content.dump())};
    step.change.drift = drifted(kind, before, there);
    step.keep = !options.overwrite_drift && before != nullptr && before->digest == step.digest;
    step.noted = before != nullptr && before->digest == step.digest && before->pack == pack &&
                 before->content == step.wanted;
    if (there == nullptr) {
        step.change.put = "added";
    } else {
        Json settled = *there;
        kind.settle(step.wanted, settled);
        step.change.put = settled == step.wanted ? "unchanged" : "changed";
        step.change.fields = differences(settled, step.wanted);
        mask_references(step.change.fields, object);
    }
    if (step.keep) {
        step.change.put = "unchanged";
        step.change.fields.clear();
    }
    return step;
}

/// How many stand above one, by what the database says is its parent.
int depth_of(std::string key, const std::string& kind, const std::map<std::string, Contents>& contents) {
    constexpr int depth_max = 32;  // a ring would never end
    int depth = 0;
    for (const Json* there = find_content(contents, kind, key); there != nullptr && depth < depth_max;
         there = find_content(contents, kind, key)) {
        const auto parent = there->find("parent");
        if (parent == there->end() || !parent->is_string()) {
            break;
        }
        key = parent->get<std::string>();
        ++depth;
    }
    return depth;
}

Step removal(const Applied& before, const Json* there) {
    const Kind* kind = find_kind(before.kind);
    return {.change = {.kind = before.kind,
                       .key = before.key,
                       .put = "removed",
                       .drift = kind != nullptr && drifted(*kind, &before, there)},
            .kind = kind,
            .there = there == nullptr ? Json() : *there};
}

}  // namespace

void mask_references(std::vector<Field>& fields, const Object& object) {
    for (Field& field : fields) {
        for (const auto& [pointer, written] : object.references) {
            // List places are named, not numbered, in fields; so any field of an object with references that
            // may hold one shows the reference instead.
            const std::string last = pointer.substr(pointer.rfind('/'));
            if (field.pointer.ends_with(last) || pointer.starts_with(field.pointer)) {
                field.from = "***";
                field.to = written;
            }
        }
    }
}

asio::awaitable<AppliedByKey> applied(db::Transaction& tx) {
    AppliedByKey out;
    for (auto& one : co_await tx.all<Applied>(list_applied_sql)) {
        auto name = std::pair(one.kind, one.key);
        out.emplace(std::move(name), std::move(one));
    }
    co_return out;
}

asio::awaitable<std::vector<Step>> steps(db::Transaction& tx, const Pack& pack, ApplyOptions options) {
    const AppliedByKey before = co_await applied(tx);
    const auto contents = co_await present(tx, keys_by_kind(pack, before));
    std::vector<Step> out;
    std::set<std::pair<std::string, std::string>> named;
    for (const Object& object : pack.objects) {
        named.emplace(object.kind, object.key);
        const auto found = before.find({object.kind, object.key});
        out.push_back(step_for(object, pack.name, found == before.end() ? nullptr : &found->second,
                               find_content(contents, object.kind, object.key), options));
    }
    // What others name goes last.
    std::vector<Step> gone;
    for (const auto& [name, one] : before) {
        if (one.pack == pack.name && !named.contains(name)) {
            gone.push_back(removal(one, find_content(contents, one.kind, one.key)));
        }
    }
    // Of one kind what stands below goes first.
    std::sort(gone.begin(), gone.end(), [&contents](const Step& left, const Step& right) {
        const int below = depth_of(left.change.key, left.change.kind, contents);
        const int other = depth_of(right.change.key, right.change.kind, contents);
        return below == other ? left.change.key < right.change.key : below > other;
    });
    for (auto kind = kinds().rbegin(); kind != kinds().rend(); ++kind) {
        for (Step& step : gone) {
            if (step.kind == &*kind) {
                out.push_back(std::move(step));
            }
        }
    }
    for (Step& step : out) {
        if (step.change.put == "changed" || step.change.put == "removed") {
            const Json* there = find_content(contents, step.change.kind, step.change.key);
            if (there != nullptr) {
                Json from = *there;
                Json to = step.wanted;
                step.change.breaks =
                    co_await step.kind->breaks(tx, step.change.key, std::move(from), std::move(to));
            }
        }
    }
    co_return out;
}

asio::awaitable<std::vector<Change>> extras(db::Transaction& tx, const Pack& pack) {
    const AppliedByKey before = co_await applied(tx);
    std::set<std::string> spoken;
    std::set<std::pair<std::string, std::string>> named;
    for (const Object& object : pack.objects) {
        spoken.insert(object.kind);
        named.emplace(object.kind, object.key);
    }
    std::vector<Change> out;
    for (const Kind& kind : kinds()) {
        if (!spoken.contains(std::string(kind.name))) {
            continue;
        }
        for (const auto& [key, content] : co_await kind.read(tx, nullptr)) {
            const std::pair name(std::string(kind.name), key);
            const auto found = before.find(name);
            const bool of_another = found != before.end() && found->second.pack != pack.name;
            if (!named.contains(name) && !of_another) {
                out.push_back({.kind = name.first, .key = key, .put = "added", .drift = true});
            }
        }
    }
    co_return out;
}

PENGCHENG_STATEMENTS(list_applied_sql);

}  // namespace pengcheng::packs
