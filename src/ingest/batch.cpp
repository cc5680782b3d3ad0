#include "ingest/batch.hpp"

#include "ingest/problems.hpp"
#include "ingest/row_feed.hpp"
#include "ingest/worker.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/jobs/jobs.hpp>
#include <pengcheng/quality/quality.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::ingest {

namespace {

constexpr db::Statement lock_sql{"ingest.lock_resource", R"sql(
    SELECT pg_advisory_xact_lock(hashtextextended('ingest.' || $1, 0))::text
)sql"};

constexpr db::Statement add_sql{"ingest.add_batch", R"sql(
    INSERT INTO ingest.batch (id, ref, no, organization, mode, upload, reading, created_by, created_by_name)
    SELECT $1::uuid, $2, coalesce(max(no), 0) + 1, $3, $4, $5::uuid, $6::jsonb, $7,
        $8 FROM ingest.batch WHERE ref = $2
)sql"};

constexpr db::Statement set_job_sql{"ingest.set_batch_job", R"sql(
    UPDATE ingest.batch SET job = $2 WHERE id = $1::uuid
)sql"};

constexpr db::Statement find_sql{"ingest.find_batch", R"sql(
    SELECT b.id::text AS id, b.ref, b.organization, b.mode, b.upload::text AS upload, b.reading,
        u.name AS file_name,
           b.encoding, b.format
      FROM ingest.batch b JOIN ingest.upload u ON u.id = b.upload
     WHERE b.id::text = $1 AND ($2 = '' OR b.ref = $2)
)sql"};

constexpr db::Statement list_sql{"ingest.list_batches", R"sql(
    SELECT jsonb_build_object('id', b.id, 'no', b.no, 'mode', b.mode, 'state', b.state, 'file_name', u.name,
               'format', b.format, 'encoding', b.encoding, 'sheet', coalesce(b.reading ->> 'sheet', ''),
               'rows_read', b.rows_read,
               'rows_loaded', b.rows_loaded, 'rows_rejected', b.rows_rejected, 'job_id', b.job, 'load',
                   b.load,
               'problem', CASE WHEN $5::boolean THEN b.problem ELSE b.problem_en END,
               'created_by', b.created_by_name, 'created_at', base.rfc3339(b.created_at),
               'finished_at', base.rfc3339(b.finished_at)) AS batch
      FROM ingest.batch b JOIN ingest.upload u ON u.id = b.upload
     WHERE b.ref = $1 AND b.no < $2::bigint AND ($4 = '' OR b.id::text = $4)
     ORDER BY b.no DESC LIMIT $3::int
)sql"};

/// A job cancelled before it began, or given up, tells nothing to its batch: the job's own state does.
asio::awaitable<void> show_ended_job(db::Pool& db, Json& batch, bool chinese) {
    bool live = batch["state"] == "queued" || batch["state"] == "running";
    auto job_id = batch["job_id"].get<std::string>();
    if (!live || job_id.empty()) {
        co_return;
    }
    auto job = co_await jobs::find(db, job_id);
    if (job && (job->state == "cancelled" || job->state == "failed" || job->state == "dead")) {
        batch["state"] = job->state == "cancelled" ? "cancelled" : "failed";
        batch["problem"] = chinese ? job->error_zh : job->error_en;
    }
}

asio::awaitable<Json> read_batches(db::Pool& db, std::string ref, std::int64_t before_no, int limit,
                                   std::string id, bool chinese) {
    auto batches = co_await db.all<Json>(list_sql, std::move(ref), before_no, limit, std::move(id), chinese);
    Json out = Json::array();
    for (Json& batch : batches) {
        co_await show_ended_job(db, batch, chinese);
        out.push_back(std::move(batch));
    }
    co_return out;
}

}  // namespace

Json to_payload(const Principal& who) {
    return {{"kind", static_cast<int>(who.kind)},
            {"id", who.id},
            {"name", who.name},
            {"display_name", who.display_name},
            {"organization", who.organization},
            {"region", who.region},
            {"roles", who.roles},
            {"request_id", who.request_id},
            {"address", who.address},
            {"chinese", who.chinese}};
}

Principal from_payload(const Json& who) {
    return {.kind = static_cast<Principal::Kind>(who.at("kind").get<int>()),
            .id = who.at("id").get<std::string>(),
            .name = who.at("name").get<std::string>(),
            .display_name = who.at("display_name").get<std::string>(),
            .organization = who.at("organization").get<std::string>(),
            .region = who.at("region").get<std::string>(),
            .roles = who.at("roles").get<std::vector<std::string>>(),
            .request_id = who.at("request_id").get<std::string>(),
            .address = who.at("address").get<std::string>(),
            .chinese = who.at("chinese").get<bool>()};
}

asio::awaitable<std::optional<catalogue::Resource>> edition_to_load(db::Pool& db, std::string ref) {
    auto published = co_await catalogue::find_published(db, ref);
    if (published) {
        co_return published;
    }
    co_return co_await catalogue::find(db, std::move(ref));
}

formats::ReadOptions read_options(const std::string& file_name, const Json& reading) {
    formats::ReadOptions out{.file_name = file_name,
                             .encoding = reading.value("encoding", ""),
                             .sheet = reading.value("sheet", "")};
    if (reading.contains("header_row")) {
        out.header_row = reading.at("header_row").get<int>();
    }
    return out;
}

asio::awaitable<Result<Checked>> check_input(db::Pool& db, const Runtime& runtime, std::string organization,
                                             LoadInput input) {
    auto resource = co_await edition_to_load(db, input.ref);
    if (!resource) {
        co_return pengcheng::problem::not_found.plain();
    }
    auto upload = co_await find_upload(db, input.upload_id);
    if (!upload || (!organization.empty() && upload->organization != organization)) {
        co_return problem::no_upload.at("/upload_id");
    }
    if (resource->state == "retired") {
        co_return problem::retired.plain();
    }
    if (resource->items.empty()) {
        co_return problem::no_items.because("请先在目录中补充信息项，再上传数据",
                                            "add items to the entry first");
    }
    bool keyed = std::any_of(resource->items.begin(), resource->items.end(),
                             [](const catalogue::Item& item) { return item.primary_key; });
    if (input.mode == "upsert" && !keyed) {
        co_return problem::no_key.at("/mode", "请在信息项中设主键，或改用整表替换、追加",
                                     "mark a key among the items, or use replace or append");
    }
    std::filesystem::path path = upload_path(runtime, upload->id);
    formats::ReadOptions options = read_options(upload->name, input.reading);
    auto look = [path, options, items = resource->items] {
        return map_columns(formats::open_table(path, options)->header(), items);
    };
    auto mapping = co_await on_worker(std::move(look));
    if (!mapping) {
        co_return mapping.error();
    }
    Checked out{std::move(*resource), std::move(*upload)};
    co_return out;
}

asio::awaitable<std::string> add_batch(db::Transaction& tx, Principal who, Checked checked, LoadInput input) {
    std::string id = new_id();
    co_await tx.run(lock_sql, input.ref);
    co_await tx.run(add_sql, id, input.ref, checked.resource.organization, input.mode, input.upload_id,
                    input.reading, who.id, who.display_name.empty() ? who.name : who.display_name);
    Json detail{{"batch", id},
                {"mode", input.mode},
                {"file", checked.upload.name},
                {"sha256", checked.upload.sha256}};
    co_await audit::record(tx, who, "ingest.batch.create", input.ref, std::move(detail));
    co_return id;
}

asio::awaitable<Result<Json>> start_batch(db::Pool& db, const Runtime& runtime, Principal who,
                                          LoadInput input) {
    auto checked = co_await check_input(db, runtime, who.organization, input);
    if (!checked) {
        co_return checked.error();
    }
    auto tx = co_await db.begin();
    std::string id = co_await add_batch(tx, who, *checked, input);
    jobs::NewJob job{
        .kind = "ingest.load", .organization = checked->resource.organization, .object = input.ref};
    job.in_order = true;
    job.payload = {{"batch", id}, {"who", to_payload(who)}};
    std::string job_id = co_await jobs::enqueue(tx, who, std::move(job));
    co_await tx.run(set_job_sql, id, job_id);
    co_await tx.commit();
    Json out{{"batch_id", id}, {"job_id", job_id}};
    co_return out;
}

asio::awaitable<Result<Json>> start_preview(db::Pool& db, const Runtime& runtime, Principal who,
                                            LoadInput input) {
    auto checked = co_await check_input(db, runtime, who.organization, input);
    if (!checked) {
        co_return checked.error();
    }
    auto tx = co_await db.begin();
    jobs::NewJob job{
        .kind = "ingest.preview", .organization = checked->resource.organization, .object = input.ref};
    job.priority = jobs::interactive_priority;
    job.payload = {{"ref", input.ref},
                   {"upload", input.upload_id},
                   {"mode", input.mode},
                   {"reading", input.reading},
                   {"who", to_payload(who)}};
    std::string job_id = co_await jobs::enqueue(tx, who, std::move(job));
    co_await audit::record(tx, who, "ingest.batch.preview", input.ref, Json{{"upload", input.upload_id}});
    co_await tx.commit();
    Json out{{"job_id", job_id}};
    co_return out;
}

asio::awaitable<std::optional<Batch>> find_batch(db::Pool& db, std::string ref, std::string id) {
    return db.find<Batch>(find_sql, std::move(id), std::move(ref));
}

asio::awaitable<std::optional<Batch>> find_batch(db::Pool& db, std::string id) {
    return db.find<Batch>(find_sql, std::move(id), std::string());
}

asio::awaitable<Json> list_batches(db::Pool& db, std::string ref, std::int64_t before_no, int limit,
                                   bool chinese) {
    return read_batches(db, std::move(ref), before_no, limit, std::string(), chinese);
}

asio::awaitable<std::optional<Json>> show_batch(db::Pool& db, std::string ref, std::string id, bool chinese) {
    Json found = co_await read_batches(db, std::move(ref), std::numeric_limits<std::int32_t>::max(), 1,
                                       std::move(id), chinese);
    if (found.empty()) {
        co_return std::nullopt;
    }
    co_return found.front();
}

namespace {

/// The list that a code_list rule judges by, or nothing for a rule of another kind.
std::string list_of(const rules::RuleSpec& spec, const std::vector<rules::Item>& items) {
    if (spec.kind != "code_list") {
        return {};
    }
    if (spec.params.is_object() && spec.params.contains("code_list")) {
        return spec.params["code_list"].get<std::string>();
    }
    auto item = std::find_if(items.begin(), items.end(), [&](auto& one) { return one.column == spec.item; });
    return item == items.end() ? "" : item->code_list;
}

/// What a stored row must pass, then what its department made blocking.
std::vector<rules::RuleSpec> joined(std::vector<rules::RuleSpec> needed,
                                    const std::vector<rules::RuleSpec>& blocking) {
    for (const rules::RuleSpec& spec : blocking) {
        auto same = [&](const rules::RuleSpec& one) { return one.id == spec.id; };
        if (std::none_of(needed.begin(), needed.end(), same)) {
            needed.push_back(spec);
        }
    }
    return needed;
}

}  // namespace

asio::awaitable<std::shared_ptr<const rules::CompiledRules>> load_checks(db::Pool& db,
                                                                         catalogue::Resource resource,
                                                                         Day today) {
    auto items = rule_items(resource.items);
    auto blocking = co_await quality::blocking_rules(db, resource.ref, items);
    auto specs = joined(rules::derive_for_load(items), blocking);
    rules::CodeLists lists;
    for (const rules::RuleSpec& spec : specs) {
        std::string code = list_of(spec, items);
        if (code.empty() || lists.contains(code)) {
            continue;
        }
        auto list = co_await catalogue::code_list(db, code);
        auto& values = lists[code];
        if (!list) {
            continue;
        }
        for (const auto& [value, label] : list->values) {
            values.insert(value);
        }
    }
    // A list that is not here yet cannot judge; quality tells of it.
    std::erase_if(specs, [&](const rules::RuleSpec& spec) {
        return spec.kind == "code_list" && lists[list_of(spec, items)].empty();
    });
    auto compiled =
        rules::CompiledRules::compile(std::move(items), std::move(specs), std::move(lists), today);
    co_return std::make_shared<const rules::CompiledRules>(std::move(compiled).value());
}

PENGCHENG_STATEMENTS(lock_sql, add_sql, set_job_sql, find_sql, list_sql);

}  // namespace pengcheng::ingest
