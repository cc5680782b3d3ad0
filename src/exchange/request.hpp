#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

namespace pengcheng::exchange {

namespace asio = boost::asio;

struct RequestItem {
    std::string column;
    std::string name;
    std::string mask;    ///< empty: plain
    std::string reason;  ///< why plain, for an item that is masked by default
};

/// A department's request for items of another's resource.
struct Request {
    std::string id;
    std::string resource, resource_name;
    std::string provider, provider_name;
    std::string organization, organization_name;  ///< who asks
    std::string account, account_name;
    std::vector<RequestItem> items;
    std::string row_filter;
    std::string basis, scene, scope, purpose, mode;  ///< 使用依据 场景 范围 用途 方式 (art. 20)
    int months = 12;
    std::string state;  ///< provider_review | approved | partly_approved | refused | withdrawn
    bool by_rule = false;
    int limit_days = 0;
    std::string received_on, due_on;
    std::string answer, answered_by_name;
    std::optional<std::string> answered_at, grant_id;
    std::int64_t version = 0;
    std::string created_at;
};

/// With days_left and light as of `today` while the request waits.
Json to_json(const Request& request, const WorkCalendar& calendar, Day today);

struct AskedItem {
    std::string column;
    std::string mask;  ///< empty: the item's default; "plain": unmasked
    std::string reason;
};
struct RequestInput {
    std::string resource;
    std::vector<AskedItem> items;
    std::string row_filter;
    std::string basis, scene, scope, purpose, mode;
    int months = 12;
};

/// The asked items with their masks, or what is wrong with them.
Result<std::vector<RequestItem>> resolve_items(const catalogue::Resource& resource,
                                               const std::vector<AskedItem>& asked);

/// How the law and the entry have this request answered.
enum class Way { at_once, by_provider, refused };
Way way_of(const catalogue::Resource& resource, const std::vector<RequestItem>& items);

/// Asks. Unconditional items are granted at once by rule, a resource not shared is refused with its legal
/// basis, everything else goes to the provider with a limit of ten working days.
asio::awaitable<Result<Request>> ask(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                     RequestInput input);

struct Answer {
    std::string note;
    std::map<std::string, std::string> masks;  ///< column -> stricter mask
    std::vector<std::string> drop;             ///< columns not given
};
asio::awaitable<Result<Request>> approve(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                         std::string id, Answer answer);
asio::awaitable<Result<Request>> refuse(db::Transaction& tx, const Principal& who, std::string id,
                                        std::string reason);
asio::awaitable<Result<Request>> withdraw(db::Transaction& tx, const Principal& who, std::string id,
                                          std::string reason);

asio::awaitable<std::optional<Request>> find_request(db::Pool& db, std::string id);

struct BoxInput {
    std::string box;  ///< sent, received or all (requests); held, given or all (grants)
    std::string state;
    std::string resource;
    std::string cursor;
    int limit = 20;
};
/// Newest first; one more than `limit` where there is more.
asio::awaitable<std::vector<Request>> requests(db::Pool& db, const Principal& who, BoxInput input);

extern const db::Statement request_parties_sql;
extern const db::Statement request_provider_sql;
extern const db::Statement request_asker_sql;

// Shared by asking and answering (request_store.cpp).

/// Locks the request until the transaction ends.
asio::awaitable<std::optional<Request>> lock_request(db::Transaction& tx, std::string id);
/// Nothing: the department has an open request already.
asio::awaitable<bool> add_request(db::Transaction& tx, const Request& request);
/// Writes state and answer, leaves the audit event, and reads the request back.
asio::awaitable<Request> set_answer(db::Transaction& tx, const Principal& who, Request request,
                                    std::string_view action, bool answered);
/// Makes the grant of an answered request; one that stood before is replaced.
asio::awaitable<std::string> make_grant(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                        const Request& request, const std::vector<RequestItem>& items);

}  // namespace pengcheng::exchange
