#pragma once

#include "ingest/upload.hpp"

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/formats/table_reader.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace pengcheng::rules {
class CompiledRules;
}

namespace pengcheng::ingest {

/// What a load or a preview is asked to do.
struct LoadInput {
    std::string ref;
    std::string upload_id;
    std::string mode;               ///< replace, upsert, append
    Json reading = Json::object();  ///< sheet, encoding, header_row, where people said so
};
/// How the file is to be read.
formats::ReadOptions read_options(const std::string& file_name, const Json& reading);

/// The edition whose items the stored rows follow: the published one, else the newest. A draft beside a
/// published edition changes nothing that readers see before it is published.
asio::awaitable<std::optional<catalogue::Resource>> edition_to_load(db::Pool& db, std::string ref);

/// The entry and the file, both looked at: the file opens and its columns are the entry's items.
struct Checked {
    catalogue::Resource resource;
    Upload upload;
};
asio::awaitable<Result<Checked>> check_input(db::Pool& db, const Runtime& runtime, std::string organization,
                                             LoadInput input);

/// Makes a batch and its job -> {batch_id, job_id}.
asio::awaitable<Result<Json>> start_batch(db::Pool& db, const Runtime& runtime, Principal who,
                                          LoadInput input);
/// -> {job_id}; changes nothing.
asio::awaitable<Result<Json>> start_preview(db::Pool& db, const Runtime& runtime, Principal who,
                                            LoadInput input);
/// The batch row alone, for a caller that runs the load itself -> batch id.
asio::awaitable<std::string> add_batch(db::Transaction& tx, Principal who, Checked checked, LoadInput input);

struct Batch {
    std::string id, ref, organization, mode, upload, file_name, encoding, format;
    Json reading;
};
constexpr auto describe(db::RowOf<Batch>) {
    return db::columns(db::column("id", &Batch::id), db::column("ref", &Batch::ref),
                       db::column("organization", &Batch::organization), db::column("mode", &Batch::mode),
                       db::column("upload", &Batch::upload), db::column("reading", &Batch::reading),
                       db::column("file_name", &Batch::file_name), db::column("encoding", &Batch::encoding),
                       db::column("format", &Batch::format));
}
asio::awaitable<std::optional<Batch>> find_batch(db::Pool& db, std::string ref, std::string id);
asio::awaitable<std::optional<Batch>> find_batch(db::Pool& db, std::string id);

/// Batches as the API shows them; a live one whose job ended otherwise shows the job's state.
asio::awaitable<Json> list_batches(db::Pool& db, std::string ref, std::int64_t before_no, int limit,
                                   bool chinese);
asio::awaitable<std::optional<Json>> show_batch(db::Pool& db, std::string ref, std::string id, bool chinese);

/// The rules that a row of the entry must pass to be stored.
asio::awaitable<std::shared_ptr<const rules::CompiledRules>> load_checks(db::Pool& db,
                                                                         catalogue::Resource resource,
                                                                         Day today);

/// Who, through a job's payload.
Json to_payload(const Principal& who);
Principal from_payload(const Json& who);

}  // namespace pengcheng::ingest
