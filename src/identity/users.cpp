#include "identity/users.hpp"

#include "identity/account_rules.hpp"
#include "identity/problems.hpp"
#include "identity/sessions.hpp"
#include "identity/workers.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

// $1 id or $2 user name; the other is empty.
constexpr db::Statement find_user_sql{"identity.find_user", R"sql(
    SELECT a.id::text, a.username, a.display_name, coalesce(a.organization, '') AS organization,
           coalesce(o.name, '') AS organization_name, a.kind, a.state, a.grade_max,
           base.rfc3339(a.created_at) AS created_at,
           ARRAY(SELECT r.role FROM identity.role_assignment r WHERE r.account = a.id ORDER BY 1) AS roles
      FROM identity.account a LEFT JOIN identity.organization o ON o.code = a.organization
     WHERE a.id = nullif($1, '')::uuid OR a.username = nullif($2, '')
)sql"};

constexpr db::Statement lock_user_sql{"identity.lock_user", R"sql(
    SELECT id::text FROM identity.account WHERE id = $1::uuid FOR UPDATE
)sql"};

constexpr db::Statement list_users_sql{"identity.list_users", R"sql(
    SELECT a.id::text, a.username, a.display_name, coalesce(a.organization, '') AS organization,
           coalesce(o.name, '') AS organization_name, a.kind, a.state, a.grade_max,
           base.rfc3339(a.created_at) AS created_at,
           ARRAY(SELECT r.role FROM identity.role_assignment r WHERE r.account = a.id ORDER BY 1) AS roles
      FROM identity.account a LEFT JOIN identity.organization o ON o.code = a.organization
     WHERE a.kind = 'staff' AND a.username > $1 AND ($2 = '' OR a.organization = $2)
       AND ($3 = '' OR strpos(a.username, lower($3)) > 0 OR strpos(a.display_name, $3) > 0)
     ORDER BY a.username LIMIT $4::integer
)sql"};

constexpr db::Statement insert_user_sql{"identity.insert_user", R"sql(
    INSERT INTO identity.account (id, username, display_name, kind, organization, password_hash, created_by,
                                  must_change_password)
    VALUES ($1::uuid, $2, $3, 'staff', nullif($4, ''), $5, $6, $7::boolean)
)sql"};

constexpr db::Statement act_as_sql{"identity.act_as", R"sql(
    SELECT set_config('pengcheng.actor', $1, true)
)sql"};

// What stays is not touched: its day counts (the grace of the second factor), and the last administrator of a
// kind may keep what it has.
constexpr db::Statement delete_roles_sql{"identity.delete_roles", R"sql(
    DELETE FROM identity.role_assignment WHERE account = $1::uuid AND role <> ALL ($2::text[])
)sql"};

constexpr db::Statement insert_roles_sql{"identity.insert_roles", R"sql(
    INSERT INTO identity.role_assignment (account, role, given_by)
    SELECT $1::uuid, role, $3 FROM unnest($2::text[]) AS role
    ON CONFLICT (account, role) DO NOTHING
)sql"};

constexpr db::Statement set_state_sql{"identity.set_user_state", R"sql(
    UPDATE identity.account SET state = $2 WHERE id = $1::uuid
)sql"};

constexpr db::Statement set_grade_sql{"identity.set_grade", R"sql(
    UPDATE identity.account SET grade_max = $2::smallint WHERE id = $1::uuid
)sql"};

}  // namespace

Json to_json(const User& user) {
    Json organization = nullptr;
    if (!user.organization.empty()) {
        organization = {{"code", user.organization}, {"name", user.organization_name}};
    }
    return {{"id", user.id},
            {"username", user.username},
            {"display_name", user.display_name},
            {"organization", std::move(organization)},
            {"state", user.state},
            {"grade_max", user.grade_max ? Json(*user.grade_max) : Json()},
            {"roles", user.roles}};
}

asio::awaitable<void> act_as(db::Transaction& tx, const Principal& who) {
    co_await tx.one<std::string>(act_as_sql, who.kind == Principal::Kind::user ? who.id : std::string());
}

std::optional<Problem> separation_problem(const db::Error& error) {
    if (error.constraint() == "role_by_security_admin") {
        return problem::needs_security_admin.plain();
    }
    if (error.constraint() == "role_separation" ||
        error.constraint() == "role_assignment_one_administrator") {
        return problem::separation.at("/roles");
    }
    if (error.constraint() == "last_administrator") {
        return problem::last_administrator.plain();
    }
    return std::nullopt;
}

asio::awaitable<std::optional<User>> find_user(db::Pool& db, std::string id) {
    if (!is_id(id)) {
        co_return std::nullopt;
    }
    co_return co_await db.find<User>(find_user_sql, std::move(id), "");
}

asio::awaitable<std::optional<User>> lock_user(db::Transaction& tx, std::string id) {
    if (!is_id(id)) {
        co_return std::nullopt;
    }
    if (!co_await tx.find<std::string>(lock_user_sql, id)) {
        co_return std::nullopt;
    }
    co_return co_await tx.find<User>(find_user_sql, std::move(id), "");
}

asio::awaitable<std::optional<User>> account_by_name(db::Pool& db, std::string username) {
    co_return co_await db.find<User>(find_user_sql, "", lower_ascii(trim(username)));
}

asio::awaitable<std::vector<User>> users(db::Pool& db, UserFilter filter) {
    co_return co_await db.all<User>(list_users_sql, std::move(filter.after), std::move(filter.organization),
                                    std::move(filter.q), filter.limit);
}

asio::awaitable<Result<User>> add_user(db::Pool& db, const Principal& who, NewUser input) {
    auto username = check_username(input.username);
    if (!username) {
        co_return username.error();
    }
    if (auto fits = check_password(input.password, *username); !fits) {
        co_return fits.error();
    }
    if (trim(input.display_name).empty()) {
        co_return pengcheng::problem::invalid_input.at("/display_name", "请填写姓名", "give a name");
    }
    std::string hash = co_await hash_password(std::move(input.password));
    std::string id = new_id();
    std::string display_name(trim(input.display_name));

    auto tx = co_await db.begin();
    if (!input.organization.empty()) {
        auto found = co_await organization(tx, input.organization);
        if (!found) {
            co_return problem::no_organization.at("/organization", input.organization, input.organization);
        }
    }
    bool taken = false;
    try {
        co_await tx.run(insert_user_sql, id, *username, display_name, input.organization, std::move(hash),
                        who.name, input.must_change_password);
    } catch (const db::Error& error) {
        if (!error.unique_violation()) {
            throw;
        }
        taken = true;
    }
    if (taken) {
        co_return problem::username_taken.at("/username");
    }
    Json detail = {{"username", *username}, {"organization", input.organization}};
    co_await audit::record(tx, who, "identity.user.create", id, std::move(detail));
    auto made = co_await tx.one<User>(find_user_sql, id, "");
    co_await tx.commit();
    co_return made;
}

asio::awaitable<Result<User>> set_roles(db::Transaction& tx, const Principal& who, std::string account_id,
                                        std::vector<std::string> roles) {
    auto user = co_await lock_user(tx, account_id);
    if (!user) {
        co_return problem::no_user.plain();
    }
    if (user->id == who.id) {
        co_return problem::own_roles.plain();
    }
    if (user->kind != "staff") {
        co_return problem::not_staff.plain();
    }
    auto checked = normalise_roles(std::move(roles), !user->organization.empty());
    if (!checked) {
        co_return checked.error();
    }
    co_await act_as(tx, who);
    std::optional<Problem> refused;
    try {
        co_await tx.run(delete_roles_sql, user->id, *checked);
        co_await tx.run(insert_roles_sql, user->id, *checked, who.name);
    } catch (const db::Error& error) {
        refused = separation_problem(error);
        if (!refused) {
            throw;
        }
    }
    if (refused) {
        co_return *refused;
    }
    Json detail = {{"before", user->roles}, {"after", *checked}};
    co_await audit::record(tx, who, "identity.role.update", user->id, std::move(detail));
    user->roles = std::move(*checked);
    co_return std::move(*user);
}

asio::awaitable<Result<User>> set_user_state(db::Transaction& tx, const Principal& who,
                                             std::string account_id, bool active) {
    auto user = co_await lock_user(tx, account_id);
    if (!user) {
        co_return problem::no_user.plain();
    }
    if (user->id == who.id) {
        co_return problem::own_account.plain();
    }
    std::optional<Problem> refused;
    try {
        co_await tx.run(set_state_sql, user->id, active ? "active" : "disabled");
    } catch (const db::Error& error) {
        refused = separation_problem(error);
        if (!refused) {
            throw;
        }
    }
    if (refused) {
        co_return *refused;
    }
    co_await end_other_sessions(tx, user->id, "");
    std::string action = active ? "identity.user.enable" : "identity.user.disable";
    co_await audit::record(tx, who, action, user->id, nullptr);
    user->state = active ? "active" : "disabled";
    co_return std::move(*user);
}

asio::awaitable<Result<User>> set_grade(db::Transaction& tx, const Principal& who, std::string account_id,
                                        std::optional<int> grade_max) {
    auto user = co_await lock_user(tx, account_id);
    if (!user) {
        co_return problem::no_user.plain();
    }
    if (user->id == who.id) {
        co_return problem::own_account.plain();
    }
    co_await act_as(tx, who);
    std::optional<Problem> refused;
    try {
        co_await tx.run(set_grade_sql, user->id, grade_max);
    } catch (const db::Error& error) {
        refused = separation_problem(error);
        if (!refused) {
            throw;
        }
    }
    if (refused) {
        co_return *refused;
    }
    Json detail = {{"before", user->grade_max ? Json(*user->grade_max) : Json()},
                   {"after", grade_max ? Json(*grade_max) : Json()}};
    co_await audit::record(tx, who, "identity.grade.update", user->id, std::move(detail));
    user->grade_max = grade_max;
    co_return std::move(*user);
}

std::string make_password() {
    // 16 of 55 characters without look-alikes: 92 bits. 220 is the greatest multiple of 55 in a byte.
    constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ2345678";
    static_assert(alphabet.size() == 55);
    std::string password;
    while (password.size() < 16) {
        for (char byte : crypto::random_bytes(16)) {
            auto value = static_cast<unsigned char>(byte);
            if (value < 220 && password.size() < 16) {
                password += alphabet[value % alphabet.size()];
            }
        }
    }
    return password;
}

PENGCHENG_STATEMENTS(find_user_sql, lock_user_sql, list_users_sql, insert_user_sql, delete_roles_sql,
                     insert_roles_sql, act_as_sql, set_state_sql, set_grade_sql);

}  // namespace pengcheng::identity
