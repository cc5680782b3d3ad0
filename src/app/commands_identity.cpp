#include "app/cli.hpp"

#include <pengcheng/identity/identity.hpp>

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include <iostream>

namespace pengcheng::app {

namespace {

namespace asio = boost::asio;

/// Options of one command; it lives as long as the callback that holds it.
struct Options {
    std::string username, display_name, organization, q, code, name, client_id, secret_id;
    std::vector<std::string> roles;
    std::string by;           ///< administrator who confirms
    std::string by_password;  ///< read from standard input
    std::string by_code;      ///< one-time code, where that account has a second factor
    bool password_stdin = false;
    bool must_change = false;
    bool no_roles = false;
    bool at_once = false;
    int limit = 200;
};

std::string read_password() {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

Json user_json(const identity::User& user) {
    Json out = identity::to_json(user);
    out["kind"] = user.kind;
    out["state"] = user.state;
    out["created_at"] = user.created_at;
    return out;
}

template <class T>
asio::awaitable<Result<T>> committed(db::Transaction tx, Result<T> outcome) {
    if (outcome) {
        co_await tx.commit();
    }
    co_return outcome;
}

/// The account called `username`, which commands name where the API takes ids.
asio::awaitable<Result<identity::User>> named(db::Pool& db, std::string username) {
    auto user = co_await identity::account_by_name(db, username);
    if (!user) {
        co_return problem::not_found.because("没有用户 " + username, "there is no user " + username);
    }
    co_return std::move(*user);
}

/// Whoever runs commands on the machine gives no rights: once the three administrators exist, one of them
/// (`role`, or any but the account's holder) confirms with name and password.
asio::awaitable<Result<Principal>> confirmed_by(db::Pool& db, Cli& cli, Principal who, Options options,
                                                std::string role, std::string subject) {
    if (!co_await identity::installed(db)) {
        co_return who;
    }
    if (options.by.empty()) {
        co_return problem::forbidden.because(
            "权限变更须由管理员确认：加 --by 用户名，并从标准输入给出其密码",
            "an administrator must confirm: add --by NAME and give the password on standard input");
    }
    std::string operator_name = who.name;
    auto proven = co_await identity::prove_account(db, cli.runtime(), who, options.by, options.by_password,
                                                   options.by_code);
    if (!proven) {
        co_return proven.error();
    }
    bool fits = role.empty() ? std::any_of(proven->roles.begin(), proven->roles.end(),
                                           [](const std::string& one) { return one.ends_with("_admin"); })
                             : proven->has_role(role);
    if (!fits || proven->id == subject) {
        co_return problem::forbidden.because("须由另一名有权的管理员确认",
                                             "it takes the confirmation of another administrator");
    }
    proven->request_id = operator_name;
    co_return proven;
}

bool is_administrator(const identity::User& user) {
    return std::any_of(user.roles.begin(), user.roles.end(),
                       [](const std::string& role) { return role.ends_with("_admin"); });
}

asio::awaitable<Result<Json>> give_roles(db::Pool& db, Principal who, std::string account,
                                         std::vector<std::string> roles) {
    auto tx = co_await db.begin();
    auto changed = co_await identity::set_roles(tx, who, std::move(account), std::move(roles));
    auto user = co_await committed(std::move(tx), std::move(changed));
    if (!user) {
        co_return user.error();
    }
    co_return user_json(*user);
}

asio::awaitable<Result<Json>> add_user(db::Pool& db, Cli& cli, Principal who, Options options,
                                       std::string password) {
    if (auto fit = identity::check_roles(options.roles, options.organization); !fit) {
        co_return fit.error();
    }
    Principal giver = who;
    if (!options.roles.empty()) {
        auto confirmed = co_await confirmed_by(db, cli, who, options, "security_admin", "");
        if (!confirmed) {
            co_return confirmed.error();
        }
        giver = std::move(*confirmed);
    }
    identity::NewUser input{.username = options.username,
                            .display_name = options.display_name,
                            .organization = options.organization,
                            .password = password,
                            .must_change_password = options.must_change || !options.password_stdin};
    auto user = co_await identity::add_user(db, who, std::move(input));
    if (!user) {
        co_return user.error();
    }
    Json out = user_json(*user);
    if (!options.roles.empty()) {
        auto with_roles = co_await give_roles(db, giver, user->id, options.roles);
        if (!with_roles) {
            co_return with_roles.error();
        }
        out = std::move(*with_roles);
    }
    if (!options.password_stdin) {
        out["password"] = std::move(password);
    }
    co_return out;
}

asio::awaitable<Result<Json>> list_users(db::Pool& db, Options options) {
    identity::UserFilter filter{.q = options.q, .organization = options.organization, .limit = options.limit};
    auto users = co_await identity::users(db, std::move(filter));
    Json items = Json::array();
    for (const auto& user : users) {
        items.push_back(user_json(user));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> set_state(db::Pool& db, Principal who, std::string username, bool active) {
    auto user = co_await named(db, std::move(username));
    if (!user) {
        co_return user.error();
    }
    auto tx = co_await db.begin();
    auto changed = co_await identity::set_user_state(tx, who, user->id, active);
    auto done = co_await committed(std::move(tx), std::move(changed));
    if (!done) {
        co_return done.error();
    }
    co_return user_json(*done);
}

asio::awaitable<Result<Json>> change_password(db::Pool& db, Cli& cli, Principal who, Options options,
                                              std::string password) {
    auto user = co_await named(db, options.username);
    if (!user) {
        co_return user.error();
    }
    std::string role = is_administrator(*user) ? "" : "security_admin";
    auto confirmed = co_await confirmed_by(db, cli, who, options, std::move(role), user->id);
    if (!confirmed) {
        co_return confirmed.error();
    }
    bool must_change = options.must_change || !options.password_stdin;
    auto changed = co_await identity::set_password(db, *confirmed, user->id, password, must_change);
    if (!changed) {
        co_return changed.error();
    }
    Json out = user_json(*user);
    if (!options.password_stdin) {
        out["password"] = std::move(password);
    }
    co_return out;
}

asio::awaitable<Result<Json>> change_roles(db::Pool& db, Cli& cli, Principal who, Options options) {
    auto user = co_await named(db, options.username);
    if (!user) {
        co_return user.error();
    }
    auto confirmed = co_await confirmed_by(db, cli, who, options, "security_admin", user->id);
    if (!confirmed) {
        co_return confirmed.error();
    }
    co_return co_await give_roles(db, std::move(*confirmed), user->id, options.roles);
}

asio::awaitable<Result<Json>> list_organizations(db::Pool& db) {
    auto rows = co_await identity::organizations(db);
    Json items = Json::array();
    for (const auto& row : rows) {
        items.push_back(identity::to_json(row));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> show_organization(db::Pool& db, std::string code) {
    auto found = co_await identity::organization(db, code);
    if (!found) {
        co_return problem::not_found.because("没有部门 " + code, "there is no organization " + code);
    }
    co_return identity::to_json(*found);
}

asio::awaitable<Result<Json>> add_client(db::Pool& db, Principal who, Options options) {
    auto tx = co_await db.begin();
    identity::NewClient input{.name = options.name, .organization = options.organization};
    auto added = co_await identity::add_client(tx, who, std::move(input));
    auto made = co_await committed(std::move(tx), std::move(added));
    if (!made) {
        co_return made.error();
    }
    Json out = identity::to_json(made->client);
    out["client_secret"] = made->secret;
    co_return out;
}

asio::awaitable<Result<Json>> list_clients(db::Pool& db, std::string organization) {
    auto rows = co_await identity::clients(db, std::move(organization));
    Json items = Json::array();
    for (const auto& row : rows) {
        items.push_back(identity::to_json(row));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> revoke_client(db::Pool& db, Principal who, std::string client_id) {
    auto tx = co_await db.begin();
    auto changed = co_await identity::disable_client(tx, who, std::move(client_id));
    auto client = co_await committed(std::move(tx), std::move(changed));
    if (!client) {
        co_return client.error();
    }
    co_return identity::to_json(*client);
}

asio::awaitable<Result<Json>> list_secrets(db::Pool& db, std::string client_id) {
    Json items = Json::array();
    for (const auto& row : co_await identity::client_secrets(db, std::move(client_id))) {
        items.push_back(identity::to_json(row));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> add_secret(db::Pool& db, Principal who, std::string client_id) {
    auto tx = co_await db.begin();
    auto added = co_await identity::add_secret(tx, who, std::move(client_id));
    auto made = co_await committed(std::move(tx), std::move(added));
    if (!made) {
        co_return made.error();
    }
    Json out = identity::to_json(made->made);
    out["client_secret"] = made->secret;
    co_return out;
}

asio::awaitable<Result<Json>> retire_secret(db::Pool& db, Cli& cli, Principal who, Options options) {
    auto tx = co_await db.begin();
    auto changed =
        co_await identity::retire_secret(tx, who, cli.runtime().now(), options.client_id, options.secret_id);
    auto retired = co_await committed(std::move(tx), std::move(changed));
    if (!retired) {
        co_return retired.error();
    }
    co_return identity::to_json(*retired);
}

asio::awaitable<Result<Json>> list_keys(db::Pool& db, Cli& cli) {
    Json items = Json::array();
    for (const auto& key : co_await identity::signing_keys(db, cli.runtime().now())) {
        items.push_back(identity::to_json(key));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> rotate_key(db::Pool& db, Cli& cli, Principal who, bool at_once) {
    auto tx = co_await db.begin();
    co_await identity::rotate_signing_key(tx, cli.runtime().now(), who, at_once);
    co_await tx.commit();
    co_return co_await list_keys(db, cli);
}

/// A value as people read it: names, joined by commas; nothing is a dash.
std::string cell_of(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_object() && value.contains("name")) {
        return value.at("name").get<std::string>();
    }
    if (value.is_array()) {
        std::string out;
        for (const Json& one : value) {
            out += (out.empty() ? "" : ",") + cell_of(one);
        }
        return out.empty() ? "-" : out;
    }
    return value.is_null() ? "-" : value.dump();
}

/// The named members of each item, one line an item, columns by tab.
std::function<std::string(const Json&)> lines_of(std::vector<std::string> members) {
    return [members = std::move(members)](const Json& page) {
        std::string out;
        for (const Json& item : page.at("items")) {
            for (const std::string& member : members) {
                const Json& value = item.at(member);
                out += (out.empty() || out.back() == '\n' ? "" : "\t") + cell_of(value);
            }
            out += '\n';
        }
        return out;
    };
}

/// Each member on a line of its own.
std::string members_of(const Json& object) {
    std::string out;
    for (const auto& [name, value] : object.items()) {
        out += name + ": " + cell_of(value) + "\n";
    }
    return out;
}

/// Options of a command that an administrator confirms.
void add_confirmation(CLI::App& command, Options& options) {
    command.add_option("--by", options.by,
                       "确认的管理员，其密码从标准输入读 / administrator who confirms; the password comes on "
                       "standard input");
    command.add_option("--by-code", options.by_code,
                       "该管理员的动态口令 / one-time code of that administrator");
}

void add_password_options(CLI::App& command, Options& options) {
    command.add_flag(
        "--password-stdin", options.password_stdin,
        "从标准输入读密码，否则生成并显示 / read it from standard input; otherwise one is made and shown");
    command.add_flag("--must-change", options.must_change,
                     "首次登录须修改（生成的密码总是如此）/ to be changed at the first sign-in (made ones "
                     "always are)");
}

/// The new password, then the confirming administrator's: one line each, in this order.
std::string read_passwords(Options& options) {
    std::string text = options.password_stdin ? read_password() : identity::make_password();
    if (!options.by.empty()) {
        options.by_password = read_password();
    }
    return text;
}

void add_user_command(CLI::App& user, Cli& cli) {
    auto options = std::make_shared<Options>();
    CLI::App* add = user.add_subcommand("add", "建立账户 / make an account");
    add->add_option("--username", options->username, "用户名 / user name")->required();
    add->add_option("--display-name", options->display_name, "姓名 / name shown")->required();
    add->add_option("--organization", options->organization, "部门代码 / code of the organization");
    add->add_option("--role", options->roles, "角色，可重复 / role, may be repeated");
    add_password_options(*add, *options);
    add_confirmation(*add, *options);
    add->callback([&cli, options] {
        std::string password = read_passwords(*options);
        auto work = [&cli, options, password](db::Pool& db, Principal who) {
            return add_user(db, cli, std::move(who), *options, password);
        };
        cli.run(work, members_of);
    });
}

void add_password_command(CLI::App& user, Cli& cli) {
    auto options = std::make_shared<Options>();
    CLI::App* password = user.add_subcommand("password", "重设密码并解锁 / set a new password and unlock");
    password->add_option("username", options->username, "用户名 / user name")->required();
    add_password_options(*password, *options);
    add_confirmation(*password, *options);
    password->callback([&cli, options] {
        std::string text = read_passwords(*options);
        auto work = [&cli, options, text](db::Pool& db, Principal who) {
            return change_password(db, cli, std::move(who), *options, text);
        };
        cli.run(work, members_of);
    });
}

void add_state_command(CLI::App& user, Cli& cli, bool active) {
    auto options = std::make_shared<Options>();
    CLI::App* command = active ? user.add_subcommand("enable", "恢复账户 / enable an account")
                               : user.add_subcommand("disable", "停用账户 / disable an account");
    command->add_option("username", options->username, "用户名 / user name")->required();
    command->callback([&cli, options, active] {
        auto work = [options, active](db::Pool& db, Principal who) {
            return set_state(db, std::move(who), options->username, active);
        };
        cli.run(work, members_of);
    });
}

void add_roles_command(CLI::App& user, Cli& cli) {
    auto given = std::make_shared<Options>();
    CLI::App* roles = user.add_subcommand("roles", "替换账户的角色 / replace the roles of an account");
    roles->add_option("username", given->username, "用户名 / user name")->required();
    auto* role = roles->add_option("--role", given->roles, "角色，可重复 / role, may be repeated");
    roles->add_flag("--none", given->no_roles, "收回全部角色 / take every role away")->excludes(role);
    add_confirmation(*roles, *given);
    roles->callback([&cli, given] {
        if (given->roles.empty() && !given->no_roles) {
            throw CLI::RequiredError("--role or --none");
        }
        if (!given->by.empty()) {
            given->by_password = read_password();
        }
        auto work = [&cli, given](db::Pool& db, Principal who) {
            return change_roles(db, cli, std::move(who), *given);
        };
        cli.run(work, members_of);
    });
}

void add_user_commands(CLI::App& app, Cli& cli) {
    CLI::App* user = app.add_subcommand("user", "账户与角色 / accounts and their roles");
    user->require_subcommand(1);
    add_user_command(*user, cli);
    add_password_command(*user, cli);
    add_state_command(*user, cli, true);
    add_state_command(*user, cli, false);
    add_roles_command(*user, cli);

    auto filter = std::make_shared<Options>();
    CLI::App* list = user->add_subcommand("list", "工作人员账户 / staff accounts");
    list->add_option("--organization", filter->organization, "部门代码 / code of the organization");
    list->add_option("--q", filter->q, "用户名或姓名的一部分 / part of the user name or name");
    list->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 10000));
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_users(db, *filter); };
        cli.run(work, lines_of({"username", "display_name", "organization", "roles", "state"}));
    });
}

void add_organization_commands(CLI::App& app, Cli& cli) {
    CLI::App* org = app.add_subcommand("org", "部门与县区 / organizations");
    org->require_subcommand(1);
    org->add_subcommand("list", "全部部门 / all of them")->callback([&cli] {
        auto work = [](db::Pool& db, Principal) { return list_organizations(db); };
        cli.run(work, lines_of({"code", "name", "kind", "region", "status"}));
    });
    auto shown = std::make_shared<Options>();
    CLI::App* show = org->add_subcommand("show", "一个部门 / one of them");
    show->add_option("code", shown->code, "部门代码 / its code")->required();
    show->callback([&cli, shown] {
        auto work = [shown](db::Pool& db, Principal) { return show_organization(db, shown->code); };
        cli.run(work, members_of);
    });
}

void add_secret_commands(CLI::App& token, Cli& cli) {
    auto shown = std::make_shared<Options>();
    CLI::App* list = token.add_subcommand("secrets", "系统的密钥 / secrets of a system");
    list->add_option("client_id", shown->client_id, "client_id")->required();
    list->callback([&cli, shown] {
        auto work = [shown](db::Pool& db, Principal) { return list_secrets(db, shown->client_id); };
        cli.run(work, lines_of({"id", "created_at", "last_used_at", "retired_at"}));
    });

    auto added = std::make_shared<Options>();
    CLI::App* add = token.add_subcommand("add-secret",
                                         "新增第二个密钥，只显示一次 / make a second secret; it shows once");
    add->add_option("client_id", added->client_id, "client_id")->required();
    add->callback([&cli, added] {
        auto work = [added](db::Pool& db, Principal who) {
            return add_secret(db, std::move(who), added->client_id);
        };
        cli.run(work, members_of);
    });

    auto retired = std::make_shared<Options>();
    CLI::App* retire =
        token.add_subcommand("retire-secret", "停用密钥及其令牌 / retire a secret and its tokens");
    retire->add_option("client_id", retired->client_id, "client_id")->required();
    retire->add_option("secret_id", retired->secret_id, "id")->required();
    retire->callback([&cli, retired] {
        auto work = [&cli, retired](db::Pool& db, Principal who) {
            return retire_secret(db, cli, std::move(who), *retired);
        };
        cli.run(work, members_of);
    });
}

void add_key_commands(CLI::App& token, Cli& cli) {
    token.add_subcommand("keys", "令牌签名密钥 / keys that sign access tokens")->callback([&cli] {
        auto work = [&cli](db::Pool& db, Principal) { return list_keys(db, cli); };
        cli.run(work, lines_of({"kid", "state", "created_at", "signs_from"}));
    });
    auto rotated = std::make_shared<Options>();
    CLI::App* rotate = token.add_subcommand("rotate-key", "轮换签名密钥 / rotate the signing key");
    rotate->add_flag("--at-once", rotated->at_once,
                     "旧密钥已泄露：其令牌立即失效 / the old key leaked: its tokens end now");
    rotate->callback([&cli, rotated] {
        auto work = [&cli, rotated](db::Pool& db, Principal who) {
            return rotate_key(db, cli, std::move(who), rotated->at_once);
        };
        cli.run(work, lines_of({"kid", "state", "created_at", "signs_from"}));
    });
}

void add_token_commands(CLI::App& app, Cli& cli) {
    CLI::App* token = app.add_subcommand("token", "部门接入系统 / client systems of departments");
    token->require_subcommand(1);

    auto made = std::make_shared<Options>();
    CLI::App* create =
        token->add_subcommand("create", "登记系统，密钥只显示一次 / register one; its secret shows once");
    create->add_option("--name", made->name, "系统名称 / name of the system")->required();
    create->add_option("--organization", made->organization, "部门代码 / code of the organization")
        ->required();
    create->callback([&cli, made] {
        auto work = [made](db::Pool& db, Principal who) { return add_client(db, std::move(who), *made); };
        cli.run(work, members_of);
    });

    auto filter = std::make_shared<Options>();
    CLI::App* list = token->add_subcommand("list", "已登记的系统 / those registered");
    list->add_option("--organization", filter->organization, "部门代码 / code of the organization");
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_clients(db, filter->organization); };
        cli.run(work, lines_of({"client_id", "name", "organization", "state", "created_at"}));
    });

    add_secret_commands(*token, cli);
    add_key_commands(*token, cli);

    auto revoked = std::make_shared<Options>();
    CLI::App* revoke = token->add_subcommand("revoke", "停用系统及其令牌 / disable one and end its tokens");
    revoke->add_option("client_id", revoked->client_id, "client_id")->required();
    revoke->callback([&cli, revoked] {
        auto work = [revoked](db::Pool& db, Principal who) {
            return revoke_client(db, std::move(who), revoked->client_id);
        };
        cli.run(work, members_of);
    });
}

}  // namespace

void add_identity_commands(CLI::App& app, Cli& cli) {
    add_user_commands(app, cli);
    add_organization_commands(app, cli);
    add_token_commands(app, cli);
}

}  // namespace pengcheng::app
