#include <pengcheng/audit/audit.hpp>

#include "audit/record.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

std::optional<std::string> text_of(const Json& detail) {
    if (detail.is_null()) {
        return std::nullopt;
    }
    return detail.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Record access_record(std::string kind, const Principal& who, Access access) {
    Record out = make_record(std::move(kind), who, "rows." + access.channel, access.resource);
    out.owner = std::move(access.owner);
    out.grant_id = std::move(access.grant);
    out.channel = std::move(access.channel);
    out.purpose = std::move(access.purpose);
    out.fields = std::move(access.fields);
    out.filter = std::move(access.filter);
    out.subject = std::move(access.subject);
    out.case_no = std::move(access.case_no);
    return out;
}

}  // namespace

asio::awaitable<void> record(db::Transaction& tx, const Principal& who, std::string_view action,
                             std::string_view object, Json detail) {
    std::vector<Record> one{make_record("event", who, action, object)};
    one.front().detail = text_of(detail);
    settle(one.front());
    co_await insert(tx, one);
}

asio::awaitable<void> note(db::Pool& db, const Principal& who, std::string_view action,
                           std::string_view object, Json detail) {
    Record event = make_record("event", who, action, object);
    event.detail = text_of(detail);
    co_await write(db, std::move(event));
}

asio::awaitable<std::string> open(db::Pool& db, const Principal& who, Access access) {
    Record opened = access_record("access-opened", who, std::move(access));
    std::string id = opened.id;
    co_await write(db, std::move(opened));
    co_return id;
}

asio::awaitable<void> close(db::Pool& db, std::string evidence_id, std::int64_t rows, std::int64_t bytes,
                            std::string outcome) {
    Principal same_as_opened;
    Record closed = make_record("access-closed", same_as_opened, "rows.closed", "");
    closed.opened = std::move(evidence_id);
    closed.row_count = rows;
    closed.byte_count = bytes;
    closed.outcome = std::move(outcome);
    co_await write(db, std::move(closed));
}

asio::awaitable<void> delivered(db::Pool& db, const Principal& who, Access access, std::int64_t rows,
                                std::int64_t bytes) {
    Record record = access_record("access", who, std::move(access));
    record.row_count = rows;
    record.byte_count = bytes;
    record.outcome = "complete";
    co_await write(db, std::move(record));
}

asio::awaitable<void> refused(db::Pool& db, const Principal& who, Access access, std::string reason) {
    Record record = access_record("refused", who, std::move(access));
    record.row_count = 0;
    record.outcome = std::move(reason);
    co_await write(db, std::move(record));
}

}  // namespace pengcheng::audit
