#include "ingest/infer.hpp"
#include "ingest/load.hpp"
#include "ingest/problems.hpp"
#include "ingest/upload.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/ingest/ingest.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::ingest {

namespace {

/// A load run by the caller itself, with no queue: nothing to fence, nobody to report to.
class DirectContext final : public jobs::Context {
public:
    DirectContext(db::Pool& db, const Runtime& runtime) : db_(db), runtime_(runtime) {}
    Json result;

    [[nodiscard]] const jobs::Job& job() const override { return job_; }
    [[nodiscard]] db::Pool& db() override { return db_; }
    [[nodiscard]] const Runtime& runtime() const override { return runtime_; }
    asio::awaitable<void> progress(std::string_view, std::int64_t, std::int64_t) override { co_return; }
    asio::awaitable<void> cpu(std::function<void()> work) override {
        work();
        co_return;
    }
    asio::awaitable<void> fence(db::Transaction&) override { co_return; }
    asio::awaitable<jobs::Finished> finish(db::Transaction tx, Json what) override {
        result = std::move(what);
        co_await tx.commit();
        co_return finished();
    }

private:
    db::Pool& db_;
    const Runtime& runtime_;
    jobs::Job job_;
};

bool is_table_file(const std::filesystem::path& path) {
    std::string name = lower_ascii(path.filename().string());
    for (std::string_view extension : {".csv", ".tsv", ".xlsx", ".xlsm", ".json", ".ndjson", ".jsonl",
                                       ".csv.gz", ".csv.zst", ".json.gz", ".tsv.gz"}) {
        if (name.ends_with(extension)) {
            return true;
        }
    }
    return false;
}

std::string title_of(const std::filesystem::path& path) {
    std::string name = path.filename().string();
    name = name.substr(0, name.find('.'));
    return utf8_prefix(name.empty() ? path.filename().string() : name, 100);
}

catalogue::ResourceInput draft_of(const std::filesystem::path& path, const Inspection& found,
                                  std::string organization) {
    catalogue::ResourceInput out{
        .organization = std::move(organization), .resource_class = "department", .name = title_of(path)};
    out.abstract = "由文件 " + path.filename().string() + " 生成的草稿，请补充说明";
    out.format_class = "2";
    out.format = found.format == "xlsx" ? "xlsx" : found.format;
    out.share_type = "conditional";
    out.share_mode = "api";
    out.open_type = "denied";
    out.update_cycle = "8";
    out.domain = "99";
    out.source_note = path.filename().string();
    for (const Guess& guess : found.items) {
        out.items.push_back(guess.item);
        out.grade = std::max(out.grade, guess.item.grade);
    }
    return out;
}

struct Draft {
    std::string batch;
    std::string ref;
};

asio::awaitable<Draft> make_draft(db::Pool& db, const Runtime& runtime, Principal who,
                                  std::filesystem::path path, std::string organization) {
    formats::ReadOptions options{.file_name = path.filename().string()};
    Inspection found = inspect(path, options, runtime.today());
    Upload upload = co_await copy_upload(db, runtime, who, organization, path);
    auto tx = co_await db.begin();
    auto created = co_await catalogue::create(tx, who, draft_of(path, found, organization));
    Checked checked{std::move(created).value(), std::move(upload)};
    LoadInput input{.ref = checked.resource.ref, .upload_id = checked.upload.id, .mode = "replace"};
    Draft out{.ref = input.ref};
    out.batch = co_await add_batch(tx, who, checked, input);
    co_await tx.commit();
    co_return out;
}

asio::awaitable<Json> ingest_file(db::Pool& db, const Runtime& runtime, Principal who,
                                  std::filesystem::path path, std::string organization) {
    Json out{{"file", path.filename().string()}, {"ref", ""}, {"rows", 0}, {"rejected", 0}, {"problem", ""}};
    try {
        Draft draft = co_await make_draft(db, runtime, who, path, std::move(organization));
        out["ref"] = draft.ref;
        DirectContext context(db, runtime);
        jobs::Finished finished = co_await load_batch(context, draft.batch, who);
        static_cast<void>(finished);
        out["rows"] = context.result.at("rows_loaded");
        out["rejected"] = context.result.at("rows_rejected");
    } catch (const ProblemError& error) {
        out["problem"] = error.problem().text(who.chinese);
    }
    co_return out;
}

}  // namespace

asio::awaitable<Result<Json>> ingest_folder(db::Pool& db, const Runtime& runtime, Principal who,
                                            std::filesystem::path folder, std::string organization,
                                            std::function<void(const Json&)> said) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        // A link may lead out of the folder that was named.
        if (entry.is_regular_file() && !entry.is_symlink() && is_table_file(entry.path())) {
            files.push_back(entry.path());
        }
    }
    if (error) {
        co_return problem::no_folder.at("/folder", folder.string(), folder.string() + ": " + error.message());
    }
    std::sort(files.begin(), files.end());
    Json out{{"files", Json::array()}, {"loaded", 0}, {"failed", 0}};
    for (const auto& file : files) {
        Json one = co_await ingest_file(db, runtime, who, file, organization);
        const char* counter = one["problem"] == "" ? "loaded" : "failed";
        out[counter] = out[counter].get<int>() + 1;
        said(one);
        out["files"].push_back(std::move(one));
    }
    co_return out;
}

}  // namespace pengcheng::ingest
