#pragma once

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/http/route.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace pengcheng::ingest {

namespace asio = boost::asio;

struct Upload {
    std::string id;
    std::string organization;
    std::string name;
    std::int64_t bytes = 0;
    std::string sha256;
};

constexpr auto describe(db::RowOf<Upload>) {
    return db::columns(db::column("id", &Upload::id), db::column("organization", &Upload::organization),
                       db::column("name", &Upload::name), db::column("bytes", &Upload::bytes),
                       db::column("sha256", &Upload::sha256));
}

std::filesystem::path upload_path(const Runtime& runtime, const std::string& id);
asio::awaitable<std::optional<Upload>> find_upload(db::Pool& db, std::string id);

/// The last part of a path; nothing for one that cannot name a file.
std::optional<std::string> clean_name(std::string_view sent);
/// Records a whole file that lies at upload_path().
asio::awaitable<void> add_upload(db::Transaction& tx, Principal who, Upload upload);

/// Streams the call's body into a file of its own and records it. What breaks off leaves nothing.
asio::awaitable<Result<Upload>> receive_upload(http::Call call);
/// Takes a copy of a file on this machine as an upload.
asio::awaitable<Upload> copy_upload(db::Pool& db, const Runtime& runtime, Principal who,
                                    std::string organization, std::filesystem::path file);

extern const db::Statement upload_owner_sql;

}  // namespace pengcheng::ingest
