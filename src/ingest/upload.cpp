#include "ingest/upload.hpp"

#include "ingest/problems.hpp"
#include "ingest/worker.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

#include <unistd.h>
#include <cstdio>
#include <cstring>

namespace pengcheng::ingest {

namespace {

constexpr std::size_t chunk_bytes = 256 << 10;
constexpr std::size_t name_characters_max = 200;

constexpr db::Statement add_sql{"ingest.add_upload", R"sql(
    INSERT INTO ingest.upload (id, organization, account, name, bytes, sha256)
    VALUES ($1::uuid, $2, $3, $4, $5::bigint, $6)
)sql"};

constexpr db::Statement find_sql{"ingest.find_upload", R"sql(
    SELECT id::text AS id, organization, name, bytes, sha256 FROM ingest.upload WHERE id::text = $1
)sql"};

/// A file that is being written; removed unless kept.
class Incoming {
public:
    explicit Incoming(std::filesystem::path path) : path_(std::move(path)) {
        std::filesystem::create_directories(path_.parent_path());
        file_ = std::fopen(part().c_str(), "wbx");
        if (file_ == nullptr) {
            throw std::runtime_error("cannot write " + part().string() + ": " + std::strerror(errno));
        }
    }
    ~Incoming() {
        if (file_ != nullptr) {
            std::fclose(file_);
        }
        std::error_code ignored;
        std::filesystem::remove(part(), ignored);
        if (!kept_) {
            std::filesystem::remove(path_, ignored);
        }
    }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    void write(std::string_view bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
            throw std::runtime_error("cannot write an upload: " + std::string(std::strerror(errno)));
        }
        digest_.update(bytes);
        size_ += static_cast<std::int64_t>(bytes.size());
    }
    /// To the disk, under its final name. Blocks on the disk.
    void close() {
        bool whole = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
        whole = std::fclose(std::exchange(file_, nullptr)) == 0 && whole;
        if (!whole) {
            throw std::runtime_error("cannot write an upload: " + std::string(std::strerror(errno)));
        }
        std::filesystem::rename(part(), path_);
    }
    void keep() { kept_ = true; }
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] std::string sha256() const { return digest_.hex(); }

private:
    [[nodiscard]] std::filesystem::path part() const { return path_.string() + ".part"; }

    std::filesystem::path path_;
    std::FILE* file_ = nullptr;
    crypto::Sha256 digest_;
    std::int64_t size_ = 0;
    bool kept_ = false;
};

asio::awaitable<Upload> record_upload(db::Pool& db, Principal who, Upload upload) {
    auto tx = co_await db.begin();
    co_await add_upload(tx, std::move(who), upload);
    co_await tx.commit();
    co_return upload;
}

}  // namespace

std::optional<std::string> clean_name(std::string_view sent) {
    std::string_view last =
        sent.substr(sent.find_last_of("/\\") == std::string_view::npos ? 0 : sent.find_last_of("/\\") + 1);
    std::string out(trim(last));
    bool control =
        std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    // Characters that turn the direction of writing make "gnp.csv.exe" look like another name.
    for (std::string_view turn :
         {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
        control = control || out.find(turn) != std::string::npos;
    }
    if (out.empty() || out == "." || out == ".." || control || !valid_utf8(out) ||
        utf8_length(out) > name_characters_max) {
        return std::nullopt;
    }
    return out;
}

asio::awaitable<void> add_upload(db::Transaction& tx, Principal who, Upload upload) {
    co_await tx.run(add_sql, upload.id, upload.organization, who.id, upload.name, upload.bytes,
                    upload.sha256);
    Json detail{{"name", upload.name}, {"bytes", upload.bytes}, {"sha256", upload.sha256}};
    co_await audit::record(tx, who, "ingest.upload.create", upload.id, std::move(detail));
}

const db::Statement upload_owner_sql{"ingest.find_upload_owner", R"sql(
    SELECT organization, account FROM ingest.upload WHERE id::text = $1
)sql"};

std::filesystem::path upload_path(const Runtime& runtime, const std::string& id) {
    return runtime.var("uploads") / id;
}

asio::awaitable<std::optional<Upload>> find_upload(db::Pool& db, std::string id) {
    return db.find<Upload>(find_sql, std::move(id));
}

asio::awaitable<Result<Upload>> receive_upload(http::Call call) {
    auto name = clean_name(call.query("name").value_or(""));
    if (!name) {
        co_return problem::bad_name.at("/name", "请用参数 name 给出文件名，最多 200 个字符",
                                       "give the parameter name, at most 200 characters");
    }
    Upload upload{.id = new_id(), .organization = call.who.organization, .name = *name};
    auto file = std::make_shared<Incoming>(upload_path(call.runtime, upload.id));
    std::vector<char> chunk(chunk_bytes);
    for (;;) {
        std::size_t count = co_await call.read_body(chunk);
        if (count == 0) {
            break;
        }
        file->write(std::string_view(chunk.data(), count));
    }
    upload.bytes = file->size();
    auto promised = call.content_length();
    if (promised && *promised != upload.bytes) {
        std::string got = std::to_string(upload.bytes);
        std::string all = std::to_string(*promised);
        co_return problem::truncated.because("只收到 " + got + " 字节，应有 " + all + " 字节，请重新上传",
                                             "got " + got + " of " + all + " bytes; send it again");
    }
    if (upload.bytes == 0) {
        co_return problem::empty_upload.because("请检查导出是否完成，再上传",
                                                "check the export and send it again");
    }
    upload.sha256 = file->sha256();
    co_await on_worker([file] { return file->close(), true; });
    upload = co_await record_upload(call.db, call.who, std::move(upload));
    file->keep();
    co_return upload;
}

asio::awaitable<Upload> copy_upload(db::Pool& db, const Runtime& runtime, Principal who,
                                    std::string organization, std::filesystem::path source) {
    Upload upload{
        .id = new_id(), .organization = std::move(organization), .name = source.filename().string()};
    Incoming file(upload_path(runtime, upload.id));
    std::FILE* in = std::fopen(source.c_str(), "rb");
    if (in == nullptr) {
        throw std::runtime_error("cannot open " + source.string() + ": " + std::strerror(errno));
    }
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> closer(in, std::fclose);
    std::vector<char> chunk(chunk_bytes);
    for (std::size_t count = 0; (count = std::fread(chunk.data(), 1, chunk.size(), in)) > 0;) {
        file.write(std::string_view(chunk.data(), count));
    }
    if (file.size() == 0) {
        throw ProblemError(problem::empty_upload.plain());
    }
    file.close();
    upload.bytes = file.size();
    upload.sha256 = file.sha256();
    upload = co_await record_upload(db, std::move(who), std::move(upload));
    file.keep();
    co_return upload;
}

PENGCHENG_STATEMENTS(add_sql, find_sql, upload_owner_sql);

}  // namespace pengcheng::ingest
