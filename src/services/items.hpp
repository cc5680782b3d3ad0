#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pengcheng::services {

namespace asio = boost::asio;

/// One edition of a service item.
struct Item {
    std::string code;
    int version = 0;
    std::string organization;
    std::string name;
    std::string subject;
    std::string state;
    Json definition;  ///< has passed check_item
};

constexpr auto describe(db::RowOf<Item>) {
    return db::columns(db::column("code", &Item::code), db::column("version", &Item::version),
                       db::column("organization", &Item::organization), db::column("name", &Item::name),
                       db::column("subject", &Item::subject), db::column("state", &Item::state),
                       db::column("definition", &Item::definition));
}

/// The edition in force; retired items are not found.
asio::awaitable<std::optional<Item>> find_item(db::Pool& db, std::string code);
/// The edition that a case started with.
asio::awaitable<Item> item_version(db::Pool& db, std::string code, int version);
asio::awaitable<Item> item_version(db::Transaction& tx, std::string code, int version);
/// Items in force that hold every word of `q`, after code `after`.
asio::awaitable<std::vector<Item>> list_items(db::Pool& db, std::string q, std::string organization,
                                              std::string after, int limit);

/// The name of an organization, or its code where nobody knows it.
asio::awaitable<std::string> organization_name(db::Pool& db, std::string code);
asio::awaitable<std::string> organization_name(db::Transaction& tx, std::string code);

/// The guide as the API gives it.
asio::awaitable<Json> item_json(db::Pool& db, Item item);
asio::awaitable<Json> item_brief(db::Pool& db, Item item);

}  // namespace pengcheng::services
