#include "ingest/rejects.hpp"

#include "ingest/infer.hpp"
#include "ingest/worker.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/formats/writers.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

namespace pengcheng::ingest {

namespace {

constexpr int page_lines = 5000;
constexpr std::size_t send_bytes = 64 << 10;

constexpr db::Statement add_sql{"ingest.add_rejects", R"sql(
    INSERT INTO ingest.reject (batch, line, column_name, code, reason, reason_en, raw)
    SELECT $1::uuid, r.line::bigint, r.column_name, r.code, r.reason, r.reason_en, r.raw
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS r (line, column_name, code, reason, reason_en, raw)
)sql"};

constexpr db::Statement clear_sql{"ingest.clear_rejects", R"sql(
    DELETE FROM ingest.reject WHERE batch = $1::uuid
)sql"};

constexpr db::Statement list_sql{"ingest.list_rejects", R"sql(
    SELECT jsonb_build_object('id', id, 'line', line, 'column', column_name, 'code', code,
               'reason', CASE WHEN $4::boolean THEN reason ELSE reason_en END, 'raw', raw) AS reject
      FROM ingest.reject WHERE batch = $1::uuid AND id > $2::bigint ORDER BY id LIMIT $3::int
)sql"};

constexpr db::Statement lines_sql{"ingest.list_reject_lines", R"sql(
    SELECT line, string_agg(CASE WHEN column_name = '' THEN ''
                                 ELSE column_name || CASE WHEN $4::boolean THEN '：' ELSE ': ' END END ||
                            CASE WHEN $4::boolean THEN reason ELSE reason_en END,
                            CASE WHEN $4::boolean THEN '；' ELSE '; ' END ORDER BY id) AS reasons
      FROM ingest.reject WHERE batch = $1::uuid AND line > $2::bigint
     GROUP BY line ORDER BY line LIMIT $3::int
)sql"};

struct Line {
    std::int64_t line = 0;
    std::string reasons;
};
constexpr auto describe(db::RowOf<Line>) {
    return db::columns(db::column("line", &Line::line), db::column("reasons", &Line::reasons));
}

/// Copies the named lines of the uploaded file into a temporary file of the same kind. Blocking: on a worker.
class RejectFile {
public:
    RejectFile(std::filesystem::path upload, formats::ReadOptions options, std::filesystem::path folder)
        : table_(formats::open_table(upload, std::move(options))) {
        for (std::size_t i = 0; i < table_->header().size(); ++i) {
            if (table_->header()[i] == reason_column) {
                old_reason_ = i;
            } else {
                columns_.push_back({table_->header()[i], ""});
            }
        }
        columns_.push_back({std::string(reason_column), ""});
        if (table_->format() == formats::Format::xlsx) {
            workbook_ = std::make_unique<formats::XlsxFile>(folder, columns_, table_->sheet());
            return;
        }
        std::filesystem::create_directories(folder);
        path_ = folder / ("rejects-" + random_hex(8));
        out_.open(path_, std::ios::binary);
        if (table_->format() == formats::Format::json) {
            writer_ = formats::json_writer(columns_);
        } else {
            writer_ = formats::csv_writer(columns_, {.byte_order_mark = table_->byte_order_mark(),
                                                     .encoding = table_->encoding(),
                                                     .delimiter = table_->delimiter().at(0)});
        }
        writer_->begin(text_);
    }
    ~RejectFile() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove(path_, ignored);
        }
    }
    RejectFile(const RejectFile&) = delete;
    RejectFile& operator=(const RejectFile&) = delete;

    void add(const std::vector<Line>& lines) {
        for (const Line& wanted : lines) {
            while (line_ < wanted.line && table_->next(cells_, line_)) {
            }
            if (line_ == wanted.line) {
                put(wanted.reasons);
            }
        }
    }
    /// -> the finished file.
    std::filesystem::path finish() {
        if (workbook_) {
            return workbook_->finish();
        }
        writer_->end(text_);
        flush();
        out_.close();
        if (!out_) {
            throw std::runtime_error("cannot write the reject file");
        }
        return path_;
    }
    [[nodiscard]] std::int64_t rows() const { return rows_; }
    [[nodiscard]] std::vector<std::string> fields() const {
        std::vector<std::string> out;
        for (const auto& column : columns_) {
            out.push_back(column.name);
        }
        return out;
    }
    [[nodiscard]] std::string content_type() const {
        return std::string(workbook_ ? formats::XlsxFile::content_type : writer_->content_type());
    }

private:
    void put(const std::string& reasons) {
        std::vector<formats::OutCell> row;
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (old_reason_ != i) {
                row.emplace_back(cells_[i]);
            }
        }
        // Of a row with too many cells the surplus stands beyond the reason, as it was.
        while (row.size() + 1 < columns_.size()) {
            row.emplace_back("");
        }
        row.insert(row.begin() + static_cast<std::ptrdiff_t>(columns_.size() - 1), reasons);
        ++rows_;
        if (workbook_) {
            workbook_->row(row);
            return;
        }
        writer_->row(row, text_);
        if (text_.size() > send_bytes) {
            flush();
        }
    }
    void flush() {
        out_ << text_;
        text_.clear();
    }

    std::unique_ptr<formats::TableReader> table_;
    std::vector<formats::OutColumn> columns_;
    std::optional<std::size_t> old_reason_;
    std::unique_ptr<formats::XlsxFile> workbook_;
    std::unique_ptr<formats::RowWriter> writer_;
    std::filesystem::path path_;
    std::ofstream out_;
    std::string text_;
    std::vector<std::string> cells_;
    std::int64_t line_ = 0;
    std::int64_t rows_ = 0;
};

asio::awaitable<void> send_file(http::BodyWriter& to, std::shared_ptr<RejectFile> file,
                                std::filesystem::path path) {
    std::ifstream in(path, std::ios::binary);
    std::string piece(send_bytes, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
        co_await to.write(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
    }
    file.reset();
}

std::string download_name(const Batch& batch, bool chinese) {
    std::filesystem::path name(batch.file_name);
    std::string extension = name.extension().string();
    if (extension == ".gz" || extension == ".zst") {
        name = name.stem();
        extension = name.extension().string();
    }
    return name.stem().string() + (chinese ? "-问题行" : "-rejects") + extension;
}

}  // namespace

asio::awaitable<void> add_rejects(db::Transaction& tx, std::string batch, std::vector<Reject> rejects) {
    std::array<std::vector<std::string>, 6> columns;
    for (Reject& reject : rejects) {
        columns[0].push_back(std::to_string(reject.line));
        columns[1].push_back(std::move(reject.column));
        columns[2].push_back(std::move(reject.code));
        columns[3].push_back(std::move(reject.reason));
        columns[4].push_back(std::move(reject.reason_en));
        columns[5].push_back(std::move(reject.raw));
    }
    co_await tx.run(add_sql, std::move(batch), columns[0], columns[1], columns[2], columns[3], columns[4],
                    columns[5]);
}

asio::awaitable<void> clear_rejects(db::Transaction& tx, std::string batch) {
    co_await tx.run(clear_sql, std::move(batch));
}

asio::awaitable<Json> list_rejects(db::Pool& db, std::string batch, std::int64_t after_id, int limit,
                                   bool chinese) {
    auto rows = co_await db.all<Json>(list_sql, std::move(batch), after_id, limit + 1, chinese);
    Json out{{"items", Json::array()}};
    bool more = rows.size() > static_cast<std::size_t>(limit);
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(limit)));
    if (more) {
        out["next_cursor"] = std::to_string(rows.back().at("id").get<std::int64_t>());
    }
    for (Json& row : rows) {
        row.erase("id");
        out["items"].push_back(std::move(row));
    }
    co_return out;
}

asio::awaitable<http::Reply> reject_file(http::Call call, Batch batch) {
    std::filesystem::path upload = upload_path(call.runtime, batch.upload);
    formats::ReadOptions options = read_options(batch.file_name, batch.reading);
    std::filesystem::path folder = call.runtime.var("tmp");
    auto open = [upload, options, folder] { return std::make_shared<RejectFile>(upload, options, folder); };
    auto file = co_await on_worker(std::move(open));
    std::int64_t after = 0;
    for (;;) {
        auto lines = co_await call.db.all<Line>(lines_sql, batch.id, after, page_lines, call.who.chinese);
        if (lines.empty()) {
            break;
        }
        after = lines.back().line;
        auto add = [file, lines = std::move(lines)] { return file->add(lines), true; };
        co_await on_worker(std::move(add));
    }
    auto finish = [file] { return file->finish(); };
    std::filesystem::path path = co_await on_worker(std::move(finish));
    audit::Access access{.resource = batch.ref,
                         .owner = batch.organization,
                         .channel = "reject-file",
                         .fields = file->fields(),
                         .filter = "batch=" + batch.id};
    auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
    co_await audit::delivered(call.db, call.who, std::move(access), file->rows(), bytes);
    std::string type = file->content_type();
    auto send = [file, path](http::BodyWriter& to) { return send_file(to, file, path); };
    http::Reply reply = http::Reply::streamed(std::move(type), std::move(send));
    reply.download_as(download_name(batch, call.who.chinese));
    co_return reply;
}

PENGCHENG_STATEMENTS(add_sql, clear_sql, list_sql, lines_sql);

}  // namespace pengcheng::ingest
