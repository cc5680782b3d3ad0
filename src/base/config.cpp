#include <pengcheng/base/config.hpp>

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/evidence_policy.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <map>
#include <variant>

namespace pengcheng {

extern const Embedded defaults_files[];

namespace {

constexpr ProblemType bad_config{"base.bad-config", 400, "The configuration is not valid", "配置有误"};

using Target = std::variant<std::string*, int*, std::int64_t*, bool*, std::filesystem::path*>;

/// Dotted setting -> where it goes. A setting that is not here is refused, so a typing error shows.
std::map<std::string, Target> targets(Config& config, std::string& listen) {
    return {{"listen", &listen},
            {"public_url", &config.public_url},
            {"var", &config.var},
            {"database_url", &config.database_url},
            {"threads.io", &config.io_threads},
            {"threads.workers", &config.worker_threads},
            {"database.connections", &config.db_connections},
            {"database.wait_ms_max", &config.db_wait_ms_max},
            {"database.read_url", &config.db_read_url},
            {"database.read_lag_ms_max", &config.db_read_lag_ms_max},
            {"limits.header_bytes_max", &config.header_bytes_max},
            {"limits.body_bytes_max", &config.body_bytes_max},
            {"limits.upload_bytes_max", &config.upload_bytes_max},
            {"limits.json_depth_max", &config.json_depth_max},
            {"limits.header_fields_max", &config.header_fields_max},
            {"limits.request_ms_max", &config.request_ms_max},
            {"limits.head_ms_max", &config.head_ms_max},
            {"limits.body_ms_max", &config.body_ms_max},
            {"limits.write_ms_max", &config.write_ms_max},
            {"limits.idle_ms_max", &config.idle_ms_max},
            {"limits.connections_max", &config.connections_max},
            {"limits.connections_per_address_max", &config.connections_per_address_max},
            {"limits.requests_per_address_per_s", &config.requests_per_address_per_s},
            {"limits.drain_ms_max", &config.drain_ms_max},
            {"tls.certificate", &config.tls_certificate},
            {"tls.key", &config.tls_key},
            {"tls.version_min", &config.tls_version_min},
            {"proxies.trusted", &config.trusted_proxies},
            {"metrics.networks", &config.metrics_networks},
            {"cors.origins", &config.cors_origins},
            {"compression.bytes_min", &config.compress_bytes_min},
            {"log.requests_per_s_max", &config.log_requests_per_s_max},
            {"secure_cookie", &config.secure_cookie},
            {"evidence.mode", &config.evidence_mode},
            {"evidence.keep_months", &evidence_policy().keep_months},
            {"evidence.checkpoint_seconds", &evidence_policy().checkpoint_seconds},
            {"evidence.copy_folder", &evidence_policy().copy_folder},
            {"log.level", &config.log_level},
            {"web_root", &config.web_root}};
}

[[noreturn]] void refuse(const std::string& file, const YAML::Mark& mark, const std::string& zh,
                         const std::string& en) {
    std::string where = file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    throw ProblemError(bad_config.because(where + " " + zh, where + " " + en));
}

void take(const YAML::Node& node, const std::string& name, const Target& target, const std::string& file) {
    try {
        std::visit(
            [&](auto* into) {
                using T = std::remove_pointer_t<decltype(into)>;
                if constexpr (std::is_same_v<T, std::filesystem::path>) {
                    *into = node.as<std::string>();
                } else {
                    *into = node.as<T>();
                }
            },
            target);
    } catch (const YAML::Exception&) {
        refuse(file, node.Mark(), name + " 的值类型不对", "the value of " + name + " has the wrong type");
    }
}

void read(const YAML::Node& node, const std::string& prefix, std::map<std::string, Target>& settings,
          const std::string& file) {
    for (const auto& entry : node) {
        std::string name = prefix + entry.first.as<std::string>();
        if (entry.second.IsMap()) {
            read(entry.second, name + ".", settings, file);
            continue;
        }
        auto found = settings.find(name);
        if (found == settings.end()) {
            refuse(file, entry.first.Mark(), "没有名为 " + name + " 的设置", "there is no setting " + name);
        }
        take(entry.second, name, found->second, file);
    }
}

bool is_log_level(std::string_view name) {
    return name == "debug" || name == "info" || name == "warn" || name == "err";
}

void split_listen(const std::string& listen, Config& config) {
    std::size_t colon = listen.rfind(':');
    auto port = colon == std::string::npos ? std::nullopt : to_int(listen.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535 || colon == 0) {
        throw ProblemError(bad_config.because("监听地址应写成 HOST:PORT,现在是 " + listen,
                                              "listen must be HOST:PORT, not " + listen));
    }
    config.listen_host = listen.substr(0, colon);
    config.listen_port = static_cast<std::uint16_t>(*port);
}

/// The built front end as installed (share/) or as in the source tree (build/<preset>/pengcheng).
std::filesystem::path beside_program() {
    std::error_code error;
    auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    for (const char* place : {"../share/pengcheng/web", "../../src/web/dist"}) {
        auto candidate = (folder / place).lexically_normal();
        if (std::filesystem::exists(candidate, error)) {
            return candidate;
        }
    }
    return folder / "web";
}

}  // namespace

EvidencePolicy& evidence_policy() {
    static EvidencePolicy policy;
    return policy;
}

namespace {

/// What no type can say. A limit of nothing would lock everybody out.
void check_values(const Config& config) {
    auto refuse_value = [](const std::string& zh, const std::string& en) {
        throw ProblemError(bad_config.because(zh, en));
    };
    if (config.evidence_mode != "strict" && config.evidence_mode != "relaxed") {
        refuse_value("evidence.mode 只能是 strict 或 relaxed", "evidence.mode must be strict or relaxed");
    }
    if (config.tls_version_min != "1.2" && config.tls_version_min != "1.3") {
        refuse_value("tls.version_min 只能是 1.2 或 1.3", "tls.version_min must be 1.2 or 1.3");
    }
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        refuse_value("tls.certificate 与 tls.key 须同时给出", "tls.certificate and tls.key go together");
    }
    if (!is_log_level(config.log_level)) {
        refuse_value("log.level 只能是 debug、info、warn 或 err",
                     "log.level must be debug, info, warn or err");
    }
    const std::pair<const char*, std::int64_t> positive[] = {
        {"limits.header_bytes_max", config.header_bytes_max},
        {"limits.header_fields_max", config.header_fields_max},
        {"limits.body_bytes_max", config.body_bytes_max},
        {"limits.upload_bytes_max", config.upload_bytes_max},
        {"limits.json_depth_max", config.json_depth_max},
        {"limits.request_ms_max", config.request_ms_max},
        {"limits.head_ms_max", config.head_ms_max},
        {"limits.body_ms_max", config.body_ms_max},
        {"limits.write_ms_max", config.write_ms_max},
        {"limits.idle_ms_max", config.idle_ms_max},
        {"limits.connections_max", config.connections_max},
        {"limits.connections_per_address_max", config.connections_per_address_max}};
    for (const auto& [name, value] : positive) {
        if (value <= 0) {
            refuse_value(std::string(name) + " 应大于 0", std::string(name) + " must be above 0");
        }
    }
}

}  // namespace

Config Config::load(const std::filesystem::path& file) {
    Config config;
    config.file = file;
    std::string listen;
    auto settings = targets(config, listen);
    read(YAML::Load(std::string(defaults_files[0].text)), "", settings, "pengcheng.yaml");
    if (!file.empty()) {
        try {
            read(YAML::LoadFile(file.string()), "", settings, file.string());
        } catch (const YAML::BadFile&) {
            throw ProblemError(
                bad_config.because("读不到配置文件 " + file.string(), "cannot read " + file.string()));
        } catch (const YAML::ParserException& error) {
            refuse(file.string(), error.mark, "YAML 语法错误", "YAML syntax error: " + error.msg);
        }
    }
    auto from_environment = [](const char* name, auto& into) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            into = value;
        }
    };
    from_environment("PENGCHENG_LISTEN", listen);
    from_environment("PENGCHENG_VAR", config.var);
    from_environment("PENGCHENG_DATABASE_URL", config.database_url);
    split_listen(listen, config);
    config.var = std::filesystem::absolute(config.var);
    if (config.web_root.empty()) {
        config.web_root = beside_program();
    }
    if (evidence_policy().keep_months < 0 || evidence_policy().checkpoint_seconds < 1) {
        throw ProblemError(
            bad_config.because("evidence.keep_months 不能为负,evidence.checkpoint_seconds 至少为 1",
                               "evidence.keep_months is not negative and "
                               "evidence.checkpoint_seconds at least 1"));
    }
    check_values(config);
    config.secure_cookie = config.secure_cookie || config.tls();
    return config;
}

std::string Config::base_url() const {
    if (!public_url.empty()) {
        return public_url;
    }
    return (tls() ? "https://" : "http://") + listen_host + ":" + std::to_string(listen_port);
}

}  // namespace pengcheng
