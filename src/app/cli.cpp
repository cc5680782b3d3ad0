#include "app/cli.hpp"

#include "app/cluster.hpp"
#include "app/run_blocking.hpp"

#include <pengcheng/audit/sealer.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/packs/packs.hpp>

#include <cerrno>
#include <iostream>
#include <system_error>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pengcheng::app {

namespace {

std::string os_user() {
    const passwd* entry = getpwuid(getuid());
    return entry == nullptr ? std::to_string(getuid()) : entry->pw_name;
}

/// Whoever typed the command as root sees a file that they may well read: it is another user that may not.
std::string access_text(const std::string& what, bool chinese) {
    return chinese ? what + "；命令以用户 " + os_user() + " 的身份运行，请让该用户能够读写此处，或换一个位置"
                   : what + "; the command runs as the user " + os_user() +
                         ": let that user read and write there, or choose another place";
}

}  // namespace

struct Cli::State {
    Clock clock;
    Runtime runtime;
    std::optional<Cluster> cluster;
    bool started = false;  ///< the cluster runs for this command only

    ~State() {
        if (started) {
            cluster->stop();
        }
    }
};

Cli::Cli() : as("cli:" + os_user()) {
}
Cli::~Cli() = default;

Config Cli::config() const {
    return Config::load(config_file);
}

const Runtime& Cli::runtime() {
    if (state_) {
        return state_->runtime;
    }
    umask(0077);
    state_ = std::make_unique<State>();
    Runtime& runtime = state_->runtime;
    runtime.config = config();
    runtime.clock = &state_->clock;
    drop_privileges(runtime.config);
    std::filesystem::create_directories(runtime.config.var);
    if (runtime.config.database_url.empty()) {
        state_->cluster.emplace(runtime.config);
        state_->started = !state_->cluster->running();
        state_->cluster->start();
        runtime.config.database_url = state_->cluster->url();
    }
    return runtime;
}

Principal Cli::principal() const {
    Principal who;
    who.kind = Principal::Kind::operator_;
    who.name = as;
    who.display_name = as;
    who.roles = {"operator"};
    who.chinese = chinese;
    return who;
}

void Cli::run(const Work& work, const std::function<std::string(const Json&)>& human) {
    guarded([&] {
        const Runtime& ready = runtime();
        log::start(ready.config.log_level);  // to standard error: the result alone goes to standard output
        db::migrate(ready.config.database_url);
        identity::open_keys(ready);
        audit::start_evidence(ready);
        Principal who = principal();
        auto result = run_blocking<Result<Json>>(ready.config.database_url,
                                                 [&](db::Pool& db) { return work(db, who); });
        print(result.value(), human);
    });
}

void Cli::print(const Json& result, const std::function<std::string(const Json&)>& human) const {
    if (json) {
        std::cout << result.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
        std::string text = human(result);
        std::cout << text << (text.empty() || text.ends_with('\n') ? "" : "\n");
    }
    errno = 0;
    if (!std::cout.flush()) {
        throw std::system_error(errno, std::generic_category(), "standard output");
    }
}

void Cli::guarded(const std::function<void()>& work) {
    std::string text;
    std::string code;
    try {
        work();
        return;
    } catch (const ProblemError& error) {
        text = error.problem().text(chinese);
        code = error.problem().type->code;
    } catch (const std::system_error& error) {
        const bool no_access = error.code() == std::errc::permission_denied;
        text = no_access ? access_text(error.what(), chinese) : error.what();
        code = no_access ? "app.no-access" : "internal";
    } catch (const std::exception& error) {
        text = error.what();
        code = "internal";
    }
    exit_code = 1;
    if (json) {
        std::cout << Json{{"error", {{"code", code}, {"detail", text}}}}.dump(2) << '\n';
    } else {
        std::cerr << "pengcheng: " << text << '\n';
    }
}

}  // namespace pengcheng::app
