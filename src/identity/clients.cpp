#include "identity/clients.hpp"

#include "identity/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t secret_bytes = 32;

constexpr db::Statement insert_client_sql{"identity.insert_client", R"sql(
    INSERT INTO identity.client (client_id, name, organization, secret_hash, created_by)
    VALUES ($1, $2, $3, $4, $5)
 RETURNING client_id, name, organization, state, created_by, base.rfc3339(created_at) AS created_at
)sql"};

constexpr db::Statement find_client_sql{"identity.find_client", R"sql(
    SELECT client_id, name, organization, state, created_by, base.rfc3339(created_at) AS created_at
      FROM identity.client WHERE client_id = $1
)sql"};

constexpr db::Statement list_clients_sql{"identity.list_clients", R"sql(
    SELECT client_id, name, organization, state, created_by, base.rfc3339(created_at) AS created_at
      FROM identity.client WHERE $1 = '' OR organization = $1 ORDER BY client_id DESC LIMIT 1000
)sql"};

constexpr db::Statement disable_client_sql{"identity.disable_client", R"sql(
    UPDATE identity.client SET state = 'disabled' WHERE client_id = $1
 RETURNING client_id, name, organization, state, created_by, base.rfc3339(created_at) AS created_at
)sql"};

constexpr db::Statement delete_tokens_sql{"identity.delete_tokens", R"sql(
    DELETE FROM identity.token WHERE client = $1
)sql"};

}  // namespace

constinit const db::Statement client_owner_sql{"identity.client_owner", R"sql(
    SELECT organization, NULL::text AS account FROM identity.client WHERE client_id = $1
)sql"};

Json to_json(const Client& client) {
    return {{"client_id", client.client_id},       {"name", client.name},
            {"organization", client.organization}, {"state", client.state},
            {"created_by", client.created_by},     {"created_at", client.created_at}};
}

asio::awaitable<Result<MadeClient>> add_client(db::Transaction& tx, const Principal& who, NewClient input) {
    std::string name(trim(input.name));
    if (name.empty()) {
        co_return pengcheng::problem::invalid_input.at("/name", "请填写系统名称", "give the system a name");
    }
    auto owner = co_await organization(tx, input.organization);
    if (!owner) {
        co_return problem::no_organization.at("/organization", input.organization, input.organization);
    }
    MadeClient made;
    made.secret = base64url(crypto::random_bytes(secret_bytes));
    made.client = co_await tx.one<Client>(insert_client_sql, new_id(), name, input.organization,
                                          crypto::sha256_hex(made.secret), who.name);
    Json detail = {{"name", name}, {"organization", input.organization}};
    co_await audit::record(tx, who, "identity.client.create", made.client.client_id, std::move(detail));
    co_return made;
}

asio::awaitable<std::optional<Client>> find_client(db::Pool& db, std::string client_id) {
    co_return co_await db.find<Client>(find_client_sql, std::move(client_id));
}

asio::awaitable<std::vector<Client>> clients(db::Pool& db, std::string organization) {
    co_return co_await db.all<Client>(list_clients_sql, std::move(organization));
}

asio::awaitable<Result<Client>> disable_client(db::Transaction& tx, const Principal& who,
                                               std::string client_id) {
    auto client = co_await tx.find<Client>(disable_client_sql, client_id);
    if (!client) {
        co_return problem::no_client.plain();
    }
    co_await tx.run(delete_tokens_sql, client_id);
    co_await audit::record(tx, who, "identity.client.disable", client_id, nullptr);
    co_return std::move(*client);
}

PENGCHENG_STATEMENTS(insert_client_sql, find_client_sql, list_clients_sql, disable_client_sql,
                     delete_tokens_sql, client_owner_sql);

}  // namespace pengcheng::identity
