#include "quality/judge.hpp"

#include <pengcheng/base/spawn.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr std::size_t slice_bytes = 512 << 10;
constexpr std::size_t fixed_columns = 2;  // _id, _line
constexpr std::size_t suspects_max = 100'000;

}  // namespace

/// Rows as they came from the wire, then what was found in them.
struct RowJudge::Slice {
    std::string bytes;
    int rows = 0;
    rules::Counts counts;
    std::string failures;
    std::vector<std::vector<Print>> prints;  ///< by key

    void judge(const Subject& subject) {
        counts = subject.rules.counts();
        prints.resize(subject.keys.size());
        std::vector<rules::Cell> cells(subject.cell_of_item.size());
        WireRows wire(bytes, subject.wires);
        rules::FailureSink note = [&](const rules::Failure& found) {
            const rules::RuleSpec& spec = subject.rules.specs()[found.rule];
            FailureRow failure{.rule = spec.id,
                               .dimension = subject.rules.kind(found.rule).dimension,
                               .severity = spec.severity,
                               .item = spec.item,
                               .code = found.code,
                               .reason_zh = found.reason_zh,
                               .reason_en = found.reason_en,
                               .row_id = wire.number(0),
                               .value = cells[found.column]};
            if (wire.cells()[1]) {
                failure.line = wire.number(1);
            }
            append_failure(failures, subject.run_id, failure);
        };
        while (wire.next()) {
            ++rows;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                int column = subject.cell_of_item[i];
                cells[i] = column < 0 ? std::nullopt : wire.cells()[static_cast<std::size_t>(column)];
            }
            subject.rules.check(cells, 0, counts, note);
            take_prints(subject, wire);
        }
        std::string().swap(bytes);
    }

private:
    void take_prints(const Subject& subject, const WireRows& wire) {
        for (std::size_t i = 0; i < subject.keys.size(); ++i) {
            Print print{.row_id = wire.number(0)};
            if (print_of(subject.keys[i], wire.cells(), subject.wires, print.key)) {
                ++counts.judged[subject.keys[i].rule];
                prints[i].push_back(print);
            }
        }
    }
};

std::string Subject::copy_sql() const {
    std::string out = "COPY (SELECT _id, _line";
    for (std::size_t i = 0; i < cell_of_item.size(); ++i) {
        if (cell_of_item[i] >= 0) {
            const std::string& name = rules.items()[i].column;
            auto column = std::ranges::find(table.columns, name, &store::Column::name);
            out += ", " + sql_identifier(name) + (sent_as_text(column->pg_type) ? "::text" : "");
        }
    }
    return out + " FROM " + table.name + ") TO STDOUT (FORMAT binary)";
}

bool Subject::in_memory(std::size_t rule) const {
    return std::ranges::find(keys, rule, &KeyColumns::rule) != keys.end();
}

namespace {

/// Where the columns of a set rule stand on the wire; empty when the table has not all of them.
std::vector<std::size_t> wire_columns(const Subject& subject, const rules::RuleSpec& spec) {
    std::vector<std::string> names{spec.item};
    if (spec.params.is_object() && spec.params.contains("columns")) {
        names = spec.params["columns"].get<std::vector<std::string>>();
    }
    std::vector<std::size_t> out;
    for (const std::string& name : names) {
        auto item = std::ranges::find(subject.rules.items(), name, &rules::Item::column);
        auto index = static_cast<std::size_t>(item - subject.rules.items().begin());
        if (item == subject.rules.items().end() || subject.cell_of_item[index] < 0) {
            return {};
        }
        out.push_back(static_cast<std::size_t>(subject.cell_of_item[index]));
    }
    return out;
}

}  // namespace

std::shared_ptr<const Subject> make_subject(std::string run_id, store::Table table,
                                            rules::CompiledRules rules,
                                            std::vector<rules::RuleSpec> listless) {
    std::vector<int> cell_of_item;
    std::vector<Wire> wires(fixed_columns, Wire::bigint);
    for (const rules::Item& item : rules.items()) {
        auto column = std::ranges::find(table.columns, item.column, &store::Column::name);
        bool stored = column != table.columns.end();
        cell_of_item.push_back(stored ? static_cast<int>(wires.size()) : -1);
        if (stored) {
            wires.push_back(wire_of(column->pg_type));
        }
    }
    Subject out{std::move(run_id),
                std::move(table),
                std::move(rules),
                std::move(listless),
                std::move(cell_of_item),
                std::move(wires),
                {}};
    std::size_t bytes = 0;
    for (std::size_t rule = 0; rule < out.rules.specs().size(); ++rule) {
        if (!out.rules.kind(rule).set) {
            continue;
        }
        bytes += static_cast<std::size_t>(out.table.rows) * sizeof(Print);
        auto columns = wire_columns(out, out.rules.specs()[rule]);
        if (bytes <= prints_bytes_max && !columns.empty()) {
            out.keys.push_back({rule, std::move(columns)});
        }
    }
    return std::make_shared<const Subject>(std::move(out));
}

RowJudge::RowJudge(jobs::Context& context, std::shared_ptr<const Subject> subject)
    : context_(context),
      subject_(std::move(subject)),
      counts_(subject_->rules.counts()),
      changed_(context.db().executor()) {
    int configured = context.runtime().config.worker_threads;
    in_flight_max_ =
        configured > 0 ? configured : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (std::size_t i = 0; i < subject_->keys.size(); ++i) {
        prints_.push_back(std::make_shared<std::vector<Print>>());
        prints_.back()->reserve(static_cast<std::size_t>(subject_->table.rows));
    }
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
            for (std::size_t i = 0; i < prints_.size(); ++i) {
                prints_[i]->insert(prints_[i]->end(), slice->prints[i].begin(), slice->prints[i].end());
            }
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
    std::string bytes;
    auto take = [&](std::string_view rows) { return take_bytes(rows, bytes, writer); };
    co_await reader.copy_out(subject_->copy_sql(), take);
    if (!bytes.empty()) {
        auto slice = std::make_shared<Slice>();
        slice->bytes = std::move(bytes);
        start(std::move(slice));
    }
    co_await take_finished(writer, 0);
    co_await context_.progress("checking", rows_, subject_->table.rows);
}

/// Gathers whole rows until they are worth a worker's while.
asio::awaitable<void> RowJudge::take_bytes(std::string_view rows, std::string& bytes,
                                           db::Transaction& writer) {
    bytes.append(rows);
    if (bytes.size() < slice_bytes) {
        co_return;
    }
    auto slice = std::make_shared<Slice>();
    slice->bytes = std::exchange(bytes, {});
    bytes.reserve(slice_bytes + slice_bytes / 4);
    start(std::move(slice));
    co_await take_finished(writer, in_flight_max_);
    co_await context_.progress("checking", rows_, subject_->table.rows);
}

asio::awaitable<std::optional<std::vector<std::int64_t>>> RowJudge::suspects_of(std::size_t key) {
    auto found = std::make_shared<std::optional<std::vector<std::int64_t>>>();
    std::function<void()> work = [found, prints = prints_[key]] { *found = suspects(*prints, suspects_max); };
    co_await context_.cpu(std::move(work));
    prints_[key]->clear();
    co_return std::move(*found);
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
