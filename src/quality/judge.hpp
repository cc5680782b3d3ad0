#pragma once

#include "quality/fingerprints.hpp"
#include "quality/wire_rows.hpp"

#include <pengcheng/db/pool.hpp>
#include <pengcheng/jobs/jobs.hpp>
#include <pengcheng/rules/check.hpp>
#include <pengcheng/store/table.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The rows of one stored table against the rules of its resource.
namespace pengcheng::quality {

namespace asio = boost::asio;

/// COPY command of quality.failure; append_failure writes its rows.
extern const std::string_view failure_copy_sql;

struct FailureRow {
    std::string_view rule, dimension, severity, item, code, reason_zh, reason_en;
    std::int64_t row_id = 0;
    std::optional<std::int64_t> line;
    std::optional<std::string_view> value;
};
/// One row in COPY's text form. Values beyond 500 characters are cut.
void append_failure(std::string& out, std::string_view run_id, const FailureRow& failure);

/// What a run works on. Immutable while it runs, read by several workers.
struct Subject {
    std::string run_id;
    store::Table table;
    rules::CompiledRules rules;
    std::vector<rules::RuleSpec> listless;  ///< rules that cannot judge: their code list is not here
    std::vector<int> cell_of_item;          ///< column of the COPY below, -1: the table has no such column
    std::vector<Wire> wires;                ///< how each column of the COPY comes
    std::vector<KeyColumns> keys;           ///< of the set rules that are judged in memory

    [[nodiscard]] std::string copy_sql() const;  ///< _id, _line, then the items' columns, binary
    [[nodiscard]] bool in_memory(std::size_t rule) const;
};
std::shared_ptr<const Subject> make_subject(std::string run_id, store::Table table,
                                            rules::CompiledRules rules,
                                            std::vector<rules::RuleSpec> listless);

/// Judges rows on the worker pool while the next ones are read; at most one slice a worker is on its way, and
/// one waits.
/// Lives on the job's thread.
class RowJudge {
public:
    RowJudge(jobs::Context& context, std::shared_ptr<const Subject> subject);

    /// Reads every row in `reader`'s snapshot, and writes failures into `writer`, where COPY has begun.
    /// Returns, also by exception, only when no worker holds a slice any more.
    asio::awaitable<void> run(db::Transaction& reader, db::Transaction& writer);

    [[nodiscard]] const rules::Counts& counts() const { return counts_; }
    [[nodiscard]] std::int64_t rows() const { return rows_; }
    /// Rows that may break the set rule subject.keys[key]; nothing when they are too many to name.
    asio::awaitable<std::optional<std::vector<std::int64_t>>> suspects_of(std::size_t key);

private:
    struct Slice;
    asio::awaitable<void> read(db::Transaction& reader, db::Transaction& writer);
    asio::awaitable<void> take_bytes(std::string_view rows, std::string& bytes, db::Transaction& writer);
    asio::awaitable<void> judge(std::shared_ptr<Slice> slice);
    asio::awaitable<void> take_finished(db::Transaction& writer, int in_flight_max);
    void start(std::shared_ptr<Slice> slice);

    jobs::Context& context_;
    std::shared_ptr<const Subject> subject_;
    rules::Counts counts_;
    std::int64_t rows_ = 0;
    int in_flight_ = 0;
    int in_flight_max_ = 1;
    std::deque<std::shared_ptr<Slice>> finished_;
    std::vector<std::shared_ptr<std::vector<Print>>> prints_;  ///< by key
    std::exception_ptr error_;
    asio::steady_timer changed_;
};

/// Rules over all rows (unique, composite_unique, duplicate), by SQL in `reader`'s snapshot.
/// Counts of rule `rule` go into `counts`, its failing rows into `writer`. With `among`, only these rows are
/// looked at and the judged ones are counted already.
asio::awaitable<void> judge_set(db::Transaction& reader, db::Transaction& writer, const Subject& subject,
                                std::size_t rule, std::optional<std::vector<std::int64_t>> among,
                                rules::Counts& counts);

}  // namespace pengcheng::quality
