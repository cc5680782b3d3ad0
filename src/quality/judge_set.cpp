#include "quality/judge.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

/// Identifiers come from the catalogue, checked against the stored table's columns; no value is in the text.
class SetSql {
public:
    SetSql(const store::Table& table, const rules::RuleSpec& spec) : table_(table.name) {
        std::vector<std::string> names{spec.item};
        if (spec.params.is_object() && spec.params.contains("columns")) {
            names = spec.params["columns"].get<std::vector<std::string>>();
        }
        for (const std::string& name : names) {
            auto column = std::ranges::find(table.columns, name, &store::Column::name);
            complete_ = complete_ && column != table.columns.end();
            if (complete_) {
                columns_.push_back(sql_identifier(name));
                texts_.push_back(column->pg_type == "text");
            }
        }
    }
    /// Whether the table has every column.
    [[nodiscard]] bool complete() const { return complete_ && !columns_.empty(); }

    [[nodiscard]] std::string judged() const {
        return "SELECT count(*) FROM " + table_ + " WHERE " + filled();
    }
    /// Looks at these rows only, as `$1::bigint[]`.
    void restrict() { among_ = "_id = ANY($1::bigint[]) AND "; }

    /// Every row whose key occurs more than once.
    [[nodiscard]] std::string repeated_keys() const {
        return "SELECT _id, _line, value FROM (SELECT _id, _line, " + value() +
               " AS value, count(*) OVER (PARTITION BY " + join(columns_, ", ") + ") AS times FROM " +
               table_ + " WHERE " + filled() + ") AS counted WHERE times > 1";
    }
    /// Every row after the first of its kind.
    [[nodiscard]] std::string surplus_rows() const {
        return "SELECT _id, _line, value FROM (SELECT _id, _line, " + value() +
               " AS value, row_number() OVER (PARTITION BY " + join(columns_, ", ") +
               " ORDER BY _id) AS nth FROM " + table_ + " WHERE " + filled() + ") AS numbered WHERE nth > 1";
    }

private:
    /// A key with an empty part repeats none: that is a fault of completeness.
    [[nodiscard]] std::string filled() const {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            parts.push_back(columns_[i] + (texts_[i] ? " <> ''" : " IS NOT NULL"));
        }
        return among_ + join(parts, " AND ");
    }
    [[nodiscard]] std::string value() const { return "concat_ws(', ', " + join(columns_, ", ") + ")"; }

    std::string table_;
    std::string among_;
    std::vector<std::string> columns_;
    std::vector<bool> texts_;
    bool complete_ = true;
};

std::string array_of(const std::vector<std::int64_t>& numbers) {
    std::string out = "{";
    for (std::int64_t number : numbers) {
        out += (out.size() > 1 ? "," : "") + std::to_string(number);
    }
    return out + "}";
}

}  // namespace

asio::awaitable<void> judge_set(db::Transaction& reader, db::Transaction& writer, const Subject& subject,
                                std::size_t rule, std::optional<std::vector<std::int64_t>> among,
                                rules::Counts& counts) {
    const rules::RuleSpec& spec = subject.rules.specs()[rule];
    SetSql sql(subject.table, spec);
    if (!sql.complete() || (among && among->empty())) {
        co_return;
    }
    bool surplus = spec.kind == "duplicate";
    std::vector<db::Param> params;
    if (among) {
        sql.restrict();
        params.emplace_back(array_of(*among));
    } else if (!subject.in_memory(rule)) {
        db::Query judged{.sql = sql.judged()};
        auto counted = co_await reader.query(std::move(judged));
        counts.judged[rule] += db::row_as<std::int64_t>(counted, 0);
    }

    FailureRow failure{.rule = spec.id,
                       .dimension = subject.rules.kind(rule).dimension,
                       .severity = spec.severity,
                       .item = spec.item,
                       .code = spec.kind,
                       .reason_zh = surplus ? "与前面的行重复" : "该值在表中出现多次",
                       .reason_en = surplus ? "repeats an earlier row" : "the value occurs more than once"};
    db::Query failing{.sql = surplus ? sql.surplus_rows() : sql.repeated_keys(), .params = std::move(params)};
    auto stream = co_await reader.stream(std::move(failing));
    std::string copy;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            failure.row_id = db::row_as<std::int64_t>(*rows, row);
            failure.line = rows->at(row, 1) ? to_int(*rows->at(row, 1)) : std::nullopt;
            failure.value = rows->at(row, 2);
            append_failure(copy, subject.run_id, failure);
        }
        counts.failed[rule] += rows->size();
        co_await writer.copy_in_write(copy);
        copy.clear();
    }
}

}  // namespace pengcheng::quality
