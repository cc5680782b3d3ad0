#pragma once

#include <pengcheng/base/principal.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/store/table.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::exchange {

namespace asio = boost::asio;

/// What one organization may read of one resource, for what, and until when.
struct Grant {
    struct Field {
        std::string column;
        std::string label;
        std::string mask;  ///< mask kind; empty: plain
    };
    std::string id;
    std::string request;
    std::string resource;  ///< ref
    std::string resource_name;
    std::string provider;  ///< organization code
    std::string provider_name;
    std::string organization;  ///< code of who may read
    std::string organization_name;
    std::vector<Field> fields;
    std::string row_filter;  ///< row language, e.g. "region=eq.320302"; empty: every row
    std::string basis;
    std::string scene;
    std::string scope;
    std::string purpose;
    std::string mode;
    std::string mask_key;   ///< secret, of `pseudonym` masks; never shown
    std::string starts_at;  ///< RFC 3339
    std::string ends_at;
    std::string state;  ///< active | revoked | expired
    std::string ended_reason;
    std::string ended_at;  ///< when revoked or replaced, or empty
    std::int64_t version = 0;
};

/// The one grant of `organization` on `ref` that is in force at this moment; at most one can be.
asio::awaitable<std::optional<Grant>> active_grant(db::Pool& db, std::string organization, std::string ref);

/// The grant's fields, masks and row filter over `table`. Columns that the table lost since are left out.
rows::View view_of(const Grant& grant, store::Table table);

/// Every column plain: a department reading its own resource.
rows::View own_view(store::Table table, std::string organization);

}  // namespace pengcheng::exchange
