#include <pengcheng/catalogue/rows_owner.hpp>
#include <pengcheng/ingest/routes.hpp>

#include "ingest/batch.hpp"
#include "ingest/infer.hpp"
#include "ingest/problems.hpp"
#include "ingest/rejects.hpp"
#include "ingest/schemas.hpp"
#include "ingest/tus.hpp"
#include "ingest/upload.hpp"
#include "ingest/worker.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::ingest {

asio::thread_pool& workers() {
    static asio::thread_pool pool(2);
    return pool;
}

namespace {

asio::awaitable<http::Reply> create_upload_route(http::Call call) {
    if (is_tus(call)) {
        co_return co_await tus_create(call);
    }
    auto upload = co_await receive_upload(call);
    if (!upload) {
        co_return http::Reply::of(upload.error());
    }
    Json body{
        {"id", upload->id}, {"name", upload->name}, {"bytes", upload->bytes}, {"sha256", upload->sha256}};
    co_return http::Reply::created(body, "/api/v1/uploads/" + upload->id);
}

Json to_json(const Guess& guess) {
    const catalogue::Item& item = guess.item;
    return {{"no", item.no},
            {"name", item.name},
            {"column", item.column},
            {"type", item.type},
            {"length", item.length ? Json(*item.length) : Json()},
            {"scale", item.scale ? Json(*item.scale) : Json()},
            {"nullable", item.nullable},
            {"unique", guess.unique},
            {"primary_key", item.primary_key},
            {"element", item.element},
            {"code_list", item.code_list},
            {"sensitive", item.sensitive},
            {"grade", item.grade},
            {"samples", guess.samples}};
}

/// Cells may hold what JSON has not: a NUL stays, bytes outside UTF-8 cannot be here.
Json to_json(const Inspection& found, bool chinese) {
    Json out{{"format", found.format},       {"encoding", found.encoding},
             {"delimiter", found.delimiter}, {"sheet", found.sheet},
             {"sheets", Json::array()},      {"header_row", found.header_row},
             {"row_count", found.row_count}, {"row_count_estimated", found.row_count_estimated},
             {"items", Json::array()},       {"sample_rows", found.sample_rows},
             {"warnings", Json::array()}};
    for (const formats::Sheet& sheet : found.sheets) {
        out["sheets"].push_back({{"name", sheet.name}, {"hidden", sheet.hidden}});
    }
    for (const Guess& guess : found.items) {
        out["items"].push_back(to_json(guess));
    }
    for (const formats::Notice& notice : found.notices) {
        out["warnings"].push_back(
            {{"code", notice.code}, {"text", chinese ? notice.text_zh : notice.text_en}});
    }
    return out;
}

asio::awaitable<http::Reply> inspect_route(http::Call call) {
    auto upload = co_await find_upload(call.db, call.param("id"));
    if (!upload) {
        co_return http::Reply::of(problem::no_upload.plain());
    }
    formats::ReadOptions options = read_options(upload->name, call.body());
    auto look = [path = upload_path(call.runtime, upload->id), options, today = call.runtime.today()] {
        return inspect(path, options, today);
    };
    Inspection found = co_await on_worker(std::move(look));
    co_return http::Reply::ok(to_json(found, call.who.chinese));
}

LoadInput load_input(const http::Call& call) {
    LoadInput out{.ref = call.param("ref")};
    for (const auto& [name, value] : call.body().items()) {
        if (name == "upload_id") {
            out.upload_id = value.get<std::string>();
        } else if (name == "mode") {
            out.mode = value.get<std::string>();
        } else {
            out.reading[name] = value;
        }
    }
    return out;
}

asio::awaitable<http::Reply> preview_route(http::Call call) {
    auto started = co_await start_preview(call.db, call.runtime, call.who, load_input(call));
    if (!started) {
        co_return http::Reply::of(started.error());
    }
    co_return http::Reply::accepted(*started, "/api/v1/jobs/" + started->at("job_id").get<std::string>());
}

asio::awaitable<http::Reply> create_batch_route(http::Call call) {
    auto started = co_await start_batch(call.db, call.runtime, call.who, load_input(call));
    if (!started) {
        co_return http::Reply::of(started.error());
    }
    std::string url =
        "/api/v1/ingest/" + call.param("ref") + "/batches/" + started->at("batch_id").get<std::string>();
    co_return http::Reply::accepted(*started, std::move(url));
}

/// The number in `cursor`, or `start` without one.
std::int64_t cursor_of(const http::Call& call, std::int64_t start) {
    auto sent = call.query("cursor");
    if (!sent || sent->empty()) {
        return start;
    }
    auto number = to_int(*sent);
    if (!number) {
        throw ProblemError(problem::bad_cursor.at("/cursor"));
    }
    return *number;
}

asio::awaitable<http::Reply> list_batches_route(http::Call call) {
    int limit = call.limit(20, 100);
    std::int64_t before = cursor_of(call, std::numeric_limits<std::int32_t>::max());
    Json items = co_await list_batches(call.db, call.param("ref"), before, limit + 1, call.who.chinese);
    Json out;
    if (items.size() > static_cast<std::size_t>(limit)) {
        items.erase(items.size() - 1);
        out["next_cursor"] = std::to_string(items.back().at("no").get<std::int64_t>());
    }
    out["items"] = std::move(items);
    co_return http::Reply::ok(out);
}

asio::awaitable<http::Reply> show_batch_route(http::Call call) {
    auto batch = co_await show_batch(call.db, call.param("ref"), call.param("batch_id"), call.who.chinese);
    co_return batch ? http::Reply::ok(*batch) : http::Reply::of(problem::no_batch.plain());
}

asio::awaitable<http::Reply> list_rejects_route(http::Call call) {
    auto batch = co_await find_batch(call.db, call.param("ref"), call.param("batch_id"));
    if (!batch) {
        co_return http::Reply::of(problem::no_batch.plain());
    }
    Json page = co_await list_rejects(call.db, batch->id, cursor_of(call, 0), call.limit(100, 1000),
                                      call.who.chinese);
    audit::Access access{.resource = batch->ref,
                         .owner = batch->organization,
                         .channel = "reject-file",
                         .fields = {"raw"},
                         .filter = "batch=" + batch->id};
    auto rows = static_cast<std::int64_t>(page["items"].size());
    auto bytes = static_cast<std::int64_t>(page.dump().size());
    co_await audit::delivered(call.db, call.who, std::move(access), rows, bytes);
    co_return http::Reply::ok(page);
}

asio::awaitable<http::Reply> reject_file_route(http::Call call) {
    auto batch = co_await find_batch(call.db, call.param("ref"), call.param("batch_id"));
    if (!batch) {
        co_return http::Reply::of(problem::no_batch.plain());
    }
    co_return co_await reject_file(call, std::move(*batch));
}

http::Route of_entry(http::Verb verb, std::string_view path, std::string_view permission,
                     std::string_view summary) {
    return {.verb = verb,
            .path = path,
            .permission = permission,
            .object = "ref",
            .owner = &catalogue::resource_owner_sql,
            .summary = summary};
}

http::Routes upload_routes() {
    using enum http::Verb;
    http::Route create{.verb = post,
                       .path = "/api/v1/uploads",
                       .permission = "ingest.upload.create",
                       .body_kind = http::BodyKind::streamed,
                       .reply = &upload_schema,
                       .summary = "上传文件 / Upload a file",
                       .query = {"name"},
                       .run = create_upload_route};
    http::Route look{.verb = post,
                     .path = "/api/v1/uploads/{id}/inspect",
                     .permission = "ingest.upload.inspect",
                     .object = "id",
                     .owner = &upload_owner_sql,
                     .body_kind = http::BodyKind::json,
                     .body = &inspect_body,
                     .reply = &inspection_schema,
                     .summary = "查看文件结构 / Look into an uploaded file",
                     .uses = {&guess_schema},
                     .run = inspect_route};
    http::Routes table = tus_routes();
    table.push_back(std::move(create));
    table.push_back(std::move(look));
    return table;
}

}  // namespace

http::Routes routes() {
    using enum http::Verb;
    http::Routes table = upload_routes();
    http::Route preview = of_entry(post, "/api/v1/ingest/{ref}/preview", "ingest.batch.preview",
                                   "预览入库的变化 / Preview what a load would change");
    preview.body_kind = http::BodyKind::json;
    preview.body = &load_body;
    preview.reply = &preview_started_schema;
    preview.run = preview_route;
    http::Route create = of_entry(post, "/api/v1/ingest/{ref}/batches", "ingest.batch.create",
                                  "入库 / Load a file into an entry");
    create.body_kind = http::BodyKind::json;
    create.body = &load_body;
    create.reply = &batch_started_schema;
    create.run = create_batch_route;
    http::Route list =
        of_entry(get, "/api/v1/ingest/{ref}/batches", "ingest.batch.list", "批次 / Batches of an entry");
    list.reply = &batch_list_schema;
    list.uses = {&batch_schema};
    list.query = {"cursor", "limit"};
    list.run = list_batches_route;
    http::Route show =
        of_entry(get, "/api/v1/ingest/{ref}/batches/{batch_id}", "ingest.batch.view", "一个批次 / One batch");
    show.reply = &batch_schema;
    show.run = show_batch_route;
    http::Route rejects = of_entry(get, "/api/v1/ingest/{ref}/batches/{batch_id}/rejects",
                                   "ingest.reject.list", "问题行 / Rejected rows");
    rejects.reply = &reject_list_schema;
    rejects.uses = {&reject_schema};
    rejects.query = {"cursor", "limit"};
    rejects.run = list_rejects_route;
    http::Route file = of_entry(get, "/api/v1/ingest/{ref}/batches/{batch_id}/rejects/file",
                                "ingest.reject.download", "下载问题行 / Download the rejected rows");
    file.run = reject_file_route;
    for (http::Route* shows_rows : {&preview, &rejects, &file}) {
        shows_rows->owner = &catalogue::resource_rows_owner_sql;
    }
    for (http::Route* route : {&preview, &create, &list, &show, &rejects, &file}) {
        table.push_back(std::move(*route));
    }
    return table;
}

}  // namespace pengcheng::ingest
