#include "packs/compare.hpp"
#include "packs/load.hpp"
#include "packs/plan.hpp"
#include "packs/problems.hpp"

#include <pengcheng/audit/audit.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pengcheng::packs {

namespace {

constexpr db::Statement lock_sql{"packs.lock", R"sql(
    SELECT pg_advisory_xact_lock(hashtext('packs.apply'))
)sql"};

constexpr db::Statement note_sql{"packs.note_applied", R"sql(
    INSERT INTO packs.applied (kind, key, pack, digest, content) VALUES ($1, $2, $3, $4, $5::jsonb)
    ON CONFLICT (kind, key) DO UPDATE SET pack = $3, digest = $4, content = $5::jsonb, applied_at = now()
)sql"};

constexpr db::Statement forget_sql{"packs.forget_applied", R"sql(
    DELETE FROM packs.applied WHERE kind = $1 AND key = $2
)sql"};

constexpr db::Statement note_pack_sql{"packs.note_pack", R"sql(
    INSERT INTO packs.pack (name, digest) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET digest = $2, applied_at = now() WHERE pack.digest <> $2
)sql"};

constexpr db::Statement find_pack_sql{"packs.find_pack", "SELECT digest FROM packs.pack WHERE name = $1"};

struct Workday {
    std::string day;
    bool worked = false;
};
constexpr auto describe(db::RowOf<Workday>) {
    return db::columns(db::column("day", &Workday::day), db::column("worked", &Workday::worked));
}

constexpr db::Statement all_workdays_sql{"packs.all_workdays", R"sql(
    SELECT day, worked FROM packs.workday ORDER BY day
)sql"};

std::string place_of(const Change& change) {
    return change.file.empty() ? change.kind + " " + change.key + " "
                               : change.file + ":" + std::to_string(change.line) + " ";
}

Problem at_place(Problem refused, const Change& change) {
    const std::string place = place_of(change);
    refused.detail_zh = place + refused.text(true);
    refused.detail_en = place + refused.text(false);
    return refused;
}

bool is_refused(const Break& one, const ApplyOptions& options) {
    return one.hard || !options.allow_breaking;
}

bool is_refused(const Step& step, const ApplyOptions& options) {
    return std::any_of(step.change.breaks.begin(), step.change.breaks.end(),
                       [&options](const Break& one) { return is_refused(one, options); });
}

/// The refusal to break things, each by name.
std::optional<Problem> refusal_of(const std::vector<Step>& all, const ApplyOptions& options) {
    Problem refused = problem::would_break.plain();
    for (const Step& step : all) {
        for (const Break& one : step.change.breaks) {
            if (is_refused(one, options)) {
                const std::string at = step.change.kind + "/" + step.change.key;
                refused.also(at, place_of(step.change) + step.change.key + ":" + one.zh,
                             place_of(step.change) + step.change.key + ": " + one.en);
            }
        }
    }
    if (refused.errors.empty()) {
        return std::nullopt;
    }
    refused.detail_zh = refused.errors.front().detail_zh;
    refused.detail_en = refused.errors.front().detail_en;
    return refused;
}

asio::awaitable<Result<void>> take(db::Transaction& tx, Principal who, const Step& step, std::string pack) {
    if (step.change.put == "removed") {
        co_await tx.run(forget_sql, step.change.kind, step.change.key);
        co_return co_await step.kind->remove(tx, who, step.change.key);
    }
    if (!step.keep && step.change.put != "unchanged") {
        Json content = step.wanted;
        auto done = co_await step.kind->put(tx, who, std::move(content));
        if (!done) {
            co_return done;
        }
    }
    if (!step.noted) {
        co_await tx.run(note_sql, step.change.kind, step.change.key, std::move(pack), step.digest,
                        step.wanted);
    }
    co_return Result<void>();
}

/// What only the database knows, a parent that is nowhere or a name that is taken, said with its place.
asio::awaitable<Result<void>> take_or_refuse(db::Transaction& tx, Principal who, const Step& step,
                                             std::string pack) {
    try {
        co_return co_await take(tx, std::move(who), step, std::move(pack));
    } catch (const db::Error& error) {
        if (!error.sqlstate().starts_with("23")) {
            throw;
        }
        const std::string what = step.change.key + "（" + error.constraint() + "）";
        const std::string what_en = step.change.key + " (" + error.constraint() + ")";
        const ProblemType& type = error.sqlstate() == "23503" ? problem::names_nothing : problem::contradicts;
        co_return type.because(what, what_en);
    }
}

/// Does everything but what would break things. What hangs on something that is to go may itself have gone or
/// moved in the steps before, so that is looked at again when its turn comes.
asio::awaitable<Result<void>> take_all(db::Transaction& tx, Principal who, std::vector<Step>& all,
                                       std::string pack, ApplyOptions options) {
    for (Step& step : all) {
        if (step.change.put == "removed" && !step.change.breaks.empty()) {
            Json there = step.there;
            step.change.breaks = co_await step.kind->breaks(tx, step.change.key, std::move(there), Json());
        }
        if (is_refused(step, options)) {
            continue;
        }
        auto done = co_await take_or_refuse(tx, who, step, pack);
        if (!done) {
            co_return at_place(done.error(), step.change);
        }
    }
    co_return Result<void>();
}

std::vector<Change> changes_of(std::vector<Step> all) {
    std::vector<Change> changes;
    for (Step& step : all) {
        changes.push_back(std::move(step.change));
    }
    return changes;
}

std::map<std::string, int> counts_of(const std::vector<Change>& changes) {
    std::map<std::string, int> counts{{"added", 0}, {"changed", 0}, {"removed", 0}, {"unchanged", 0}};
    for (const Change& change : changes) {
        counts[change.put] += 1;
    }
    return counts;
}

[[noreturn]] void throw_faults(const std::vector<Fault>& faults) {
    Problem refused = problem::bad_pack.plain();
    for (const auto& fault : faults) {
        const std::string where =
            fault.file + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column);
        refused.also(where, where + " " + fault.zh, where + " " + fault.en);
    }
    refused.detail_zh = refused.errors.front().detail_zh;
    refused.detail_en = refused.errors.front().detail_en;
    throw ProblemError(std::move(refused));
}

}  // namespace

asio::awaitable<Result<std::vector<Change>>> apply(db::Pool& db, Principal who, Pack pack,
                                                   ApplyOptions options) {
    auto tx = co_await db.begin();
    co_await tx.run(lock_sql);
    auto all = co_await steps(tx, pack, options);
    auto done = co_await take_all(tx, who, all, pack.name, options);
    if (auto refused = refusal_of(all, options)) {
        co_return *refused;  // and with the transaction all that was done goes back
    }
    if (!done) {
        co_return done.error();
    }
    auto changes = changes_of(std::move(all));
    const auto counts = counts_of(changes);
    if (counts.at("unchanged") < static_cast<int>(changes.size())) {
        Json detail(counts);
        co_await audit::record(tx, who, "packs.pack.apply", pack.name, std::move(detail));
    }
    co_await tx.run(note_pack_sql, pack.name, pack.digest);
    co_await tx.commit();
    co_return changes;
}

asio::awaitable<Json> apply(db::Pool& db, Principal who, std::filesystem::path folder) {
    const std::string name = name_of_folder(folder);
    const std::string digest = digest_of_folder(folder);
    const auto before = co_await db.find<std::string>(find_pack_sql, name);
    Json counts{{"pack", name}, {"added", 0}, {"changed", 0}, {"removed", 0}, {"unchanged", 0}};
    if (!digest.empty() && before == digest) {
        co_return counts;
    }
    auto loaded = load(folder);
    if (!loaded.faults.empty()) {
        throw_faults(loaded.faults);
    }
    auto changes = co_await apply(db, std::move(who), std::move(loaded.pack), ApplyOptions{});
    for (const auto& [put, count] : counts_of(changes.value())) {
        counts[put] = count;
    }
    co_return counts;
}

asio::awaitable<Result<std::vector<Change>>> plan(db::Pool& db, Principal who, Pack pack,
                                                  ApplyOptions options) {
    auto tx = co_await db.begin();  // never committed
    co_await tx.run(lock_sql);
    auto all = co_await steps(tx, pack, options);
    auto done = co_await take_all(tx, who, all, pack.name, options);
    if (!done && !refusal_of(all, options)) {
        co_return done.error();
    }
    co_return changes_of(std::move(all));
}

asio::awaitable<std::vector<Change>> diff(db::Pool& db, Pack pack) {
    auto tx = co_await db.begin_snapshot();
    const ApplyOptions all_of_it{.overwrite_drift = true};
    auto all = co_await steps(tx, pack, all_of_it);
    std::vector<Change> out;
    for (Change& change : changes_of(std::move(all))) {
        // Seen from the pack: what apply would add is what the database lacks.
        if (change.put == "removed") {
            continue;  // among the extras
        }
        change.put = change.put == "added" ? "removed" : change.put;
        for (Field& field : change.fields) {
            std::swap(field.from, field.to);
            field.put = field.put == "added" ? "removed" : field.put == "removed" ? "added" : field.put;
        }
        change.breaks.clear();
        out.push_back(std::move(change));
    }
    auto more = co_await extras(tx, pack);
    std::move(more.begin(), more.end(), std::back_inserter(out));
    co_await tx.commit();
    co_return out;
}

asio::awaitable<std::vector<Change>> drift(db::Pool& db) {
    auto tx = co_await db.begin_snapshot();
    std::vector<Change> out;
    std::map<std::string, std::map<std::string, Json>> wanted;
    for (auto& [name, one] : co_await applied(tx)) {
        if (one.content && find_kind(one.kind) != nullptr) {
            wanted[one.kind].emplace(one.key, *one.content);
        }
    }
    for (const auto& [name, contents] : wanted) {
        const Kind* kind = find_kind(name);
        std::set<std::string> keys;
        for (const auto& [key, content] : contents) {
            keys.insert(key);
        }
        auto there = co_await kind->read(tx, &keys);
        for (const auto& [key, content] : contents) {
            Change change{.kind = name, .key = key, .put = "unchanged"};
            const auto found = there.find(key);
            if (found == there.end()) {
                change.put = "removed";
            } else {
                kind->settle(content, found->second);
                change.fields = differences(content, found->second);
                change.put = change.fields.empty() ? "unchanged" : "changed";
            }
            change.drift = change.put != "unchanged";
            out.push_back(std::move(change));
        }
    }
    co_await tx.commit();
    co_return out;
}

asio::awaitable<WorkCalendar> load_calendar(db::Pool& db) {
    std::map<Day, bool> days;
    for (const auto& day : co_await db.all<Workday>(all_workdays_sql)) {
        days.emplace(parse_day(day.day).value(), day.worked);
    }
    co_return WorkCalendar(std::move(days));
}

PENGCHENG_STATEMENTS(lock_sql, note_sql, forget_sql, note_pack_sql, find_pack_sql, all_workdays_sql);

}  // namespace pengcheng::packs
