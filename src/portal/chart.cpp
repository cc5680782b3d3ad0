#include "portal/chart.hpp"

#include "portal/datasets.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <algorithm>
#include <unordered_map>

namespace pengcheng::portal {

namespace {

constexpr std::int64_t chart_rows_max = 5'000'000;
constexpr int sample_rows = 20'000;

constexpr db::Statement find_chart_sql{"portal.find_chart", R"sql(
    SELECT CASE WHEN $4::boolean THEN zh ELSE en END
      FROM portal.chart
     WHERE slug = $1 AND version = $2::int AND load = $3::bigint
)sql"};

constexpr db::Statement keep_chart_sql{"portal.keep_chart", R"sql(
    INSERT INTO portal.chart (slug, version, load, zh, en)
    VALUES ($1, $2::int, $3::bigint, $4::jsonb, $5::jsonb)
    ON CONFLICT (slug) DO UPDATE SET version = excluded.version, load = excluded.load, zh = excluded.zh,
                                     en = excluded.en
)sql"};

using Labels = std::unordered_map<std::string, std::string>;

struct Points {
    std::vector<std::string> names;
    std::vector<std::optional<double>> values;
};

Json none(std::string title, std::string reason) {
    return {{"kind", "none"},
            {"title", std::move(title)},
            {"reason", std::move(reason)},
            {"x", nullptr},
            {"series", Json::array()}};
}

/// A column as the public sees it: an SQL expression that never shows more than its mask.
std::string shown(const ChartField& field) {
    std::string column = sql_identifier(field.column);
    return field.mask.empty() ? column : rows::mask_sql(field.mask, column);
}

std::vector<ChartField> fields_of(const Dataset& dataset, const rows::View& view) {
    std::vector<ChartField> out;
    for (const auto& field : view.fields) {
        ChartField made{.column = field.column, .label = field.label, .type = field.type, .mask = field.mask};
        for (const auto& item : dataset.items) {
            if (item.at("column") == field.column) {
                made.code_list = item.value("code_list", "");
                made.element = item.value("element", "");
                made.unit = item.value("unit", "");
            }
        }
        const auto& key = view.table.key;
        made.key = std::find(key.begin(), key.end(), field.column) != key.end();
        out.push_back(std::move(made));
    }
    return out;
}

/// How many values each possible axis has, from one pass over a sample; first and last of dates.
asio::awaitable<void> look_at(db::Transaction& tx, const std::string& table,
                              std::vector<ChartField>& fields) {
    std::string select, inner;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::string n = std::to_string(i);
        bool date = (fields[i].type == "D" || fields[i].type == "T") && fields[i].mask.empty();
        select +=
            (i ? ", " : "") + std::string("count(DISTINCT c") + n + ")::text, count(c" + n + ")::text, " +
            (date ? "min(c" + n + ")::date::text, max(c" + n + ")::date::text" : "NULL::text, NULL::text");
        inner += (i ? ", " : "") + shown(fields[i]) + " AS c" + n;
    }
    db::Query query{"SELECT " + select + " FROM (SELECT " + inner + " FROM " + table + " LIMIT " +
                        std::to_string(sample_rows) + ") AS sample",
                    {}};
    auto found = co_await tx.query(std::move(query));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        int at = static_cast<int>(i) * 4;
        fields[i].distinct = to_int(found.at(0, at).value_or("0")).value_or(0);
        fields[i].filled = to_int(found.at(0, at + 1).value_or("0")).value_or(0);
        fields[i].low = std::string(found.at(0, at + 2).value_or(""));
        fields[i].high = std::string(found.at(0, at + 3).value_or(""));
    }
}

std::string x_expression(const ChartField& field, const std::string& step) {
    if (field.type != "D" && field.type != "T") {
        return "(" + shown(field) + ")::text";
    }
    std::string format = step == "day" ? "YYYY-MM-DD" : step == "month" ? "YYYY-MM" : "YYYY";
    std::string column = sql_identifier(field.column);
    return "to_char(" + (field.type == "T" ? column + " AT TIME ZONE interval '08:00'" : column) + ", '" +
           format + "')";
}

asio::awaitable<Points> aggregate(db::Transaction& tx, const std::string& table,
                                  const std::vector<ChartField>& fields, const ChartPlan& plan) {
    std::string amount = plan.y ? sql_identifier(fields[*plan.y].column) : "1";
    std::string order = plan.step.empty() ? "2 DESC NULLS LAST, 1" : "1";
    db::Query query{"SELECT axis, sum(amount)::float8 FROM (SELECT " +
                        x_expression(fields[plan.x], plan.step) + " AS axis, " + amount + " AS amount FROM " +
                        table + ") AS shown WHERE axis IS NOT NULL GROUP BY axis ORDER BY " + order +
                        " LIMIT " + std::to_string(points_max),
                    {}};
    auto found = co_await tx.query(std::move(query));
    Points points;
    for (int i = 0; i < found.size(); ++i) {
        points.names.emplace_back(found.at(i, 0).value_or(""));
        auto value = found.at(i, 1);
        points.values.push_back(value ? to_double(*value) : std::nullopt);
    }
    co_return points;
}

asio::awaitable<Labels> labels_of(db::Pool& db, ChartField field) {
    Labels labels;
    if (!field.code_list.empty()) {
        auto list = co_await catalogue::code_list(db, field.code_list);
        if (list) {
            labels = std::move(list->values);
        }
    } else if (field.element == "region") {
        for (auto& region : co_await identity::regions(db)) {
            labels.emplace(region.code, region.name);
        }
    } else if (field.type == "L") {
        labels = {{"true", "是"}, {"false", "否"}};
    }
    co_return labels;
}

Json drawn(const std::vector<ChartField>& fields, const ChartPlan& plan, const Points& points,
           const Labels& labels, bool chinese) {
    const auto& x = fields[plan.x];
    std::string y_name = chinese ? "记录数" : "Records";
    if (plan.y) {
        const auto& y = fields[*plan.y];
        y_name =
            y.unit.empty() ? y.label : y.label + (chinese ? "（" : " (") + y.unit + (chinese ? "）" : ")");
    }
    Json names = Json::array();
    for (const auto& name : points.names) {
        auto label = labels.find(name);
        names.push_back(label == labels.end() ? name : label->second);
    }
    Json values = Json::array();
    for (const auto& value : points.values) {
        values.push_back(value ? Json(*value) : Json(nullptr));
    }
    static const std::unordered_map<std::string, std::pair<std::string, std::string>> steps{
        {"day", {"按日", "by day"}}, {"month", {"按月", "by month"}}, {"year", {"按年", "by year"}}};
    auto step = steps.find(plan.step);
    std::string title;
    if (chinese) {
        title = "按" + x.label + (step == steps.end() ? "" : "（" + step->second.first + "）") + "统计的" +
                y_name;
    } else {
        title = y_name + " by " + x.label + (step == steps.end() ? "" : ", " + step->second.second);
    }
    return {{"kind", plan.step.empty() ? "bar" : "line"},
            {"title", title},
            {"reason", ""},
            {"x", {{"name", x.label}, {"values", std::move(names)}}},
            {"series", Json::array({Json{{"name", y_name}, {"values", std::move(values)}}})}};
}

struct Computed {
    Json zh, en;
};

asio::awaitable<Computed> compute(db::Pool& db, Dataset dataset, rows::View view) {
    auto fields = fields_of(dataset, view);
    std::optional<ChartPlan> plan;
    Points points;
    {
        auto tx = co_await db.begin_snapshot();
        co_await tx.script("SET LOCAL statement_timeout = '5s'");
        co_await look_at(tx, view.table.name, fields);
        plan = plan_chart(fields);
        if (plan) {
            points = co_await aggregate(tx, view.table.name, fields, *plan);
        }
        co_await tx.commit();
    }
    if (!plan || points.names.size() < 2) {
        co_return Computed{
            none(dataset.title, "这些信息项里没有适合作图的日期或分类"),
            none(dataset.title, "No opened item is a date or a category that a chart could show")};
    }
    auto labels = co_await labels_of(db, fields[plan->x]);
    co_return Computed{drawn(fields, *plan, points, labels, true),
                       drawn(fields, *plan, points, labels, false)};
}

}  // namespace

asio::awaitable<Json> chart_of(db::Pool& db, Dataset dataset, rows::View view, bool chinese) {
    auto kept =
        co_await db.find<Json>(find_chart_sql, dataset.slug, dataset.version, view.table.load, chinese);
    if (kept) {
        co_return std::move(*kept);
    }
    if (view.table.rows > chart_rows_max) {
        co_return none(dataset.title, chinese ? "数据量较大，请用接口查询后自行作图"
                                              : "Too many rows to draw at once; query the API instead");
    }
    bool too_slow = false;
    Computed made;
    try {
        made = co_await compute(db, dataset, view);
    } catch (const db::Error& error) {
        if (error.sqlstate() != "57014") {
            throw;
        }
        too_slow = true;
    }
    if (too_slow) {
        co_return none(dataset.title,
                       chinese ? "数据量较大，统计用时过长" : "The figures took too long to make");
    }
    co_await db.run(keep_chart_sql, dataset.slug, dataset.version, view.table.load, made.zh, made.en);
    co_return chinese ? made.zh : made.en;
}

PENGCHENG_STATEMENTS(find_chart_sql, keep_chart_sql);

}  // namespace pengcheng::portal
