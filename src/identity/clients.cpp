#include "identity/clients.hpp"

#include "identity/problems.hpp"
#include "identity/users.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t secret_bytes = 32;

constexpr db::Statement insert_client_sql{"identity.insert_client", R"sql(
    INSERT INTO identity.client (client_id, name, organization, created_by)
    VALUES ($1, $2, $3, $4)
 RETURNING client_id, name, organization, state, grade_max, created_by,
           base.rfc3339(created_at) AS created_at
)sql"};

constexpr db::Statement find_client_sql{"identity.find_client", R"sql(
    SELECT client_id, name, organization, state, grade_max, created_by,
           base.rfc3339(created_at) AS created_at
      FROM identity.client WHERE client_id = $1
)sql"};

constexpr db::Statement list_clients_sql{"identity.list_clients", R"sql(
    SELECT client_id, name, organization, state, grade_max, created_by,
           base.rfc3339(created_at) AS created_at
      FROM identity.client WHERE $1 = '' OR organization = $1 ORDER BY client_id DESC LIMIT 1000
)sql"};

constexpr db::Statement disable_client_sql{"identity.disable_client", R"sql(
    UPDATE identity.client SET state = 'disabled' WHERE client_id = $1
 RETURNING client_id, name, organization, state, grade_max, created_by,
           base.rfc3339(created_at) AS created_at
)sql"};

constexpr db::Statement set_client_grade_sql{"identity.set_client_grade", R"sql(
    UPDATE identity.client SET grade_max = $2::smallint WHERE client_id = $1
 RETURNING client_id, name, organization, state, grade_max, created_by,
           base.rfc3339(created_at) AS created_at
)sql"};

constexpr db::Statement lock_client_sql{"identity.lock_client", R"sql(
    SELECT client_id FROM identity.client WHERE client_id = $1 AND state = 'active' FOR UPDATE
)sql"};

constexpr db::Statement list_secrets_sql{"identity.list_secrets", R"sql(
    SELECT id::text, base.rfc3339(created_at) AS created_at, created_by,
           base.rfc3339(last_used_at) AS last_used_at, base.rfc3339(retired_at) AS retired_at
      FROM identity.client_secret WHERE client = $1 ORDER BY created_at DESC, id LIMIT 50
)sql"};

// Into the first free of two places; no row when both are taken.
constexpr db::Statement insert_secret_sql{"identity.insert_secret", R"sql(
    INSERT INTO identity.client_secret (client, place, secret_hash, created_by)
    SELECT $1, free.place, $2, $3 FROM generate_series(1, 2) AS free (place)
     WHERE NOT EXISTS (SELECT FROM identity.client_secret s
                        WHERE s.client = $1 AND s.place = free.place AND s.retired_at IS NULL)
     ORDER BY free.place LIMIT 1
 RETURNING id::text, base.rfc3339(created_at) AS created_at, created_by,
           base.rfc3339(last_used_at) AS last_used_at, base.rfc3339(retired_at) AS retired_at
)sql"};

constexpr db::Statement retire_secret_sql{"identity.retire_secret", R"sql(
    UPDATE identity.client_secret SET retired_at = coalesce(retired_at, $3::timestamptz), retired_by = $4
     WHERE client = $1 AND id::text = $2
 RETURNING id::text, base.rfc3339(created_at) AS created_at, created_by,
           base.rfc3339(last_used_at) AS last_used_at, base.rfc3339(retired_at) AS retired_at
)sql"};

}  // namespace

constinit const db::Statement client_owner_sql{"identity.client_owner", R"sql(
    SELECT organization, NULL::text AS account FROM identity.client WHERE client_id = $1
)sql"};

Json to_json(const Client& client) {
    return {{"client_id", client.client_id},
            {"name", client.name},
            {"organization", client.organization},
            {"state", client.state},
            {"grade_max", client.grade_max ? Json(*client.grade_max) : Json()},
            {"created_by", client.created_by},
            {"created_at", client.created_at}};
}

Json to_json(const ClientSecret& secret) {
    auto time = [](const std::optional<std::string>& at) { return at ? Json(*at) : Json(); };
    return {{"id", secret.id},
            {"created_at", secret.created_at},
            {"created_by", secret.created_by},
            {"last_used_at", time(secret.last_used_at)},
            {"retired_at", time(secret.retired_at)}};
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
    made.client =
        co_await tx.one<Client>(insert_client_sql, new_id(), name, input.organization, who.display_name);
    co_await tx.one<ClientSecret>(insert_secret_sql, made.client.client_id, crypto::sha256_hex(made.secret),
                                  who.display_name);
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
    co_await audit::record(tx, who, "identity.client.disable", client_id, nullptr);
    co_return std::move(*client);
}

asio::awaitable<std::vector<ClientSecret>> client_secrets(db::Pool& db, std::string client_id) {
    co_return co_await db.all<ClientSecret>(list_secrets_sql, std::move(client_id));
}

asio::awaitable<Result<MadeSecret>> add_secret(db::Transaction& tx, const Principal& who,
                                               std::string client_id) {
    auto client = co_await tx.find<std::string>(lock_client_sql, client_id);
    if (!client) {
        co_return problem::no_client.plain();
    }
    std::string secret = base64url(crypto::random_bytes(secret_bytes));
    auto made = co_await tx.find<ClientSecret>(insert_secret_sql, client_id, crypto::sha256_hex(secret),
                                               who.display_name);
    if (!made) {
        co_return problem::two_secrets.plain();
    }
    Json detail = {{"secret", made->id}};
    co_await audit::record(tx, who, "identity.secret.create", client_id, std::move(detail));
    co_return MadeSecret{std::move(*made), std::move(secret)};
}

asio::awaitable<Result<ClientSecret>> retire_secret(db::Transaction& tx, const Principal& who, Time now,
                                                    std::string client_id, std::string secret_id) {
    auto retired = co_await tx.find<ClientSecret>(retire_secret_sql, client_id, secret_id, to_rfc3339(now),
                                                  who.display_name);
    if (!retired) {
        co_return problem::no_secret.plain();
    }
    Json detail = {{"secret", secret_id}};
    co_await audit::record(tx, who, "identity.secret.retire", client_id, std::move(detail));
    co_return std::move(*retired);
}

asio::awaitable<Result<Client>> set_client_grade(db::Transaction& tx, const Principal& who,
                                                 std::string client_id, std::optional<int> grade_max) {
    co_await act_as(tx, who);
    std::optional<Client> client;
    std::optional<Problem> refused;
    try {
        client = co_await tx.find<Client>(set_client_grade_sql, client_id, grade_max);
    } catch (const db::Error& error) {
        refused = separation_problem(error);
        if (!refused) {
            throw;
        }
    }
    if (refused) {
        co_return *refused;
    }
    if (!client) {
        co_return problem::no_client.plain();
    }
    Json detail = {{"grade_max", grade_max ? Json(*grade_max) : Json()}};
    co_await audit::record(tx, who, "identity.grade.update", client_id, std::move(detail));
    co_return std::move(*client);
}

PENGCHENG_STATEMENTS(insert_client_sql, find_client_sql, list_clients_sql, disable_client_sql,
                     set_client_grade_sql, lock_client_sql, list_secrets_sql, insert_secret_sql,
                     retire_secret_sql, client_owner_sql);

}  // namespace pengcheng::identity
