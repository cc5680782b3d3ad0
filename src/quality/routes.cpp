#include <pengcheng/catalogue/rows_owner.hpp>
#include <pengcheng/quality/routes.hpp>

#include "quality/problems.hpp"
#include "quality/report.hpp"
#include "quality/rule_set.hpp"
#include "quality/schemas.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/formats/writers.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/store/table.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr std::size_t flush_bytes = 64 * 1024;

asio::awaitable<http::Reply> list_rules_route(http::Call call) {
    auto rules = co_await list_rules(call.db, call.param("ref"));
    co_return rules ? http::Reply::ok(*rules) : http::Reply::of(rules.error());
}

asio::awaitable<http::Reply> put_rules_route(http::Call call) {
    Json sent = call.body().at("rules");
    auto rules = co_await put_rules(call.db, call.who, call.runtime, call.param("ref"), std::move(sent));
    co_return rules ? http::Reply::ok(*rules) : http::Reply::of(rules.error());
}

asio::awaitable<http::Reply> start_route(http::Call call) {
    std::string ref = call.param("ref");
    auto tx = co_await call.db.begin();
    auto resource = co_await catalogue::find(tx, ref);
    auto table = co_await store::current(tx, ref);
    if (!resource || !table) {
        co_return http::Reply::of(problem::no_rows.plain());
    }
    std::string id = co_await enqueue_run(tx, call.who, ref, resource->organization, table->load);
    co_await audit::record(tx, call.who, "quality.run.create", ref);
    co_await tx.commit();
    Json started = {{"job_id", id}, {"run_id", id}};
    co_return http::Reply::accepted(started, "/api/v1/quality/" + ref + "/runs/" + id);
}

asio::awaitable<http::Reply> list_runs_route(http::Call call) {
    std::string cursor = call.query("cursor").value_or("");
    Json page = co_await list_runs(call.db, call.param("ref"), std::move(cursor), call.limit(20, 100));
    co_return http::Reply::ok(page);
}

asio::awaitable<http::Reply> report_route(http::Call call) {
    auto run = co_await find_run(call.db, call.param("ref"), call.param("run_id"));
    co_return run ? http::Reply::ok(full(*run, call.who.chinese)) : http::Reply::of(problem::no_run.plain());
}

audit::Access access_of(const Run& run, std::vector<std::string> fields, std::string filter) {
    return {.resource = run.ref,
            .owner = run.organization,
            .channel = "failing-rows",
            .purpose = "quality.run",
            .fields = std::move(fields),
            .filter = std::move(filter)};
}

Json page_json(const FailurePage& page, bool chinese) {
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    for (const Failure& failure : page.items) {
        out["items"].push_back({{"row_key", std::to_string(failure.row_id)},
                                {"line", failure.line ? Json(*failure.line) : Json(nullptr)},
                                {"rule", failure.rule},
                                {"column", failure.item},
                                {"value", failure.value ? Json(*failure.value) : Json(nullptr)},
                                {"reason", chinese ? failure.reason_zh : failure.reason_en}});
    }
    if (!page.next_cursor.empty()) {
        out["next_cursor"] = page.next_cursor;
    }
    return out;
}

/// Cells of stored rows leave here, so there is evidence before the reply.
asio::awaitable<http::Reply> failures_route(http::Call call) {
    auto run = co_await find_run(call.db, call.param("ref"), call.param("run_id"));
    if (!run) {
        co_return http::Reply::of(problem::no_run.plain());
    }
    std::string rule = call.query("rule").value_or("");
    std::string cursor = call.query("cursor").value_or("");
    auto page = co_await list_failures(call.db, run->id, rule, std::move(cursor), call.limit(50, 500));
    if (!page) {
        co_return http::Reply::of(page.error());
    }
    std::set<std::string> fields;
    for (const Failure& failure : page->items) {
        fields.insert(failure.item);
    }
    std::vector<std::string> named(fields.begin(), fields.end());
    auto access = access_of(*run, std::move(named), rule.empty() ? std::string() : "rule=" + rule);
    auto count = static_cast<std::int64_t>(page->items.size());
    co_await audit::delivered(call.db, call.who, std::move(access), count, page->bytes);
    co_return http::Reply::ok(page_json(*page, call.who.chinese));
}

struct Sent {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
};

asio::awaitable<void> send_failures(db::Pool& db, std::string run_id, bool chinese, http::BodyWriter& out,
                                    Sent& sent) {
    std::vector<std::string> names = {"行号", "源文件行", "规则", "信息项", "值", "问题原因"};
    if (!chinese) {
        names = {"row", "line", "rule", "column", "value", "reason"};
    }
    std::vector<formats::OutColumn> columns;
    for (std::string& name : names) {
        columns.push_back({.name = std::move(name)});
    }
    auto csv = formats::csv_writer(std::move(columns), {.byte_order_mark = true});
    auto tx = co_await db.begin_snapshot();
    auto stream = co_await tx.stream(all_failures(run_id, chinese));
    std::string buffer;
    csv->begin(buffer);
    std::array<formats::OutCell, 6> cells;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                cells[i] = rows->at(row, static_cast<int>(i));
            }
            csv->row(cells, buffer);
            ++sent.rows;
        }
        if (buffer.size() >= flush_bytes) {
            co_await out.write(buffer);
            sent.bytes += static_cast<std::int64_t>(buffer.size());
            buffer.clear();
        }
    }
    csv->end(buffer);
    co_await out.write(buffer);
    sent.bytes += static_cast<std::int64_t>(buffer.size());
    co_await tx.commit();
}

/// The file, then the record that closes its evidence.
asio::awaitable<void> stream_failures(db::Pool& db, std::string run_id, bool chinese, std::string evidence,
                                      http::BodyWriter& out) {
    Sent sent;
    std::exception_ptr cut;
    try {
        co_await send_failures(db, std::move(run_id), chinese, out, sent);
    } catch (const std::exception&) {
        cut = std::current_exception();
    }
    co_await audit::close(db, std::move(evidence), sent.rows, sent.bytes, cut ? "cut" : "complete");
    if (cut) {
        std::rethrow_exception(cut);
    }
}

asio::awaitable<http::Reply> failures_file_route(http::Call call) {
    auto run = co_await find_run(call.db, call.param("ref"), call.param("run_id"));
    if (!run) {
        co_return http::Reply::of(problem::no_run.plain());
    }
    std::set<std::string> fields;
    for (const Json& rule : run->report["rules"]) {
        if (rule["failed"].get<std::int64_t>() > 0) {
            fields.insert(rule["item"].get<std::string>());
        }
    }
    fields.erase("");
    std::vector<std::string> named(fields.begin(), fields.end());
    auto access = access_of(*run, std::move(named), "");
    std::string evidence = co_await audit::open(call.db, call.who, std::move(access));
    db::Pool& db = call.db;
    bool chinese = call.who.chinese;
    auto body = [&db, id = run->id, chinese, evidence](http::BodyWriter& out) {
        return stream_failures(db, id, chinese, evidence, out);
    };
    http::Reply reply = http::Reply::streamed("text/csv; charset=utf-8", body);
    reply.download_as(run->ref + "-问题行.csv");
    if (call.method() == "HEAD") {
        co_await audit::close(db, evidence, 0, 0, "complete");
    }
    co_return reply;
}

}  // namespace

http::Routes routes() {
    using enum http::Verb;
    const db::Statement* owner = &catalogue::resource_owner_sql;
    const db::Statement* rows_owner = &catalogue::resource_rows_owner_sql;
    const std::vector<const http::Schema*> rule_parts{&rule_schema, &rule_input_schema, &params_schema};
    return {
        {.verb = get,
         .path = "/api/v1/quality/{ref}/rules",
         .permission = "quality.rule.list",
         .object = "ref",
         .owner = owner,
         .reply = &rules_schema,
         .summary = "质量规则 / Rules of a resource",
         .uses = rule_parts,
         .run = list_rules_route},
        {.verb = put,
         .path = "/api/v1/quality/{ref}/rules",
         .permission = "quality.rule.update",
         .object = "ref",
         .owner = owner,
         .body_kind = http::BodyKind::json,
         .body = &rules_body,
         .reply = &rules_schema,
         .summary = "修改质量规则 / Set the rules of a resource",
         .uses = rule_parts,
         .run = put_rules_route},
        {.verb = post,
         .path = "/api/v1/quality/{ref}/runs",
         .permission = "quality.run.create",
         .object = "ref",
         .owner = owner,
         .reply = &started_schema,
         .summary = "发起质量检查 / Start a run",
         .run = start_route},
        {.verb = get,
         .path = "/api/v1/quality/{ref}/runs",
         .permission = "quality.run.list",
         .object = "ref",
         .owner = owner,
         .reply = &runs_schema,
         .summary = "质量检查记录 / Runs of a resource",
         .uses = {&run_schema},
         .query = {"cursor", "limit"},
         .run = list_runs_route},
        {.verb = get,
         .path = "/api/v1/quality/{ref}/runs/{run_id}",
         .permission = "quality.run.view",
         .object = "ref",
         .owner = owner,
         .reply = &report_schema,
         .summary = "质量报告 / Report of a run",
         .run = report_route},
        {.verb = get,
         .path = "/api/v1/quality/{ref}/runs/{run_id}/failures",
         .permission = "quality.failure.list",
         .object = "ref",
         .owner = rows_owner,
         .reply = &failures_schema,
         .summary = "问题行 / Failing rows",
         .query = {"rule", "cursor", "limit"},
         .run = failures_route},
        {.verb = get,
         .path = "/api/v1/quality/{ref}/runs/{run_id}/failures/file",
         .permission = "quality.failure.download",
         .object = "ref",
         .owner = rows_owner,
         .summary = "全部问题行（CSV） / Every failing row",
         .run = failures_file_route},
    };
}

}  // namespace pengcheng::quality
