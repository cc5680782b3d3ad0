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
    std::string username, display_name, organization, q, code, name, client_id;
    std::vector<std::string> roles;
    bool password_stdin = false;
    bool no_roles = false;
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

asio::awaitable<Result<Json>> add_user(db::Pool& db, Principal who, Options options, std::string password) {
    if (auto fit = identity::check_roles(options.roles, options.organization); !fit) {
        co_return fit.error();
    }
    identity::NewUser input{.username = options.username,
                            .display_name = options.display_name,
                            .organization = options.organization,
                            .password = password};
    auto user = co_await identity::add_user(db, who, std::move(input));
    if (!user) {
        co_return user.error();
    }
    Json out = user_json(*user);
    if (!options.roles.empty()) {
        auto with_roles = co_await give_roles(db, who, user->id, options.roles);
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

asio::awaitable<Result<Json>> disable_user(db::Pool& db, Principal who, std::string username) {
    auto user = co_await named(db, std::move(username));
    if (!user) {
        co_return user.error();
    }
    auto tx = co_await db.begin();
    auto changed = co_await identity::disable_user(tx, who, user->id);
    auto disabled = co_await committed(std::move(tx), std::move(changed));
    if (!disabled) {
        co_return disabled.error();
    }
    co_return user_json(*disabled);
}

asio::awaitable<Result<Json>> change_password(db::Pool& db, Principal who, std::string username,
                                              std::string password, bool given) {
    auto user = co_await named(db, std::move(username));
    if (!user) {
        co_return user.error();
    }
    auto changed = co_await identity::set_password(db, who, user->id, password);
    if (!changed) {
        co_return changed.error();
    }
    Json out = user_json(*user);
    if (!given) {
        out["password"] = std::move(password);
    }
    co_return out;
}

asio::awaitable<Result<Json>> change_roles(db::Pool& db, Principal who, std::string username,
                                           std::vector<std::string> roles) {
    auto user = co_await named(db, std::move(username));
    if (!user) {
        co_return user.error();
    }
    co_return co_await give_roles(db, std::move(who), user->id, std::move(roles));
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

/// The named members of each item, one line an item, columns by tab.
std::function<std::string(const Json&)> lines_of(std::vector<std::string> members) {
    return [members = std::move(members)](const Json& page) {
        std::string out;
        for (const Json& item : page.at("items")) {
            for (const std::string& member : members) {
                const Json& value = item.at(member);
                out += (out.empty() || out.back() == '\n' ? "" : "\t") +
                       (value.is_string() ? value.get<std::string>() : value.dump());
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
        out += name + ": " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
    }
    return out;
}

void add_user_command(CLI::App& user, Cli& cli) {
    auto options = std::make_shared<Options>();
    CLI::App* add = user.add_subcommand("add", "建立账户 / make an account");
    add->add_option("--username", options->username, "用户名 / user name")->required();
    add->add_option("--display-name", options->display_name, "姓名 / name shown")->required();
    add->add_option("--organization", options->organization, "部门代码 / code of the organization");
    add->add_option("--role", options->roles, "角色,可重复 / role, may be repeated");
    add->add_flag(
        "--password-stdin", options->password_stdin,
        "从标准输入读密码,否则生成并显示 / read it from standard input; otherwise one is made and shown");
    add->callback([&cli, options] {
        std::string password = options->password_stdin ? read_password() : identity::make_password();
        auto work = [options, password](db::Pool& db, Principal who) {
            return add_user(db, std::move(who), *options, password);
        };
        cli.run(work, members_of);
    });
}

void add_password_command(CLI::App& user, Cli& cli) {
    auto options = std::make_shared<Options>();
    CLI::App* password = user.add_subcommand("password", "重设密码并解锁 / set a new password and unlock");
    password->add_option("username", options->username, "用户名 / user name")->required();
    password->add_flag(
        "--password-stdin", options->password_stdin,
        "从标准输入读密码,否则生成并显示 / read it from standard input; otherwise one is made and shown");
    password->callback([&cli, options] {
        std::string text = options->password_stdin ? read_password() : identity::make_password();
        auto work = [options, text](db::Pool& db, Principal who) {
            return change_password(db, std::move(who), options->username, text, options->password_stdin);
        };
        cli.run(work, members_of);
    });
}

void add_user_commands(CLI::App& app, Cli& cli) {
    CLI::App* user = app.add_subcommand("user", "账户与角色 / accounts and their roles");
    user->require_subcommand(1);
    add_user_command(*user, cli);
    add_password_command(*user, cli);

    auto filter = std::make_shared<Options>();
    CLI::App* list = user->add_subcommand("list", "工作人员账户 / staff accounts");
    list->add_option("--organization", filter->organization, "部门代码 / code of the organization");
    list->add_option("--q", filter->q, "用户名或姓名的一部分 / part of the user name or name");
    list->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 10000));
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_users(db, *filter); };
        cli.run(work, lines_of({"username", "display_name", "organization", "roles", "state"}));
    });

    auto disabled = std::make_shared<Options>();
    CLI::App* disable = user->add_subcommand("disable", "停用账户 / disable an account");
    disable->add_option("username", disabled->username, "用户名 / user name")->required();
    disable->callback([&cli, disabled] {
        auto work = [disabled](db::Pool& db, Principal who) {
            return disable_user(db, std::move(who), disabled->username);
        };
        cli.run(work, members_of);
    });

    auto given = std::make_shared<Options>();
    CLI::App* roles = user->add_subcommand("roles", "替换账户的角色 / replace the roles of an account");
    roles->add_option("username", given->username, "用户名 / user name")->required();
    auto* role = roles->add_option("--role", given->roles, "角色,可重复 / role, may be repeated");
    roles->add_flag("--none", given->no_roles, "收回全部角色 / take every role away")->excludes(role);
    roles->callback([&cli, given] {
        if (given->roles.empty() && !given->no_roles) {
            throw CLI::RequiredError("--role or --none");
        }
        auto work = [given](db::Pool& db, Principal who) {
            return change_roles(db, std::move(who), given->username, given->roles);
        };
        cli.run(work, members_of);
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

void add_token_commands(CLI::App& app, Cli& cli) {
    CLI::App* token = app.add_subcommand("token", "部门接入系统 / client systems of departments");
    token->require_subcommand(1);

    auto made = std::make_shared<Options>();
    CLI::App* create =
        token->add_subcommand("create", "登记系统,密钥只显示一次 / register one; its secret shows once");
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
