#include "identity/account_rules.hpp"
#include "identity/keys.hpp"
#include "identity/problems.hpp"
#include "identity/users.hpp"
#include "identity/workers.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr db::Statement insert_citizen_sql{"identity.insert_citizen", R"sql(
    INSERT INTO identity.account (id, username, display_name, kind, password_hash, created_by,
                                  id_number_sealed, id_number_index, phone_sealed)
    VALUES ($1::uuid, $2, $3, 'citizen', $4, $5, $6, $7, $8)
)sql"};

constexpr db::Statement insert_citizen_role_sql{"identity.insert_citizen_role", R"sql(
    INSERT INTO identity.role_assignment (account, role, given_by)
    VALUES ($1::uuid, 'citizen', 'registration')
)sql"};

constexpr db::Statement find_profile_sql{"identity.find_profile", R"sql(
    SELECT id::text, display_name, id_number_sealed, phone_sealed
      FROM identity.account WHERE id = $1::uuid AND id_number_sealed IS NOT NULL
)sql"};

struct SealedProfile {
    std::string id;
    std::string display_name;
    std::string id_number;
    std::optional<std::string> phone;
};

constexpr auto describe(db::RowOf<SealedProfile>) {
    return db::columns(db::column("id", &SealedProfile::id),
                       db::column("display_name", &SealedProfile::display_name),
                       db::column("id_number_sealed", &SealedProfile::id_number),
                       db::column("phone_sealed", &SealedProfile::phone));
}

/// `input` as it is stored, or the first thing wrong with it.
Result<NewCitizen> checked(NewCitizen input, Day today) {
    auto username = check_username(input.username);
    if (!username) {
        return username.error();
    }
    auto id_number = check_id_number(input.id_number, today);
    if (!id_number) {
        return id_number.error();
    }
    auto phone = check_phone(input.phone);
    if (!phone) {
        return phone.error();
    }
    if (auto fits = check_password(input.password, *username); !fits) {
        return fits.error();
    }
    std::string display_name(trim(input.display_name));
    if (display_name.empty()) {
        return pengcheng::problem::invalid_input.at("/display_name", "请填写姓名", "give a name");
    }
    return NewCitizen{std::move(*username), std::move(display_name), std::move(*id_number), std::move(*phone),
                      std::move(input.password)};
}

}  // namespace

asio::awaitable<Result<User>> add_citizen(db::Pool& db, const Principal& who, NewCitizen input, Day today) {
    auto citizen = checked(std::move(input), today);
    if (!citizen) {
        co_return citizen.error();
    }
    std::string hash = co_await hash_password(std::move(citizen->password));
    User user{.id = new_id(),
              .username = citizen->username,
              .display_name = citizen->display_name,
              .kind = "citizen",
              .state = "active",
              .roles = {"citizen"}};
    std::string id_number = seal_personal(user.id, "id_number", citizen->id_number);
    std::string phone = seal_personal(user.id, "phone", citizen->phone);
    std::string index = id_number_index(citizen->id_number);

    auto tx = co_await db.begin();
    std::string taken;
    try {
        co_await tx.run(insert_citizen_sql, user.id, user.username, user.display_name, std::move(hash),
                        user.username, std::move(id_number), std::move(index), std::move(phone));
    } catch (const db::Error& error) {
        if (!error.unique_violation()) {
            throw;
        }
        taken = error.constraint();
    }
    if (taken == "account_id_number_unique") {
        co_return problem::id_number_taken.at("/id_number");
    }
    if (!taken.empty()) {
        co_return problem::username_taken.at("/username");
    }
    co_await tx.run(insert_citizen_role_sql, user.id);
    Json detail = {{"username", user.username}};
    co_await audit::record(tx, who, "identity.account.create", user.id, std::move(detail));
    auto made = co_await lock_user(tx, user.id);
    co_await tx.commit();
    co_return std::move(made.value());
}

asio::awaitable<std::optional<PersonalProfile>> profile(db::Pool& db, std::string account_id) {
    if (!is_id(account_id)) {
        co_return std::nullopt;
    }
    auto sealed = co_await db.find<SealedProfile>(find_profile_sql, std::move(account_id));
    if (!sealed) {
        co_return std::nullopt;
    }
    PersonalProfile open{.account = sealed->id,
                         .name = sealed->display_name,
                         .id_number = open_personal(sealed->id, "id_number", sealed->id_number)};
    if (sealed->phone) {
        open.phone = open_personal(sealed->id, "phone", *sealed->phone);
    }
    co_return open;
}

PENGCHENG_STATEMENTS(insert_citizen_sql, insert_citizen_role_sql, find_profile_sql);

}  // namespace pengcheng::identity
