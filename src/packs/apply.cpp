#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/packs/packs.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/services/services.hpp>

#include "packs/problems.hpp"

namespace pengcheng::packs {

namespace {

constexpr db::Statement lock_sql{"packs.lock", R"sql(
    SELECT pg_advisory_xact_lock(hashtext('packs.apply'))
)sql"};

constexpr db::Statement find_digest_sql{"packs.find_digest", R"sql(
    SELECT digest FROM packs.applied WHERE kind = $1 AND key = $2
)sql"};

constexpr db::Statement keep_digest_sql{"packs.keep_digest", R"sql(
    INSERT INTO packs.applied (kind, key, pack, digest) VALUES ($1, $2, $3, $4)
    ON CONFLICT (kind, key) DO UPDATE SET pack = $3, digest = $4, applied_at = now()
)sql"};

constexpr db::Statement find_workdays_sql{"packs.find_workdays", R"sql(
    SELECT day || CASE WHEN worked THEN ' 1 ' ELSE ' 0 ' END || name
      FROM packs.workday WHERE extract(year FROM day) = $1::int ORDER BY day
)sql"};

constexpr db::Statement clear_workdays_sql{"packs.clear_workdays", R"sql(
    DELETE FROM packs.workday WHERE extract(year FROM day) = $1::int
)sql"};

constexpr db::Statement add_workday_sql{"packs.add_workday", R"sql(
    INSERT INTO packs.workday (day, worked, name) VALUES ($1::date, $2::boolean, $3)
    ON CONFLICT (day) DO UPDATE SET worked = $2::boolean, name = $3
)sql"};

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

std::string put_name(identity::Put put) {
    return put == identity::Put::added ? "added" : put == identity::Put::changed ? "changed" : "unchanged";
}

std::string put_name(services::Put put) {
    return put == services::Put::added ? "added" : put == services::Put::changed ? "changed" : "unchanged";
}

using Done = Result<std::string>;

asio::awaitable<Done> put_organization(db::Transaction& tx, const Principal& who, Json content) {
    identity::Organization organization{.code = content.at("code"),
                                        .name = content.at("name"),
                                        .short_name = content.at("short_name"),
                                        .kind = content.at("kind"),
                                        .region = content.at("region"),
                                        .parent = content.value("parent", ""),
                                        .status = content.value("status", ""),
                                        .note = content.value("note", "")};
    co_return put_name(co_await identity::add_organization(tx, who, std::move(organization)));
}

asio::awaitable<Done> put_region(db::Transaction& tx, const Principal& who, Json content) {
    identity::Region region{.code = content.at("code"),
                            .name = content.at("name"),
                            .parent = content.value("parent", ""),
                            .level = content.at("level")};
    co_return put_name(co_await identity::add_region(tx, who, std::move(region)));
}

/// "2026-01-01 0 元旦": one line per day that differs from its weekday.
std::map<std::string, std::pair<bool, std::string>> special_days(const Json& year) {
    std::map<std::string, std::pair<bool, std::string>> days;
    for (const auto& holiday : year.at("holidays")) {
        const Day to = parse_day(holiday.at("to").get<std::string>()).value();
        for (Day day = parse_day(holiday.at("from").get<std::string>()).value(); day <= to;
             day += std::chrono::days{1}) {
            days[to_text(day)] = {false, holiday.at("name").get<std::string>()};
        }
    }
    for (const auto& day : year.at("make_up")) {
        days[day.get<std::string>()] = {true, "调休上班"};
    }
    return days;
}

asio::awaitable<Done> put_year(db::Transaction& tx, const Principal& who, Json content) {
    const int year = content.at("year").get<int>();
    const auto days = special_days(content);
    std::vector<std::string> wanted;
    for (const auto& [day, what] : days) {
        wanted.push_back(day + (what.first ? " 1 " : " 0 ") + what.second);
    }
    const auto present = co_await tx.all<std::string>(find_workdays_sql, year);
    if (present == wanted) {
        co_return "unchanged";
    }
    co_await tx.run(clear_workdays_sql, year);
    for (const auto& [day, what] : days) {
        co_await tx.run(add_workday_sql, day, what.first, what.second);
    }
    Json detail{{"days", days.size()}, {"source", content.at("source")}};
    co_await audit::record(tx, who, "packs.calendar.update", std::to_string(year), std::move(detail));
    co_return present.empty() ? "added" : "changed";
}

/// For kinds whose module does not tell whether anything changed: the digest of what was applied last.
asio::awaitable<std::string> compare_digest(db::Transaction& tx, Object object, std::string pack) {
    const std::string digest = crypto::sha256_hex(object.content.dump());
    auto before = co_await tx.find<std::string>(find_digest_sql, object.kind, object.key);
    if (before == digest) {
        co_return "unchanged";
    }
    co_await tx.run(keep_digest_sql, object.kind, object.key, std::move(pack), digest);
    co_return before ? "changed" : "added";
}

asio::awaitable<Done> put_code_list(db::Transaction& tx, const Principal& who, Object object,
                                    std::string pack) {
    auto put = co_await compare_digest(tx, object, std::move(pack));
    if (put != "unchanged") {
        catalogue::CodeList list{.code = object.content.at("code"), .name = object.content.at("name")};
        for (const auto& value : object.content.at("values")) {
            catalogue::CodeList::Value one{
                .value = value.at("value"), .label = value.at("label"), .parent = value.value("parent", "")};
            list.values[one.value] = one.label;
            list.ordered.push_back(std::move(one));
        }
        co_await catalogue::put_code_list(tx, who, std::move(list));
    }
    co_return put;
}

/// A new entry becomes a draft; a changed one a working version beside what is published. Review and
/// publication stay with people.
asio::awaitable<Done> put_resource(db::Transaction& tx, const Principal& who, Object object,
                                   std::string pack) {
    auto put = co_await compare_digest(tx, object, std::move(pack));
    if (put == "unchanged") {
        co_return put;
    }
    auto input = catalogue::input_from_json(object.content);
    if (!input) {
        co_return input.error();
    }
    auto ref = co_await catalogue::find_ref(tx, input->organization, input->name);
    if (!ref) {
        auto made = co_await catalogue::create(tx, who, *input);
        if (!made) {
            co_return made.error();
        }
        co_return "added";
    }
    auto present = co_await catalogue::find(tx, *ref);
    auto updated = co_await catalogue::update(tx, who, *ref, present ? present->version : 0, *input);
    if (!updated) {
        co_return updated.error();
    }
    co_return "changed";
}

/// People have the last word: what they changed stays until the pack's own text changes.
asio::awaitable<Done> put_rules(db::Transaction& tx, const Principal& who, Object object, std::string pack) {
    auto put = co_await compare_digest(tx, object, std::move(pack));
    if (put == "unchanged") {
        co_return put;
    }
    const auto organization = object.content.at("organization").get<std::string>();
    const auto name = object.content.at("resource").get<std::string>();
    auto ref = co_await catalogue::find_ref(tx, organization, name);
    if (!ref) {
        co_return problem::no_resource.because("部门 " + organization + " 没有名为“" + name + "”的目录",
                                               organization + " has no entry called " + name);
    }
    Json rules = object.content.at("rules");
    auto done = co_await quality::put_pack_rules(tx, who, *ref, std::move(rules));
    if (!done) {
        co_return done.error();
    }
    co_return put;
}

asio::awaitable<Done> put_service_item(db::Transaction& tx, const Principal& who, Json content) {
    const auto code = content.at("organization").get<std::string>();
    auto organization = co_await identity::organization(tx, code);
    if (!organization) {
        co_return problem::no_organization.because("没有编号为 " + code + " 的部门",
                                                   "There is no organization " + code);
    }
    co_return put_name(co_await services::put_item(tx, who, std::move(content)));
}

asio::awaitable<Done> put(db::Transaction& tx, const Principal& who, Object object, std::string pack) {
    if (object.kind == "organizations") {
        co_return co_await put_organization(tx, who, object.content);
    }
    if (object.kind == "regions") {
        co_return co_await put_region(tx, who, object.content);
    }
    if (object.kind == "calendar") {
        co_return co_await put_year(tx, who, object.content);
    }
    if (object.kind == "code_lists") {
        co_return co_await put_code_list(tx, who, std::move(object), std::move(pack));
    }
    if (object.kind == "resources") {
        co_return co_await put_resource(tx, who, std::move(object), std::move(pack));
    }
    if (object.kind == "rules") {
        co_return co_await put_rules(tx, who, std::move(object), std::move(pack));
    }
    co_return co_await put_service_item(tx, who, object.content);
}

asio::awaitable<Result<std::vector<Change>>> work_through(db::Transaction& tx, const Principal& who,
                                                          Pack pack) {
    co_await tx.run(lock_sql);
    std::vector<Change> changes;
    for (auto& object : pack.objects) {
        Change change{.kind = object.kind, .key = object.key};
        const std::string where = object.file + ":" + std::to_string(object.line) + " ";
        auto done = co_await put(tx, who, std::move(object), pack.name);
        if (!done) {
            Problem refused = done.error();
            refused.detail_zh = where + refused.text(true);
            refused.detail_en = where + refused.text(false);
            co_return refused;
        }
        change.put = *done;
        changes.push_back(std::move(change));
    }
    co_return changes;
}

}  // namespace

asio::awaitable<Result<std::vector<Change>>> apply(db::Pool& db, Principal who, Pack pack) {
    auto tx = co_await db.begin();
    const std::string name = pack.name;
    auto changes = co_await work_through(tx, who, std::move(pack));
    if (!changes) {
        co_return changes;
    }
    std::map<std::string, int> counts;
    for (const auto& change : *changes) {
        counts[change.put] += 1;
    }
    if (counts["added"] + counts["changed"] > 0) {
        Json detail(counts);
        co_await audit::record(tx, who, "packs.pack.apply", name, std::move(detail));
    }
    co_await tx.commit();
    co_return changes;
}

asio::awaitable<Json> apply(db::Pool& db, Principal who, std::filesystem::path folder) {
    auto loaded = load(folder);
    if (!loaded.faults.empty()) {
        Problem refused = problem::bad_pack.plain();
        for (const auto& fault : loaded.faults) {
            const std::string where = fault.file + ":" + std::to_string(fault.line);
            refused.also(where, where + " " + fault.zh, where + " " + fault.en);
        }
        refused.detail_zh = refused.errors.front().detail_zh;
        refused.detail_en = refused.errors.front().detail_en;
        throw ProblemError(std::move(refused));
    }
    Json counts{{"pack", loaded.pack.name}, {"added", 0}, {"changed", 0}, {"unchanged", 0}};
    auto changes = co_await apply(db, std::move(who), std::move(loaded.pack));
    for (const auto& change : changes.value()) {
        counts[change.put] = counts[change.put].get<int>() + 1;
    }
    co_return counts;
}

asio::awaitable<Result<std::vector<Change>>> plan(db::Pool& db, Principal who, Pack pack) {
    auto tx = co_await db.begin();  // never committed
    co_return co_await work_through(tx, who, std::move(pack));
}

asio::awaitable<WorkCalendar> load_calendar(db::Pool& db) {
    std::map<Day, bool> days;
    for (const auto& day : co_await db.all<Workday>(all_workdays_sql)) {
        days.emplace(parse_day(day.day).value(), day.worked);
    }
    co_return WorkCalendar(std::move(days));
}

PENGCHENG_STATEMENTS(lock_sql, find_digest_sql, keep_digest_sql, find_workdays_sql, clear_workdays_sql,
                     add_workday_sql, all_workdays_sql);

}  // namespace pengcheng::packs
