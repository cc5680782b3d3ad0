#include "packs/kinds.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

constexpr db::Statement list_years_sql{"packs.list_years", R"sql(
    SELECT DISTINCT extract(year FROM day)::int AS year FROM packs.workday ORDER BY 1
)sql"};

constexpr db::Statement find_source_sql{"packs.find_year_source", R"sql(
    SELECT source FROM packs.year WHERE year = $1::int
)sql"};

constexpr db::Statement year_days_sql{"packs.list_year_days", R"sql(
    SELECT day::text AS day, worked, name FROM packs.workday
     WHERE extract(year FROM day) = $1::int ORDER BY day
)sql"};

constexpr db::Statement clear_year_sql{"packs.clear_year", R"sql(
    WITH gone AS (DELETE FROM packs.year WHERE year = $1::int)
    DELETE FROM packs.workday WHERE extract(year FROM day) = $1::int
)sql"};

constexpr db::Statement put_source_sql{"packs.put_year_source", R"sql(
    INSERT INTO packs.year (year, source) VALUES ($1::int, $2)
)sql"};

constexpr db::Statement add_day_sql{"packs.add_year_day", R"sql(
    INSERT INTO packs.workday (day, worked, name) VALUES ($1::date, $2::boolean, $3)
)sql"};

struct SpecialDay {
    std::string day;
    bool worked = false;
    std::string name;
};
constexpr auto describe(db::RowOf<SpecialDay>) {
    return db::columns(db::column("day", &SpecialDay::day), db::column("worked", &SpecialDay::worked),
                       db::column("name", &SpecialDay::name));
}

std::string year_of(const Json& content) {
    return std::to_string(content.at("year").get<int>());
}

std::vector<SpecialDay> days_of(const Json& year) {
    std::map<std::string, SpecialDay> days;
    for (const auto& holiday : year.at("holidays")) {
        const Day to = parse_day(holiday.at("to").get<std::string>()).value();
        for (Day day = parse_day(holiday.at("from").get<std::string>()).value(); day <= to;
             day += std::chrono::days{1}) {
            days[to_text(day)] = {to_text(day), false, holiday.at("name").get<std::string>()};
        }
    }
    for (const auto& day : year.at("make_up")) {
        days[day.get<std::string>()] = {day.get<std::string>(), true, "调休上班"};
    }
    std::vector<SpecialDay> list;
    for (auto& [text, day] : days) {
        list.push_back(std::move(day));
    }
    return list;
}

/// Runs of days with one name become one holiday.
Json year_from(int year, const std::string& source, const std::vector<SpecialDay>& days) {
    Json holidays = Json::array();
    Json make_up = Json::array();
    Day last{};
    for (const SpecialDay& special : days) {
        const Day day = parse_day(special.day).value();
        if (special.worked) {
            make_up.push_back(special.day);
        } else if (!holidays.empty() && holidays.back()["name"] == special.name &&
                   day == last + std::chrono::days{1}) {
            holidays.back()["to"] = special.day;
            last = day;
        } else {
            holidays.push_back({{"name", special.name}, {"from", special.day}, {"to", special.day}});
            last = day;
        }
    }
    return {{"year", year}, {"source", source}, {"holidays", holidays}, {"make_up", make_up}};
}

Json canonical(const Json& content) {
    return year_from(content.at("year").get<int>(), content.at("source").get<std::string>(),
                     days_of(content));
}

asio::awaitable<Contents> read(db::Transaction& tx, const std::set<std::string>* keys) {
    Contents contents;
    for (const int year : co_await tx.all<int>(list_years_sql)) {
        if (keys != nullptr && !keys->contains(std::to_string(year))) {
            continue;
        }
        const auto days = co_await tx.all<SpecialDay>(year_days_sql, year);
        const auto source = co_await tx.find<std::string>(find_source_sql, year);
        contents.emplace(std::to_string(year), year_from(year, source.value_or(""), days));
    }
    co_return contents;
}

asio::awaitable<Result<void>> put(db::Transaction& tx, Principal who, Json content) {
    const int year = content.at("year").get<int>();
    const auto days = days_of(content);
    const auto source = content.at("source").get<std::string>();
    co_await tx.run(clear_year_sql, year);
    co_await tx.run(put_source_sql, year, source);
    for (const SpecialDay& day : days) {
        co_await tx.run(add_day_sql, day.day, day.worked, day.name);
    }
    Json detail = {{"days", days.size()}, {"source", source}};
    co_await audit::record(tx, who, "packs.calendar.update", std::to_string(year), std::move(detail));
    co_return Result<void>();
}

asio::awaitable<Result<void>> remove(db::Transaction& tx, Principal who, std::string key) {
    co_await tx.run(clear_year_sql, static_cast<int>(to_int(key).value_or(0)));
    co_await audit::record(tx, who, "packs.calendar.remove", key);
    co_return Result<void>();
}

asio::awaitable<std::vector<Break>> breaks(db::Transaction&, std::string, Json, Json to) {
    std::vector<Break> breaks;
    if (to.is_null()) {
        breaks.push_back(
            {.zh = "该年度的办理期限将只按周末推算", .en = "limits in that year go by weekends only"});
    }
    co_return breaks;
}

}  // namespace

const Kind calendar_kind{.name = "calendar",
                         .file = "calendar.yaml",
                         .key = year_of,
                         .canonical = canonical,
                         .settle = leave_as_is,
                         .read = read,
                         .put = put,
                         .remove = remove,
                         .breaks = breaks};

PENGCHENG_STATEMENTS(list_years_sql, find_source_sql, year_days_sql, clear_year_sql, put_source_sql,
                     add_day_sql);

}  // namespace pengcheng::packs
