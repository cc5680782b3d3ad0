#include <pengcheng/audit/audit.hpp>

#include "audit/record.hpp"
#include "audit/writer.hpp"

#include <pengcheng/base/ids.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

std::optional<std::string> text_of(const Json& detail) {
    if (detail.is_null()) {
        return std::nullopt;
    }
    return detail.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Record> one_event(const Principal& who, std::string_view action, std::string_view object,
                              const Json& detail) {
    std::vector<Record> one{make_event(who, action, object)};
    one.front().detail = text_of(detail);
    settle(one.front());
    return one;
}

/// Until the batch is committed; in relaxed mode only while too many wait.
asio::awaitable<void> written(std::shared_ptr<Batch> batch) {
    if (!relaxed() || batch->entries.items.size() >= Writer::waiting_max) {
        co_await committed(std::move(batch));
    }
}

asio::awaitable<std::string> opened(std::shared_ptr<Batch> batch, std::string id) {
    co_await written(std::move(batch));
    co_return id;
}

/// The texts of a request that an entry keeps, clean.
struct Texts {
    Texts(const Principal& who, Access& access, std::string outcome_)
        : request_id(who.request_id),
          filter(std::move(access.filter)),
          subject(std::move(access.subject)),
          case_no(std::move(access.case_no)),
          outcome(std::move(outcome_)) {
        for (std::string* text : {&request_id, &filter, &subject, &case_no, &outcome}) {
            clean(*text);
        }
    }
    std::string request_id, filter, subject, case_no, outcome;
};

/// Queues one entry of `who` on the thread's writer.
std::shared_ptr<Batch> put(db::Pool& db, const Principal& who, Access access, Entry entry,
                           std::string outcome) {
    Texts texts(who, access, std::move(outcome));
    entry.request_id = texts.request_id;
    entry.filter = texts.filter;
    entry.subject = texts.subject;
    entry.case_no = texts.case_no;
    entry.outcome = texts.outcome;
    Writer& writer = Writer::of(db.executor());
    return writer.put(writer.context(who, access), entry);
}

}  // namespace

asio::awaitable<void> record(db::Transaction& tx, const Principal& who, std::string_view action,
                             std::string_view object, Json detail) {
    co_await insert(tx, one_event(who, action, object, detail));
}

asio::awaitable<void> note(db::Pool& db, const Principal& who, std::string_view action,
                           std::string_view object, Json detail) {
    co_await insert(db, one_event(who, action, object, detail));
}

asio::awaitable<std::string> open(db::Pool& db, const Principal& who, Access access) {
    std::string id = new_id();
    Entry entry{.id = id, .kind = Kind::opened};
    auto batch = put(db, who, std::move(access), entry, "");
    return opened(std::move(batch), std::move(id));
}

asio::awaitable<void> close(db::Pool& db, std::string evidence_id, std::int64_t rows, std::int64_t bytes,
                            std::string outcome) {
    std::string id = new_id();
    clean(outcome);
    Entry entry{.id = id,
                .kind = Kind::closed,
                .rows = rows,
                .bytes = bytes,
                .opened = evidence_id,
                .outcome = outcome};
    return written(Writer::of(db.executor()).put(nullptr, entry));
}

asio::awaitable<void> delivered(db::Pool& db, const Principal& who, Access access, std::int64_t rows,
                                std::int64_t bytes) {
    std::string id = new_id();
    Entry entry{.id = id, .kind = Kind::access, .rows = rows, .bytes = bytes};
    return written(put(db, who, std::move(access), entry, "complete"));
}

asio::awaitable<void> refused(db::Pool& db, const Principal& who, Access access, std::string reason) {
    std::string id = new_id();
    Entry entry{.id = id, .kind = Kind::refused, .rows = 0};
    return written(put(db, who, std::move(access), entry, std::move(reason)));
}

}  // namespace pengcheng::audit
