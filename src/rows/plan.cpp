#include "rows/plan.hpp"

#include "rows/condition_sql.hpp"
#include "rows/mask.hpp"
#include "rows/parse.hpp"
#include "rows/problems.hpp"
#include "rows/value.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace pengcheng::rows {
namespace {

struct Cast {
    std::string_view word;
    std::string_view pg_type;
};
constexpr std::array<Cast, 17> casts{{{"text", "text"},
                                      {"varchar", "text"},
                                      {"int", "integer"},
                                      {"int4", "integer"},
                                      {"integer", "integer"},
                                      {"int8", "bigint"},
                                      {"bigint", "bigint"},
                                      {"numeric", "numeric"},
                                      {"decimal", "numeric"},
                                      {"float8", "double precision"},
                                      {"float", "double precision"},
                                      {"real", "real"},
                                      {"float4", "real"},
                                      {"date", "date"},
                                      {"timestamptz", "timestamptz"},
                                      {"bool", "boolean"},
                                      {"boolean", "boolean"}}};

bool castable(std::string_view from, std::string_view to) {
    return to == "text" || from == to || (is_number_type(from) && is_number_type(to)) ||
           (from == "date" && to == "timestamptz") || (from == "timestamptz" && to == "date") ||
           (from == "boolean" && to == "integer");
}

formats::CellKind kind_of_pg(std::string_view pg_type) {
    return is_number_type(pg_type) ? formats::CellKind::number
           : pg_type == "boolean"  ? formats::CellKind::boolean
                                   : formats::CellKind::text;
}

const store::Column* find_column(const store::Table& table, std::string_view name) {
    auto at = std::ranges::find(table.columns, name, &store::Column::name);
    return at == table.columns.end() ? nullptr : &*at;
}

class Planner {
public:
    explicit Planner(const View& view) : view_(view) { plan_.table = view.table.name; }

    Result<Plan> make(const ReadQuery& query) {
        if (auto done = select(query); !done) {
            return done.error();
        }
        if (auto done = hide_rows(); !done) {
            return done.error();
        }
        if (auto done = where(query.filter); !done) {
            return done.error();
        }
        if (auto done = order(query.order); !done) {
            return done.error();
        }
        leave_masks();
        plan_.inner_list = "t.\"_id\"";
        for (const Field& field : view_.fields) {
            if (used_.contains(field.column)) {
                plan_.inner_list += ", " + inner_sql(field) + " AS " + sql_identifier(field.column);
            }
        }
        return std::move(plan_);
    }

private:
    /// A field of the view that the table still has.
    [[nodiscard]] const Field* find(std::string_view name) const {
        auto at = std::ranges::find(view_.fields, name, &Field::column);
        return at == view_.fields.end() || find_column(view_.table, name) == nullptr ? nullptr : &*at;
    }
    [[nodiscard]] std::string pg_type(const Field& field) const {
        return field.mask.empty() ? find_column(view_.table, field.column)->pg_type : "text";
    }
    std::string inner_sql(const Field& field) {
        std::string column = "t." + sql_identifier(field.column);
        if (field.mask.empty()) {
            return column;
        }
        if (left_.contains(field.column)) {
            return column + "::text";
        }
        bool keyed = field.mask == "pseudonym" && !view_.mask_key.empty();
        return mask_expression(field.mask, column, keyed ? pads() : KeyPads{});
    }
    /// Masks of cells that only leave are put on by us: a condition, an order or a cast sees the masked
    /// value, so PostgreSQL needs it.
    void leave_masks() {
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            const Field& field = *sources_[i];
            if (TextMask mask = text_mask(field.mask);
                mask != nullptr && !seen_masked_.contains(field.column)) {
                plan_.masks[i] = mask;
                left_.insert(field.column);
            }
        }
    }
    const KeyPads& pads() {
        if (pads_.inner.empty()) {
            plan_.params.emplace_back(key_pad(view_.mask_key, true));
            pads_.inner = "$" + std::to_string(plan_.params.size()) + "::bytea";
            plan_.params.emplace_back(key_pad(view_.mask_key, false));
            pads_.outer = "$" + std::to_string(plan_.params.size()) + "::bytea";
        }
        return pads_;
    }

    Result<void> select(const ReadQuery& query) {
        std::vector<SelectItem> items = query.select;
        if (items.empty()) {
            items.push_back({.column = "*"});
        }
        for (const SelectItem& item : items) {
            if (item.column == "*") {
                for (const Field& field : view_.fields) {
                    if (find(field.column) != nullptr) {
                        put(field, {.column = field.column}, pg_type(field));
                    }
                }
            } else if (auto done = select_one(item); !done) {
                return done;
            }
        }
        return {};
    }
    Result<void> select_one(const SelectItem& item) {
        const Field* field = find(item.column);
        if (field == nullptr) {
            return problem::no_column(item.column);
        }
        std::string from = pg_type(*field);
        if (item.cast.empty()) {
            put(*field, item, from);
            return {};
        }
        auto cast = std::ranges::find(casts, lower_ascii(item.cast), &Cast::word);
        if (cast == casts.end()) {
            std::string shown = item.cast.substr(0, 60);
            return problem::of(problem::bad_query, "42704", "没有类型“" + shown + "”",
                               "type \"" + shown + "\" does not exist", "/select");
        }
        if (!castable(from, cast->pg_type)) {
            return problem::of(problem::bad_query, "42846",
                               "字段 " + item.column + " 不能转换为 " + item.cast,
                               "cannot cast type " + from + " to " + std::string(cast->pg_type), "/select");
        }
        put(*field, item, std::string(cast->pg_type));
        return {};
    }
    void put(const Field& field, const SelectItem& item, std::string type) {
        std::string sql = "v." + sql_identifier(field.column);
        const store::Column& column = *find_column(view_.table, field.column);
        if (!item.cast.empty()) {
            sql += "::" + type;
            seen_masked_.insert(field.column);
        } else if (type == "timestamptz") {
            // A fixed offset: the zone's own had seconds before 1901 and summer time until 1991.
            sql = "replace((" + sql + " AT TIME ZONE interval '08:00')::text, ' ', 'T') || '+08:00'";
        }
        std::string name = item.alias.empty() ? field.column : item.alias;
        bool geo = field.mask == "geo" && column.pg_type != "text";
        plan_.columns.push_back({.name = name,
                                 .label = item.alias.empty() && !field.label.empty() ? field.label : name,
                                 .kind = geo ? formats::CellKind::number : kind_of_pg(type)});
        plan_.outputs.push_back(std::move(sql));
        plan_.masks.push_back(nullptr);
        sources_.push_back(&field);
        plan_.long_text = plan_.long_text || column.type == "M" || column.type == "G";
        if (std::ranges::find(plan_.fields, field.column) == plan_.fields.end()) {
            plan_.fields.push_back(field.column);
        }
        used_.insert(field.column);
    }

    /// The view's own filter sees every column of the table, unmasked.
    Result<void> hide_rows() {
        if (view_.row_filter.empty()) {
            return {};
        }
        auto node = parse_filter_text(view_.row_filter);
        if (!node) {
            return node.error();
        }
        auto resolve = [this](std::string_view name) -> std::optional<Operand> {
            const store::Column* column = find_column(view_.table, name);
            if (column == nullptr) {
                return std::nullopt;
            }
            return Operand{"t." + sql_identifier(name), column->pg_type};
        };
        if (node->children.empty()) {
            return {};
        }
        auto sql = condition_sql(*node, resolve, plan_.params);
        if (!sql) {
            return sql.error();
        }
        plan_.inner_where.push_back(std::move(*sql));
        return {};
    }
    Result<void> where(const Node& filter) {
        Resolve inside = [this](std::string_view name) { return operand(name, "t."); };
        Resolve outside = [this](std::string_view name) { return operand(name, "v."); };
        bool hidden = !plan_.inner_where.empty();
        std::set<std::string, std::less<>> equal;
        for (const Node& child : filter.children) {
            bool safe = leakproof(child, inside);
            plan_.fenced = plan_.fenced || (hidden && !safe);
            auto sql = condition_sql(child, safe ? inside : outside, plan_.params);
            if (!sql) {
                return sql.error();
            }
            (safe ? plan_.inner_where : plan_.outer_where).push_back(std::move(*sql));
            if (child.kind == Node::Kind::condition && !child.negated && child.op == Op::eq && safe &&
                child.quantifier == Quantifier::one) {
                equal.insert(child.column);
            }
        }
        const std::vector<std::string>& key = view_.table.key;
        auto asked = [&](const std::string& column) { return equal.contains(column); };
        plan_.by_key = std::ranges::any_of(key, asked);
        plan_.one_row = !key.empty() && std::ranges::all_of(key, asked);
        if (plan_.one_row && filter.children.size() == 1 &&
            find_column(view_.table, key.front())->pg_type == "text") {
            plan_.unique_text = key.front();
        }
        return {};
    }
    std::optional<Operand> operand(std::string_view name, std::string_view from) {
        const Field* field = find(name);
        if (field == nullptr) {
            return std::nullopt;
        }
        used_.insert(field->column);
        seen_masked_.insert(field->column);
        return Operand{std::string(from) + sql_identifier(name), pg_type(*field), !field->mask.empty()};
    }

    /// Whether the order names the whole key, unmasked: then no two rows are equal in it.
    [[nodiscard]] bool unique_in(const std::vector<OrderItem>& items) const {
        const std::vector<std::string>& key = view_.table.key;
        return !key.empty() && std::ranges::all_of(key, [&](const std::string& column) {
            const Field* field = find(column);
            return field != nullptr && field->mask.empty() &&
                   std::ranges::find(items, column, &OrderItem::column) != items.end();
        });
    }
    Result<void> order(std::vector<OrderItem> items) {
        bool own = items.empty() && !view_.default_order.empty();
        if (own) {
            auto parsed = parse_order(view_.default_order);
            if (!parsed) {
                return parsed.error();
            }
            items = std::move(*parsed);
        }
        for (const OrderItem& item : items) {
            auto column = operand(item.column, "v.");
            if (!column && own) {
                continue;  // a view may leave out the column that its table is usually ordered by
            }
            if (!column) {
                return problem::no_column(item.column);
            }
            std::string sql = column->sql + (item.descending ? " DESC" : " ASC");
            sql += item.nulls == OrderItem::Nulls::first  ? " NULLS FIRST"
                   : item.nulls == OrderItem::Nulls::last ? " NULLS LAST"
                                                          : "";
            plan_.order.push_back(std::move(sql));
        }
        plan_.storage_order = plan_.order.empty();
        if (!unique_in(items)) {
            plan_.order.emplace_back("v.\"_id\" ASC");
        }
        return {};
    }

    const View& view_;
    Plan plan_;
    KeyPads pads_;
    std::set<std::string, std::less<>> used_;
    std::vector<const Field*> sources_;               ///< of each column
    std::set<std::string, std::less<>> seen_masked_;  ///< fields whose masked value PostgreSQL needs
    std::set<std::string, std::less<>> left_;         ///< fields whose mask is put on by us
};

void append_all(std::string& sql, std::string_view word, const std::vector<std::string>& parts,
                std::string_view between) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sql += i == 0 ? word : between;
        sql += parts[i];
    }
}

std::string from_sql(const Plan& plan, const std::optional<std::int64_t>& after,
                     std::vector<db::Param>& params) {
    std::vector<std::string> inner = plan.inner_where;
    if (after) {
        params.emplace_back(*after);
        inner.push_back("t.\"_id\" > $" + std::to_string(params.size()) + "::bigint");
    }
    std::string sql = " FROM (SELECT " + plan.inner_list + " FROM " + plan.table + " AS t";
    append_all(sql, " WHERE ", inner, " AND ");
    sql += plan.fenced ? " OFFSET 0) AS v" : ") AS v";
    append_all(sql, " WHERE ", plan.outer_where, " AND ");
    return sql;
}

std::string select_list(const Plan& plan, const Page& page) {
    std::string out = "SELECT ";
    append_all(out, "", plan.outputs, ", ");
    if (page.with_id || plan.outputs.empty()) {
        out += plan.outputs.empty() ? "v.\"_id\"" : ", v.\"_id\"";
    }
    return out;
}

bool names_any(std::string_view name, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return name == word; });
}

}  // namespace

Result<Plan> make_plan(const View& view, const ReadQuery& query) {
    return Planner(view).make(query);
}

db::Query page_query(const Plan& plan, const Page& page) {
    db::Query out{.params = plan.params};
    out.sql = select_list(plan, page) + from_sql(plan, page.after, out.params);
    // At most one row: sorting and counting it are two steps of the executor for nothing.
    bool single = plan.one_row && page.offset == 0 && page.limit.value_or(1) > 0;
    if (!single) {
        append_all(out.sql, " ORDER BY ", plan.order, ", ");
    }
    if (page.limit && !single) {
        out.sql += " LIMIT " + std::to_string(*page.limit);
    }
    if (page.offset > 0) {
        out.sql += " OFFSET " + std::to_string(page.offset);
    }
    return out;
}

db::SharedQuery shared_query(std::string name, const Plan& plan, const Page& page) {
    db::SharedQuery out{.name = std::move(name), .sql = page_query(plan, page).sql};
    if (plan.unique_text.empty() || page.offset > 0 || page.after) {
        return out;
    }
    // Nothing else was asked: the last condition is the one on the key.
    constexpr std::string_view values = "\x01";
    std::string column = sql_identifier(plan.unique_text);
    Plan several = plan;
    several.inner_where.back() = "t." + column + " IN (" + std::string(values) + ")";
    std::string sql = select_list(several, page) + ", v." + column + from_sql(several, {}, several.params);
    auto at = sql.find(values);
    out.several_head = sql.substr(0, at);
    out.several_tail = sql.substr(at + values.size());
    return out;
}

db::Query count_query(const Plan& plan, std::optional<std::int64_t> max) {
    db::Query out{.params = plan.params};
    std::string from = from_sql(plan, std::nullopt, out.params);
    out.sql = max ? "SELECT count(*) FROM (SELECT 1" + from + " LIMIT " + std::to_string(*max) + ") AS c"
                  : "SELECT count(*)" + from;
    return out;
}

db::Query explain_query(const Plan& plan) {
    db::Query out{.params = plan.params};
    out.sql = "EXPLAIN (FORMAT JSON) SELECT 1" + from_sql(plan, std::nullopt, out.params);
    return out;
}

db::Query edge_query(const Plan& plan, const Page& page) {
    db::Query out{.params = plan.params};
    out.sql = "SELECT v.\"_id\"" + from_sql(plan, page.after, out.params);
    if (plan.storage_order) {
        out.sql += " ORDER BY v.\"_id\"";
    }
    std::int64_t before = page.offset + std::max<std::int64_t>(*page.limit - 1, 0);
    out.sql += " LIMIT 2 OFFSET " + std::to_string(before);
    return out;
}

formats::GeoColumns geo_columns(const Plan& plan) {
    formats::GeoColumns out;
    for (const formats::OutColumn& column : plan.columns) {
        if (column.kind != formats::CellKind::number) {
            continue;
        }
        std::string name = lower_ascii(column.name);
        if (names_any(name, {"longitude", "lng", "lon"}) || column.label.find("经度") != std::string::npos) {
            out.longitude = column.name;
        } else if (names_any(name, {"latitude", "lat"}) || column.label.find("纬度") != std::string::npos) {
            out.latitude = column.name;
        }
    }
    return out.longitude.empty() || out.latitude.empty() ? formats::GeoColumns{} : out;
}

Result<void> check_row_filter(const store::Table& table, std::string_view filter) {
    View view{.table = table, .row_filter = std::string(filter)};
    for (const store::Column& column : table.columns) {
        view.fields.push_back({.column = column.name, .label = column.label, .type = column.type});
    }
    auto plan = make_plan(view, {});
    return plan ? Result<void>{} : Result<void>(plan.error());
}

}  // namespace pengcheng::rows
