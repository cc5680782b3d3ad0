#include "quality/judge.hpp"

#include <pengcheng/base/spawn.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr int slice_rows = 4096;
constexpr int fixed_columns = 2;  // _id, _line

std::int64_t number_at(const db::Rows& rows, int row, int column) {
    return to_int(rows.at(row, column).value_or("")).value_or(0);
}

}  // namespace

/// Rows as they came from the wire, then what was found in them.
struct RowJudge::Slice {
    std::vector<db::Rows> batches;
    int rows = 0;
    rules::Counts counts;
    std::string failures;

    void judge(const Subject& subject) {
        counts = subject.rules.counts();
        std::vector<rules::Cell> cells(subject.cell_of_item.size());
        const db::Rows* batch = nullptr;
        int row = 0;
        rules::FailureSink note = [&](const rules::Failure& found) {
            const rules::RuleSpec& spec = subject.rules.specs()[found.rule];
            FailureRow failure{.rule = spec.id,
                               .dimension = subject.rules.kind(found.rule).dimension,
                               .severity = spec.severity,
                               .item = spec.item,
                               .code = found.code,
                               .reason_zh = found.reason_zh,
                               .reason_en = found.reason_en,
                               .row_id = number_at(*batch, row, 0),
                               .value = cells[found.column]};
            if (batch->at(row, 1)) {
                failure.line = number_at(*batch, row, 1);
            }
            append_failure(failures, subject.run_id, failure);
        };
        for (const db::Rows& each : batches) {
            batch = &each;
            for (row = 0; row < each.size(); ++row) {
                for (std::size_t i = 0; i < cells.size(); ++i) {
                    int column = subject.cell_of_item[i];
                    cells[i] = column < 0 ? std::nullopt : each.at(row, column);
                }
                subject.rules.check(cells, 0, counts, note);
            }
        }
        batches.clear();
    }
};

std::string Subject::select_sql() const {
    std::string out = "SELECT _id, _line";
    for (std::size_t i = 0; i < cell_of_item.size(); ++i) {
        if (cell_of_item[i] >= 0) {
            out += ", " + sql_identifier(rules.items()[i].column);
        }
    }
    return out + " FROM " + table.name;
}

std::shared_ptr<const Subject> make_subject(std::string run_id, store::Table table,
                                            rules::CompiledRules rules,
                                            std::vector<rules::RuleSpec> listless) {
    std::vector<int> cell_of_item;
    int next = fixed_columns;
    for (const rules::Item& item : rules.items()) {
        bool stored =
            std::ranges::find(table.columns, item.column, &store::Column::name) != table.columns.end();
        cell_of_item.push_back(stored ? next++ : -1);
    }
    return std::make_shared<const Subject>(Subject{std::move(run_id), std::move(table), std::move(rules),
                                                   std::move(listless), std::move(cell_of_item)});
}

RowJudge::RowJudge(jobs::Context& context, std::shared_ptr<const Subject> subject)
    : context_(context),
      subject_(std::move(subject)),
      counts_(subject_->rules.counts()),
      changed_(context.db().executor()) {
    int configured = context.runtime().config.worker_threads;
    in_flight_max_ =
        configured > 0 ? configured : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

asio::awaitable<void> RowJudge::judge(std::shared_ptr<Slice> slice) {
    auto subject = subject_;
    std::function<void()> work = [slice, subject] { slice->judge(*subject); };
    try {
        co_await context_.cpu(std::move(work));
        finished_.push_back(slice);
    } catch (const std::exception&) {
        error_ = std::current_exception();
    }
    --in_flight_;
    changed_.cancel();
}

void RowJudge::start(std::shared_ptr<Slice> slice) {
    ++in_flight_;
    spawn(context_.db().executor(), judge(std::move(slice)), "quality.judge");
}

/// Writes what workers have found, until at most `in_flight_max` slices are with them.
asio::awaitable<void> RowJudge::take_finished(db::Transaction& writer, int in_flight_max) {
    while (true) {
        while (!finished_.empty()) {
            auto slice = std::move(finished_.front());
            finished_.pop_front();
            counts_.add(slice->counts);
            rows_ += slice->rows;
            if (!slice->failures.empty()) {
                co_await writer.copy_in_write(slice->failures);
            }
        }
        if (error_) {
            std::rethrow_exception(error_);
        }
        if (in_flight_ <= in_flight_max) {
            co_return;
        }
        changed_.expires_at(asio::steady_timer::time_point::max());
        boost::system::error_code woken;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

asio::awaitable<void> RowJudge::read(db::Transaction& reader, db::Transaction& writer) {
    db::Query query{.sql = subject_->select_sql()};
    auto stream = co_await reader.stream(std::move(query));
    auto slice = std::make_shared<Slice>();
    while (auto batch = co_await stream.next()) {
        slice->rows += batch->size();
        slice->batches.push_back(std::move(*batch));
        if (slice->rows >= slice_rows) {
            start(std::exchange(slice, std::make_shared<Slice>()));
            co_await take_finished(writer, in_flight_max_);
            co_await context_.progress("checking", rows_, subject_->table.rows);
        }
    }
    if (slice->rows > 0) {
        start(slice);
    }
    co_await take_finished(writer, 0);
    co_await context_.progress("checking", rows_, subject_->table.rows);
}

asio::awaitable<void> RowJudge::run(db::Transaction& reader, db::Transaction& writer) {
    std::exception_ptr ended_by;
    try {
        co_await read(reader, writer);
    } catch (...) {
        ended_by = std::current_exception();
    }
    while (in_flight_ > 0) {
        changed_.expires_at(asio::steady_timer::time_point::max());
        boost::system::error_code woken;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (ended_by) {
        std::rethrow_exception(ended_by);
    }
}

}  // namespace pengcheng::quality
