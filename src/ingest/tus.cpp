#include "ingest/tus.hpp"

#include "ingest/problems.hpp"
#include "ingest/schemas.hpp"
#include "ingest/upload.hpp"
#include "ingest/worker.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace pengcheng::ingest {

struct Promise {
    std::string id, organization, account, name;
    std::int64_t bytes = 0;
};
constexpr auto describe(db::RowOf<Promise>) {
    return db::columns(db::column("id", &Promise::id), db::column("organization", &Promise::organization),
                       db::column("account", &Promise::account), db::column("name", &Promise::name),
                       db::column("bytes", &Promise::bytes));
}

namespace {

constexpr std::string_view version = "1.0.0";
constexpr std::size_t chunk_bytes = 256 << 10;

constexpr db::Statement add_sql{"ingest.add_resumable", R"sql(
    INSERT INTO ingest.resumable (id, organization, account, name, bytes) VALUES ($1::uuid, $2, $3, $4,
        $5::bigint)
)sql"};

constexpr db::Statement find_sql{"ingest.find_resumable", R"sql(
    SELECT id::text AS id, organization, account, name, bytes FROM ingest.resumable WHERE id::text = $1
)sql"};

constexpr db::Statement delete_sql{"ingest.delete_resumable", R"sql(
    DELETE FROM ingest.resumable WHERE id = $1::uuid
)sql"};

constexpr db::Statement owner_sql{"ingest.find_resumable_owner", R"sql(
    SELECT organization, account FROM ingest.resumable WHERE id::text = $1
    UNION ALL SELECT organization, account FROM ingest.upload WHERE id::text = $1 LIMIT 1
)sql"};

std::filesystem::path part_path(const Runtime& runtime, const std::string& id) {
    return upload_path(runtime, id).string() + ".tus";
}

std::int64_t offset_of(const std::filesystem::path& part) {
    std::error_code missing;
    auto size = std::filesystem::file_size(part, missing);
    return missing ? 0 : static_cast<std::int64_t>(size);
}

/// `filename` of Upload-Metadata: pairs of a key and base64, separated by commas.
std::string metadata_name(std::string_view header) {
    for (std::string_view pair : split(header, ',')) {
        pair = trim(pair);
        std::size_t space = pair.find(' ');
        if (pair.substr(0, space) == "filename" && space != std::string_view::npos) {
            return base64_decode(trim(pair.substr(space + 1))).value_or("");
        }
    }
    return "";
}

http::Reply tus_reply(int status) {
    http::Reply reply;
    reply.status = status;
    reply.header("Tus-Resumable", std::string(version));
    reply.header("Cache-Control", "no-store");
    return reply;
}

/// A refusal where the client speaks another version of the protocol.
std::optional<http::Reply> wrong_version(const http::Call& call) {
    if (call.header("Tus-Resumable") == version) {
        return std::nullopt;
    }
    http::Reply reply = http::Reply::of(problem::tus_version.plain());
    reply.header("Tus-Version", std::string(version));
    return reply;
}

/// The part file opened for appending, locked against a second PATCH while this lives.
class PartFile {
public:
    explicit PartFile(const std::filesystem::path& path)
        : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) {
            throw std::runtime_error("cannot write " + path.string() + ": " + std::strerror(errno));
        }
        locked_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
    }
    ~PartFile() { ::close(file_); }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    [[nodiscard]] bool locked() const { return locked_; }
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t count = ::write(file_, bytes.data(), bytes.size());
            if (count < 0 && errno != EINTR) {
                throw std::runtime_error("cannot write an upload: " + std::string(std::strerror(errno)));
            }
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
    }
    void sync() {
        if (::fsync(file_) != 0) {
            throw std::runtime_error("cannot write an upload: " + std::string(std::strerror(errno)));
        }
    }

private:
    int file_;
    bool locked_ = false;
};

std::string digest_of(const std::filesystem::path& path) {
    crypto::Sha256 digest;
    std::ifstream in(path, std::ios::binary);
    std::string piece(chunk_bytes, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
        digest.update(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
    }
    return digest.hex();
}

/// All bytes are here: the file takes its final name, then the row moves, so that a row in ingest.upload
/// always has its file. Cut off between the two, an empty PATCH at the end finishes it.
asio::awaitable<void> complete(db::Pool& db, Principal who, const Runtime& runtime, Promise promise,
                               std::shared_ptr<PartFile> file) {
    std::filesystem::path part = part_path(runtime, promise.id);
    std::filesystem::path whole = upload_path(runtime, promise.id);
    auto seal = [file, part, whole] {
        file->sync();
        std::string digest = digest_of(part);
        std::filesystem::create_hard_link(part, whole);
        return digest;
    };
    std::filesystem::remove(whole);
    std::string digest = co_await on_worker(std::move(seal));
    Upload upload{promise.id, promise.organization, promise.name, promise.bytes, std::move(digest)};
    auto tx = co_await db.begin();
    co_await tx.run(delete_sql, promise.id);
    co_await add_upload(tx, who, std::move(upload));
    co_await tx.commit();
    std::filesystem::remove(part);
}

asio::awaitable<http::Reply> state_route(http::Call call) {
    auto promise = co_await call.db.find<Promise>(find_sql, call.param("id"));
    http::Reply reply = tus_reply(200);
    if (!promise) {
        auto upload = co_await find_upload(call.db, call.param("id"));
        if (!upload) {
            co_return http::Reply::of(problem::no_upload.plain());
        }
        reply.header("Upload-Offset", std::to_string(upload->bytes));
        reply.header("Upload-Length", std::to_string(upload->bytes));
        co_return reply;
    }
    reply.header("Upload-Offset", std::to_string(offset_of(part_path(call.runtime, promise->id))));
    reply.header("Upload-Length", std::to_string(promise->bytes));
    co_return reply;
}

asio::awaitable<http::Reply> append_route(http::Call call) {
    if (auto refused = wrong_version(call)) {
        co_return *refused;
    }
    if (call.header("Content-Type") != "application/offset+octet-stream") {
        co_return http::Reply::of(problem::tus_type.plain());
    }
    auto promise = co_await call.db.find<Promise>(find_sql, call.param("id"));
    if (!promise) {
        co_return http::Reply::of(problem::no_upload.plain());
    }
    std::filesystem::path part = part_path(call.runtime, promise->id);
    auto file = std::make_shared<PartFile>(part);
    if (!file->locked()) {
        co_return http::Reply::of(problem::tus_locked.plain());
    }
    std::int64_t offset = offset_of(part);
    if (to_int(call.header("Upload-Offset")) != offset) {
        std::string have = std::to_string(offset);
        co_return http::Reply::of(
            problem::tus_offset.because("已收到 " + have + " 字节", have + " bytes are here"));
    }
    std::vector<char> chunk(chunk_bytes);
    for (std::size_t count = 0; (count = co_await call.read_body(chunk)) > 0;) {
        if (offset + static_cast<std::int64_t>(count) > promise->bytes) {
            co_return http::Reply::of(problem::tus_surplus.plain());
        }
        file->write(std::string_view(chunk.data(), count));
        offset += static_cast<std::int64_t>(count);
    }
    if (offset == promise->bytes) {
        co_await complete(call.db, call.who, call.runtime, *promise, file);
    }
    http::Reply reply = tus_reply(204);
    reply.header("Upload-Offset", std::to_string(offset));
    co_return reply;
}

asio::awaitable<http::Reply> terminate_route(http::Call call) {
    auto promise = co_await call.db.find<Promise>(find_sql, call.param("id"));
    if (!promise) {
        // A finished upload may be what a batch was loaded from: it stays.
        co_return http::Reply::of(problem::tus_finished.plain());
    }
    auto tx = co_await call.db.begin();
    co_await tx.run(delete_sql, promise->id);
    co_await audit::record(tx, call.who, "ingest.upload.cancel", promise->id);
    co_await tx.commit();
    std::filesystem::remove(part_path(call.runtime, promise->id));
    co_return tus_reply(204);
}

}  // namespace

bool is_tus(const http::Call& call) {
    return !call.header("Tus-Resumable").empty();
}

asio::awaitable<http::Reply> tus_create(http::Call call) {
    if (auto refused = wrong_version(call)) {
        co_return *refused;
    }
    auto length = to_int(call.header("Upload-Length"));
    if (!length || *length <= 0 || *length > call.runtime.config.upload_bytes_max) {
        std::string most = std::to_string(call.runtime.config.upload_bytes_max);
        co_return http::Reply::of(
            problem::tus_length.because("上限 " + most + " 字节", "at most " + most + " bytes"));
    }
    std::string sent = metadata_name(call.header("Upload-Metadata"));
    auto name = clean_name(sent.empty() ? call.query("name").value_or("") : sent);
    if (!name) {
        co_return http::Reply::of(problem::bad_name.because("请在 Upload-Metadata 中给出 filename",
                                                            "give filename in Upload-Metadata"));
    }
    std::string id = new_id();
    std::filesystem::create_directories(upload_path(call.runtime, id).parent_path());
    co_await call.db.run(add_sql, id, call.who.organization, call.who.id, *name, *length);
    http::Reply reply = tus_reply(201);
    reply.header("Location", "/api/v1/uploads/" + id);
    reply.header("Upload-Offset", "0");
    co_return reply;
}

http::Routes tus_routes() {
    using enum http::Verb;
    auto route = [](http::Verb verb, std::string_view summary) {
        return http::Route{.verb = verb,
                           .path = "/api/v1/uploads/{id}",
                           .permission = "ingest.upload.create",
                           .object = "id",
                           .owner = &owner_sql,
                           .summary = summary};
    };
    http::Route state = route(get, "上传进度 / How far an upload in parts is");
    state.run = state_route;
    http::Route append = route(patch, "续传 / Go on with an upload");
    append.body_kind = http::BodyKind::streamed;
    append.run = append_route;
    http::Route terminate = route(delete_, "放弃上传 / Give an upload up");
    terminate.run = terminate_route;
    return {std::move(state), std::move(append), std::move(terminate)};
}

PENGCHENG_STATEMENTS(add_sql, find_sql, delete_sql, owner_sql);

}  // namespace pengcheng::ingest
