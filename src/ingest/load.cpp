#include "ingest/load.hpp"

#include "ingest/feeder.hpp"
#include "ingest/problems.hpp"
#include "ingest/rejects.hpp"
#include "ingest/row_feed.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/ingest/ingest.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/store/load.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::ingest {

namespace {

constexpr std::int64_t rejected_rows_max = 1'000'000;
constexpr int samples_max = 20;
constexpr std::size_t shown_rejects_max = 20;
constexpr int old_tables_kept = 2;

constexpr db::Statement start_sql{"ingest.start_batch", R"sql(
    UPDATE ingest.batch SET state = 'running', problem = '', problem_en = '' WHERE id = $1::uuid
)sql"};

constexpr db::Statement finish_sql{"ingest.finish_batch", R"sql(
    UPDATE ingest.batch
       SET state = 'done', load = $2::bigint, rows_read = $3::bigint, rows_loaded = $4::bigint,
           rows_rejected = $5::bigint, format = $6, encoding = $7, finished_at = now()
     WHERE id = $1::uuid
)sql"};

constexpr db::Statement fail_sql{"ingest.fail_batch", R"sql(
    UPDATE ingest.batch
       SET state = 'failed', problem = $2, problem_en = $3, finished_at = now() WHERE id = $1::uuid
)sql"};

constexpr db::Statement count_sql{"ingest.count_batch", R"sql(
    UPDATE ingest.batch
       SET rows_read = $2::bigint, rows_rejected = $3::bigint, format = $4, encoding = $5
     WHERE id = $1::uuid
)sql"};

/// CPU work on the shared pool; what it throws arrives here.
asio::awaitable<void> on_cpu(jobs::Context& context, std::function<void()> work) {
    auto error = std::make_shared<std::exception_ptr>();
    std::function<void()> guarded = [error, work = std::move(work)] {
        try {
            work();
        } catch (...) {
            *error = std::current_exception();
        }
    };
    co_await context.cpu(std::move(guarded));
    if (*error) {
        std::rethrow_exception(*error);
    }
}

/// Where rejected rows go: the quarantine of a batch, or the first few of a preview.
class RejectSink {
public:
    virtual ~RejectSink() = default;
    virtual asio::awaitable<void> take(std::vector<Reject> rejects) = 0;
};

class Quarantine final : public RejectSink {
public:
    Quarantine(jobs::Context& context, std::string batch) : context_(context), batch_(std::move(batch)) {}
    asio::awaitable<void> take(std::vector<Reject> rejects) override {
        if (rejects.empty()) {
            co_return;
        }
        auto tx = co_await context_.begin();
        co_await add_rejects(tx, batch_, std::move(rejects));
        co_await tx.commit();
    }

private:
    jobs::Context& context_;
    std::string batch_;
};

class FirstRejects final : public RejectSink {
public:
    std::vector<Reject> first;
    asio::awaitable<void> take(std::vector<Reject> rejects) override {
        for (Reject& reject : rejects) {
            if (first.size() < shown_rejects_max) {
                first.push_back(std::move(reject));
            }
        }
        co_return;
    }
};

/// Whether every value that passes the length check goes into an index.
bool fits_index(const catalogue::Item& item) {
    int length = item.length.value_or(0);
    return item.type != "C" || (length > 0 && static_cast<std::size_t>(length) * 4 <= store::index_bytes_max);
}

store::Shape shape_of(const catalogue::Resource& resource) {
    store::Shape out;
    for (const catalogue::Item& item : resource.items) {
        out.columns.push_back({item.column, item.type, store::pg_type(item.type), item.name});
        if (item.primary_key) {
            out.key.push_back(item.column);
        } else if (!item.element.empty() && item.element != "address" && fits_index(item)) {
            out.indexed.push_back(item.column);
        }
    }
    return out;
}

struct Counts {
    std::int64_t read = 0;
    std::int64_t rejected = 0;
    std::string format, encoding;
    std::int64_t taken() const { return read - rejected; }
};

struct Job {
    jobs::Context& context;
    catalogue::Resource resource;
    Upload upload;
    Json reading;
};

/// Sends every slice of the feeder to the open COPY, the rejects to `sink`.
asio::awaitable<Counts> write_slices(const Job& job, Feeder& feeder, std::int64_t bytes, db::Transaction& tx,
                                     RejectSink& sink) {
    Counts counts;
    for (bool end = false; !end;) {
        auto slice = co_await feeder.next();
        end = slice->end;
        counts.read = slice->rows_read;
        counts.rejected = slice->rows_read - slice->rows_taken;
        co_await tx.copy_in_write(slice->copy);
        co_await sink.take(std::move(slice->rejects));
        if (counts.rejected > rejected_rows_max) {
            throw ProblemError(
                problem::too_many_rejects.because("问题行已超过 100 万行，请先核对文件与信息项",
                                                  "over a million rows were rejected; check file and items"));
        }
        co_await job.context.progress("reading", slice->bytes_read, bytes);
        feeder.reuse(std::move(slice));
    }
    co_return counts;
}

asio::awaitable<Counts> copy_rows(const Job& job, db::Transaction& tx, const store::Staging& staging,
                                  RejectSink& sink) {
    auto checks = co_await load_checks(job.context.db(), job.resource, job.context.runtime().today());
    std::filesystem::path path = upload_path(job.context.runtime(), job.upload.id);
    formats::ReadOptions options = read_options(job.upload.name, job.reading);
    auto opened = std::make_shared<std::shared_ptr<RowFeed>>();
    std::function<void()> open = [opened, path, options, items = job.resource.items, checks] {
        *opened = std::make_shared<RowFeed>(path, options, items, checks);
    };
    co_await on_cpu(job.context, std::move(open));
    std::shared_ptr<RowFeed> feed = *opened;
    std::string format(formats::name_of(feed->table().format()));
    std::string encoding = feed->table().encoding();
    std::int64_t bytes = feed->table().bytes_total();
    co_await tx.copy_in_begin(staging.copy_sql);
    Feeder feeder(job.context, std::move(feed));
    Counts counts;
    std::exception_ptr error;
    try {
        counts = co_await write_slices(job, feeder, bytes, tx, sink);
    } catch (...) {
        error = std::current_exception();
    }
    co_await feeder.stop();
    if (error) {
        std::rethrow_exception(error);
    }
    co_await tx.copy_in_finish();
    counts.format = std::move(format);
    counts.encoding = std::move(encoding);
    co_return counts;
}

Reject reject_of(const store::Duplicate& one) {
    Reject out{.line = one.line, .code = "duplicate_key", .raw = one.key};
    if (one.first_line > 0) {
        std::string first = std::to_string(one.first_line);
        out.reason = "主键 " + one.key + " 与第 " + first + " 行重复";
        out.reason_en = "the key " + one.key + " repeats line " + first;
    } else {
        out.reason = "主键 " + one.key + " 已经入库；追加不改动现有的行，要更新请按主键更新";
        out.reason_en = "the key " + one.key + " is stored already; append only adds, upsert changes rows";
    }
    return out;
}

asio::awaitable<std::int64_t> reject_all(db::RowStream stream, RejectSink& sink) {
    std::int64_t count = 0;
    for (;;) {
        auto rows = co_await stream.next();
        if (!rows) {
            break;
        }
        std::vector<Reject> rejects;
        for (const store::Duplicate& one : store::duplicates(*rows)) {
            rejects.push_back(reject_of(one));
        }
        count += static_cast<std::int64_t>(rejects.size());
        co_await sink.take(std::move(rejects));
    }
    co_return count;
}

asio::awaitable<std::int64_t> reject_duplicates(db::Transaction& tx, const store::Staging& staging,
                                                RejectSink& sink) {
    auto stream = co_await store::take_duplicates(tx, staging);
    std::int64_t count = co_await reject_all(stream, sink);
    co_await store::close_duplicates(tx, staging);
    co_return count;
}

struct Staged {
    store::Staging staging;
    Counts counts;
};

/// Appending leaves stored rows as they are.
asio::awaitable<void> reject_stored(db::Transaction& tx, Staged& staged, RejectSink& sink) {
    auto stream = co_await store::take_stored(tx, staged.staging);
    if (stream) {
        staged.counts.rejected += co_await reject_all(*stream, sink);
        staged.staging.rows = staged.counts.taken();
    }
}

/// The file's good rows in a staging table of the open transaction.
asio::awaitable<Staged> stage_rows(const Job& job, db::Transaction& tx, std::string batch, RejectSink& sink,
                                   bool logged) {
    Staged out;
    std::optional<Problem> refused;
    try {
        out.staging = co_await store::open_staging(tx, job.resource.ref, std::move(batch),
                                                   shape_of(job.resource), logged);
        out.counts = co_await copy_rows(job, tx, out.staging, sink);
        bool keys_differ = co_await store::check_key(tx, out.staging);
        if (!keys_differ) {
            out.counts.rejected += co_await reject_duplicates(tx, out.staging, sink);
        }
        out.staging.rows = out.counts.taken();
    } catch (const db::Error& error) {
        // Class 22, data exception, and 54, limit exceeded: a value that passed our checks and not the
        // database's would fail again.
        if (!error.sqlstate().starts_with("22") && !error.sqlstate().starts_with("54")) {
            throw;
        }
        refused =
            problem::nothing_loaded.because(std::string("数据库拒绝了文件中的值：") + error.what(),
                                            std::string("the database refused a value: ") + error.what());
    }
    if (refused) {
        throw ProblemError(*refused);
    }
    co_return out;
}

void refuse_empty(const Counts& counts) {
    if (counts.taken() > 0) {
        return;
    }
    std::string read = std::to_string(counts.read);
    throw ProblemError(problem::nothing_loaded.because(
        counts.read == 0 ? "文件只有表头，没有数据行"
                         : "共 " + read + " 行，全部是问题行，请看问题行清单中的原因",
        counts.read == 0 ? "the file has a header and no rows"
                         : "all " + read + " rows were rejected; the list of rejects says why"));
}

Json to_json(const store::Changes& changes, const Counts& counts) {
    return {{"rows_read", counts.read},      {"rows_rejected", counts.rejected},
            {"rows_loaded", counts.taken()}, {"rejected", counts.rejected},
            {"added", changes.added},        {"changed", changes.changed},
            {"removed", changes.removed},    {"unchanged", changes.unchanged},
            {"rows", changes.rows},          {"load", changes.load}};
}

asio::awaitable<Job> open_job(jobs::Context& context, std::string ref, std::string upload_id, Json reading) {
    auto resource = co_await edition_to_load(context.db(), std::move(ref));
    auto upload = co_await find_upload(context.db(), std::move(upload_id));
    if (!resource || !upload) {
        throw ProblemError(pengcheng::problem::not_found.because("目录或上传的文件已被删除",
                                                                 "the entry or the upload is gone"));
    }
    co_return Job{context, std::move(*resource), std::move(*upload), std::move(reading)};
}

asio::awaitable<void> start_batch_again(jobs::Context& context, std::string batch) {
    auto tx = co_await context.begin();
    co_await tx.run(start_sql, batch);
    co_await clear_rejects(tx, batch);
    co_await tx.commit();
}

asio::awaitable<void> note_counts(jobs::Context& context, std::string batch, Counts counts) {
    auto tx = co_await context.begin();
    co_await tx.run(count_sql, batch, counts.read, counts.rejected, counts.format, counts.encoding);
    co_await tx.commit();
}

asio::awaitable<void> note_failure(jobs::Context& context, std::string batch, std::string zh,
                                   std::string en) {
    auto tx = co_await context.begin();
    co_await tx.run(fail_sql, batch, zh, en);
    co_await tx.commit();
}

asio::awaitable<jobs::Finished> run_load(jobs::Context& context, Batch batch, Principal who) {
    db::Pool& db = context.db();
    co_await start_batch_again(context, batch.id);
    Job job = co_await open_job(context, batch.ref, batch.upload, batch.reading);
    auto table = co_await store::current(db, batch.ref);
    auto tx = co_await db.begin();
    Quarantine sink(context, batch.id);
    bool replaces = batch.mode == "replace";
    Staged staged = co_await stage_rows(job, tx, batch.id, sink, replaces || !table);
    if (batch.mode == "append") {
        co_await reject_stored(tx, staged, sink);
    }
    const Counts& counts = staged.counts;
    co_await note_counts(context, batch.id, counts);
    refuse_empty(counts);
    co_await context.progress("storing", job.upload.bytes, job.upload.bytes);
    store::Changes changes;
    if (replaces) {
        changes = co_await store::swap_in(tx, staged.staging);
    } else {
        auto merged = co_await store::merge_in(tx, staged.staging);
        changes = std::move(merged).value();
    }
    co_await context.fence(tx);
    co_await catalogue::set_mounted(tx, batch.ref, changes.rows, context.runtime().now());
    co_await tx.run(finish_sql, batch.id, changes.load, counts.read, counts.taken(), counts.rejected,
                    counts.format, counts.encoding);
    co_await quality::enqueue_run(tx, who, batch.ref, batch.organization, changes.load);
    Json result = to_json(changes, counts);
    result["batch_id"] = batch.id;
    co_await audit::record(tx, who, "ingest.batch.load", batch.ref, result);
    jobs::Finished finished = co_await context.finish(std::move(tx), std::move(result));
    co_await store::refresh_statistics(db, batch.ref);
    co_await store::drop_old(db, batch.ref, old_tables_kept);
    co_return finished;
}

asio::awaitable<jobs::Finished> load_job(jobs::Context& context) {
    const Json& payload = context.job().payload;
    auto batch = payload.at("batch").get<std::string>();
    return load_batch(context, std::move(batch), from_payload(payload.at("who")));
}

asio::awaitable<jobs::Finished> preview_job(jobs::Context& context) {
    const Json& payload = context.job().payload;
    LoadInput input{payload.at("ref").get<std::string>(), payload.at("upload").get<std::string>(),
                    payload.at("mode").get<std::string>(), payload.at("reading")};
    return preview_load(context, std::move(input), from_payload(payload.at("who")));
}

}  // namespace

asio::awaitable<jobs::Finished> load_batch(jobs::Context& context, std::string batch_id, Principal who) {
    auto batch = co_await find_batch(context.db(), batch_id);
    if (!batch) {
        throw ProblemError(problem::no_batch.plain());
    }
    std::optional<Problem> refused;
    try {
        co_return co_await run_load(context, *batch, who);
    } catch (const ProblemError& failure) {
        refused = failure.problem();
    }
    co_await note_failure(context, batch_id, refused->text(true), refused->text(false));
    throw ProblemError(*refused);
}

asio::awaitable<jobs::Finished> preview_load(jobs::Context& context, LoadInput input, Principal who) {
    Job job = co_await open_job(context, input.ref, input.upload_id, input.reading);
    auto tx = co_await context.db().begin();
    FirstRejects sink;
    Staged staged = co_await stage_rows(job, tx, new_id(), sink, false);
    if (input.mode == "append") {
        co_await reject_stored(tx, staged, sink);
    }
    co_await context.progress("comparing", job.upload.bytes, job.upload.bytes);
    auto compared = co_await store::compare(tx, staged.staging, input.mode == "replace", samples_max);
    store::Comparison comparison = std::move(compared).value();
    co_await store::drop_staging(tx, staged.staging);
    Json result = to_json(comparison.changes, staged.counts);
    result.erase("load");
    result["samples"] = comparison.samples;
    result["rejects"] = Json::array();
    for (const Reject& reject : sink.first) {
        result["rejects"].push_back({{"line", reject.line},
                                     {"column", reject.column},
                                     {"code", reject.code},
                                     {"reason", who.chinese ? reject.reason : reject.reason_en},
                                     {"raw", reject.raw}});
    }
    auto shown = static_cast<std::int64_t>(comparison.samples["changed"].size() +
                                           comparison.samples["removed"].size());
    if (shown > 0) {
        audit::Access access{.resource = input.ref,
                             .owner = job.resource.organization,
                             .channel = "preview",
                             .filter = "upload=" + input.upload_id};
        for (const auto& column : staged.staging.shape.columns) {
            access.fields.push_back(column.name);
        }
        auto bytes = static_cast<std::int64_t>(comparison.samples.dump().size());
        co_await audit::delivered(context.db(), who, std::move(access), shown, bytes);
    }
    co_return co_await context.finish(std::move(tx), std::move(result));
}

jobs::Bodies job_bodies() {
    return {{"ingest.load", load_job}, {"ingest.preview", preview_job}};
}

PENGCHENG_STATEMENTS(start_sql, finish_sql, fail_sql, count_sql);

}  // namespace pengcheng::ingest
