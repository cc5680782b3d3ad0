#include <pengcheng/audit/export.hpp>

#include "audit/export_form.hpp"
#include "audit/problems.hpp"
#include "audit/sealing.hpp"
#include "audit/stored.hpp"

#include <pengcheng/base/time.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

// $1 and $2: from and to. The checkpoint before the stretch (0: none) and the one that closes it.
constexpr db::Statement find_stretch_sql{"audit.find_stretch", R"sql(
    SELECT coalesce((SELECT max(number) FROM audit.checkpoint WHERE at <= $1::timestamptz), 0) AS first,
           coalesce((SELECT min(number) FROM audit.checkpoint WHERE at >= $2::timestamptz),
                    (SELECT max(number) FROM audit.checkpoint), 0) AS last
)sql"};

constexpr db::Statement find_body_sql{"audit.find_checkpoint_body", R"sql(
    SELECT body FROM audit.checkpoint WHERE number = $1::bigint
)sql"};

constexpr db::Statement pruned_beyond_sql{"audit.find_pruned_beyond", R"sql(
    SELECT k.id FROM audit.chain k
      LEFT JOIN unnest($1::int[], $2::bigint[]) AS h(chain, seq) ON h.chain = k.id
     WHERE k.pruned_seq > coalesce(h.seq, 0) LIMIT 1
)sql"};

PENGCHENG_STATEMENTS(find_stretch_sql, find_body_sql, pruned_beyond_sql);

struct Numbers {
    std::int64_t first = 0, last = 0;
};
constexpr auto describe(db::RowOf<Numbers>) {
    return db::columns(db::column("first", &Numbers::first), db::column("last", &Numbers::last));
}

asio::awaitable<std::vector<Head>> heads_of(db::Pool& db, std::int64_t number) {
    if (number == 0) {
        co_return std::vector<Head>{};
    }
    auto body = co_await db.one<std::string>(find_body_sql, number);
    auto said = parse_body(body);
    if (!said) {
        throw ProblemError(problem::chain_broken.because("检查点无法读取", "a checkpoint is unreadable"));
    }
    co_return std::move(said->heads);
}

asio::awaitable<bool> pruned_beyond(db::Pool& db, const std::vector<Head>& heads) {
    std::vector<std::string> chains;
    std::vector<std::string> seqs;
    for (const Head& head : heads) {
        chains.push_back(std::to_string(head.chain));
        seqs.push_back(std::to_string(head.seq));
    }
    auto found = co_await db.find<int>(pruned_beyond_sql, chains, seqs);
    co_return found.has_value();
}

/// Collects lines and hands them on in pieces.
class Lines {
public:
    explicit Lines(ExportSink sink) : sink_(std::move(sink)) {}

    asio::awaitable<void> add(Json line) {
        bytes_ += line.dump(-1, ' ', false, Json::error_handler_t::replace);
        bytes_ += '\n';
        if (bytes_.size() >= piece_bytes) {
            co_await flush();
        }
    }
    asio::awaitable<void> flush() {
        std::string piece = std::exchange(bytes_, {});
        if (!piece.empty()) {
            co_await sink_(piece);
        }
    }

private:
    ExportSink sink_;
    std::string bytes_;
};

std::string in_part(const Stretch::Part& part, const std::string& seq = "seq") {
    return seq + " > " + std::to_string(part.after) + " AND " + seq + " <= " + std::to_string(part.until);
}

asio::awaitable<void> send_checkpoints(db::Transaction& tx, const Stretch& stretch, Lines& lines) {
    db::Query query{.sql = "SELECT number, body, key, signature FROM audit.checkpoint WHERE number BETWEEN " +
                           std::to_string(stretch.first) + " AND " + std::to_string(stretch.last) +
                           " ORDER BY number"};
    auto stream = co_await tx.stream(std::move(query));
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            Json line = {{"type", "checkpoint"},
                         {"number", db::row_as<std::int64_t>(*rows, row)},
                         {"body", rows->at(row, 1).value()},
                         {"key", rows->at(row, 2).value()},
                         {"signature", rows->at(row, 3).value()}};
            co_await lines.add(std::move(line));
        }
    }
}

asio::awaitable<void> send_contexts(db::Transaction& tx, const Stretch& stretch, Lines& lines) {
    std::string used;
    for (const Stretch::Part& part : stretch.parts) {
        if (part.chain != 0) {
            used += (used.empty() ? "" : " UNION ") +
                    std::string("SELECT context FROM audit.evidence WHERE chain = ") +
                    std::to_string(part.chain) + " AND " + in_part(part);
        }
    }
    if (used.empty()) {
        co_return;
    }
    db::Query query{.sql = "SELECT " + std::string(context_columns) + " FROM audit.context WHERE id IN (" +
                           used + ")"};
    auto stream = co_await tx.stream(std::move(query));
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            StoredContext stored = context_at(*rows, row);
            Json line = to_json(stored.context);
            line["type"] = "context";
            line["id"] = stored.id;
            co_await lines.add(std::move(line));
        }
    }
}

asio::awaitable<std::int64_t> send_seals(db::Transaction& tx, Stretch::Part part, Lines& lines) {
    std::int64_t sent = 0;
    db::Query query{.sql = sealed_sql(in_part(part, "s.seq"))};
    auto stream = co_await tx.stream(std::move(query));
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row, ++sent) {
            SealedRecord found = sealed_at(*rows, row);
            Json line = to_json(found.seal);
            line["type"] = "event";
            line["record"] = found.record ? to_json(*found.record) : Json(nullptr);
            co_await lines.add(std::move(line));
        }
    }
    co_return sent;
}

asio::awaitable<std::int64_t> send_evidence(db::Transaction& tx, Stretch::Part part, Lines& lines) {
    std::int64_t sent = 0;
    db::Query query{.sql = "SELECT " + std::string(evidence_columns) + " FROM audit.evidence WHERE chain = " +
                           std::to_string(part.chain) + " AND " + in_part(part) + " ORDER BY seq"};
    auto stream = co_await tx.stream(std::move(query));
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row, ++sent) {
            Json line = to_json(evidence_at(*rows, row));
            line["type"] = "evidence";
            co_await lines.add(std::move(line));
        }
    }
    co_return sent;
}

}  // namespace

asio::awaitable<Result<Stretch>> find_stretch(db::Pool& db, const Runtime& runtime, std::string from,
                                              std::string to) {
    for (const auto& [text, pointer] : {std::pair{&from, "/from"}, {&to, "/to"}}) {
        if (!parse_time(*text) && !parse_day(*text)) {
            co_return problem::invalid_input.at(pointer, "时间应为 RFC 3339 或 YYYY-MM-DD",
                                                "a time is RFC 3339 or YYYY-MM-DD");
        }
    }
    Sealing sealing(runtime);
    co_await sealing.seal_pending(db);
    co_await sealing.checkpoint(db);
    auto numbers = co_await db.one<Numbers>(find_stretch_sql, from, to);
    if (numbers.last <= numbers.first) {
        co_return problem::no_stretch.plain();
    }
    auto before = co_await heads_of(db, numbers.first);
    bool pruned = co_await pruned_beyond(db, before);
    if (pruned) {
        co_return problem::no_stretch.because(
            "起始时间之后的一部分证据已按保存期限清理，请选更晚的起始时间",
            "part of the evidence after that time was pruned; choose a later "
            "time to begin with");
    }
    std::map<int, std::int64_t> after;
    for (const Head& head : before) {
        after[head.chain] = head.seq;
    }
    Stretch out{.first = numbers.first, .last = numbers.last, .key = sealing.public_key()};
    auto until = co_await heads_of(db, numbers.last);
    for (const Head& head : until) {
        if (head.seq > after[head.chain]) {
            out.parts.push_back({head.chain, after[head.chain], head.seq});
        }
    }
    co_return out;
}

asio::awaitable<std::int64_t> send_stretch(db::Pool& db, Stretch stretch, ExportSink sink) {
    Lines lines(std::move(sink));
    Json head = {{"type", "pengcheng-evidence-export-1"},
                 {"first", stretch.first},
                 {"last", stretch.last},
                 {"key", stretch.key}};
    co_await lines.add(std::move(head));
    auto tx = co_await db.begin_snapshot();
    co_await send_checkpoints(tx, stretch, lines);
    co_await send_contexts(tx, stretch, lines);
    std::int64_t sent = 0;
    for (const Stretch::Part& part : stretch.parts) {
        if (part.chain == 0) {
            sent += co_await send_seals(tx, part, lines);
        } else {
            sent += co_await send_evidence(tx, part, lines);
        }
    }
    co_await lines.flush();
    co_await tx.commit();
    co_return sent;
}

}  // namespace pengcheng::audit
