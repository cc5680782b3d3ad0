#include <pengcheng/base/config.hpp>

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/evidence_policy.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/reference.hpp>
#include <pengcheng/base/settings.hpp>
#include <pengcheng/base/text.hpp>

#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <map>
#include <mutex>
#include <variant>

namespace pengcheng {

extern const Embedded defaults_files[];

namespace {

constexpr ProblemType bad_config{"base.bad-config", 400, "The configuration is not valid", "配置有误"};

/// Settings beside Config. Read by each load, kept from the first: a load again at SIGHUP does not move what
/// other threads read.
struct Beside {
    IdentityConfig identity;
    EvidencePolicy evidence;
};
thread_local Beside read_beside;
Beside kept;
std::once_flag kept_once;

using Target =
    std::variant<std::string*, int*, std::int64_t*, bool*, std::filesystem::path*, std::vector<std::string>*>;

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
            {"evidence.keep_months", &read_beside.evidence.keep_months},
            {"evidence.checkpoint_seconds", &read_beside.evidence.checkpoint_seconds},
            {"evidence.copy_folder", &read_beside.evidence.copy_folder},
            {"log.level", &config.log_level},
            {"identity.totp_required_for", &read_beside.identity.totp_required_for},
            {"identity.totp_grace_days", &read_beside.identity.totp_grace_days},
            {"identity.password_days_max", &read_beside.identity.password_days_max},
            {"identity.address_tries_max", &read_beside.identity.address_tries_max},
            {"identity.token_key_days", &read_beside.identity.token_key_days},
            {"identity.oidc.issuer", &read_beside.identity.oidc.issuer},
            {"identity.oidc.client_id", &read_beside.identity.oidc.client_id},
            {"identity.oidc.client_secret", &read_beside.identity.oidc.client_secret},
            {"identity.oidc.label", &read_beside.identity.oidc.label},
            {"identity.oidc.scopes", &read_beside.identity.oidc.scopes},
            {"identity.oidc.username_claim", &read_beside.identity.oidc.username_claim},
            {"identity.oidc.id_number_claim", &read_beside.identity.oidc.id_number_claim},
            {"identity.oidc.networks", &read_beside.identity.oidc.networks},
            {"web_root", &config.web_root}};
}

[[noreturn]] void refuse(const std::string& file, const YAML::Mark& mark, const std::string& zh,
                         const std::string& en) {
    std::string where = file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    throw ProblemError(bad_config.because(where + " " + zh, where + " " + en));
}

/// Settings as they are read, one source over another.
struct Reading {
    struct Said {
        std::string source, where;
    };
    Config config;
    std::string listen;
    std::map<std::string, Target> settings = targets(config, listen);
    std::map<std::string, Said> said;  ///< by setting; none: the default

    Reading() = default;
    Reading(const Reading&) = delete;  // the targets point into it
    Reading& operator=(const Reading&) = delete;

    [[noreturn]] void refuse_value(const std::string& name, const std::string& zh, const std::string& en) {
        const std::string where = said[name].where.empty() ? "" : said[name].where + " ";
        throw ProblemError(bad_config.because(where + zh, where + en));
    }
};

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

bool is_database_address(std::string_view name) {
    return name == "database_url" || name == "database.read_url";
}

/// A secret stands in no file that people share: only where to find it does.
void refuse_literal_secret(const YAML::Node& node, const std::string& name, const std::string& file) {
    const std::string& text = node.Scalar();
    const bool literal = is_database_address(name) ? has_literal_password(text)
                                                   : names_secret(name) && !without_references(text).empty();
    if (literal) {
        refuse(file, node.Mark(), name + " 中不能写明文口令，请改用 ${env:NAME} 或 ${file:/path}",
               name + " may hold no secret in plain text; write ${env:NAME} or ${file:/path}");
    }
}

YAML::Node resolved(const YAML::Node& node, const std::string& name, const std::string& file) {
    if (!node.IsScalar() || !has_reference(node.Scalar())) {
        return node;
    }
    try {
        return YAML::Node(resolve_references(node.Scalar()));
    } catch (const ProblemError& error) {
        const Problem& problem = error.problem();
        refuse(file, node.Mark(), name + "：" + problem.detail_zh, name + ": " + problem.detail_en);
    }
}

[[noreturn]] void refuse_unknown(const YAML::Mark& mark, const std::string& name, const Reading& reading,
                                 const std::string& file) {
    std::vector<std::string> names;
    for (const auto& [known, target] : reading.settings) {
        names.push_back(known);
    }
    const std::string near = nearest_name(name, names);
    refuse(file, mark, "没有名为 " + name + " 的设置" + (near.empty() ? "" : "，是不是 " + near + "？"),
           "there is no setting " + name + (near.empty() ? "" : "; did you mean " + near + "?"));
}

void read(const YAML::Node& node, const std::string& prefix, Reading& reading, const std::string& file) {
    if (!node.IsMap() && !node.IsNull()) {
        refuse(file, node.Mark(), "应为“名称: 值”", "must hold \"name: value\"");
    }
    for (const auto& entry : node) {
        std::string name = prefix + entry.first.as<std::string>();
        if (entry.second.IsMap()) {
            read(entry.second, name + ".", reading, file);
            continue;
        }
        auto found = reading.settings.find(name);
        if (found == reading.settings.end()) {
            refuse_unknown(entry.first.Mark(), name, reading, file);
        }
        refuse_literal_secret(entry.second, name, file);
        take(resolved(entry.second, name, file), name, found->second, file);
        if (!file.empty()) {
            const YAML::Mark mark = entry.first.Mark();
            reading.said[name] = {
                "file", file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1)};
        }
    }
}

void read_file(const std::filesystem::path& file, Reading& reading) {
    try {
        read(YAML::LoadFile(file.string()), "", reading, file.string());
    } catch (const YAML::BadFile&) {
        throw ProblemError(
            bad_config.because("读不到配置文件 " + file.string(), "cannot read " + file.string()));
    } catch (const YAML::ParserException& error) {
        refuse(file.string(), error.mark, "YAML 语法错误", "YAML syntax error: " + error.msg);
    }
}

void read_environment(Reading& reading) {
    const auto take_variable = [&reading](const char* variable, const char* name, auto& into) {
        const char* value = std::getenv(variable);
        if (value != nullptr && *value != '\0') {
            into = value;
            reading.said[name] = {"environment", variable};
        }
    };
    take_variable("PENGCHENG_LISTEN", "listen", reading.listen);
    take_variable("PENGCHENG_VAR", "var", reading.config.var);
    take_variable("PENGCHENG_DATABASE_URL", "database_url", reading.config.database_url);
}

/// Sizes, times and counts have no meaning below nothing.
void check_numbers(Reading& reading) {
    for (const auto& [name, target] : reading.settings) {
        const bool negative = std::visit(
            [](auto* value) {
                using T = std::remove_pointer_t<decltype(value)>;
                if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
                    return *value < 0;
                } else {
                    return false;
                }
            },
            target);
        if (negative) {
            reading.refuse_value(name, name + " 不能是负数", name + " may not be negative");
        }
    }
    if (reading.config.db_connections == 0) {
        reading.refuse_value("database.connections", "database.connections 至少为 1",
                             "database.connections must be at least 1");
    }
}

bool is_log_level(std::string_view name) {
    return name == "debug" || name == "info" || name == "warn" || name == "err";
}

/// A limit of nothing would lock everybody out.
void check_limits(Reading& reading) {
    constexpr std::array<std::string_view, 12> positive{
        "limits.header_bytes_max", "limits.header_fields_max", "limits.body_bytes_max",
        "limits.upload_bytes_max", "limits.json_depth_max",    "limits.request_ms_max",
        "limits.head_ms_max",      "limits.body_ms_max",       "limits.write_ms_max",
        "limits.idle_ms_max",      "limits.connections_max",   "limits.connections_per_address_max"};
    for (std::string_view name : positive) {
        const bool nothing = std::visit(
            [](auto* value) {
                using T = std::remove_pointer_t<decltype(value)>;
                if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
                    return *value <= 0;
                } else {
                    return false;
                }
            },
            reading.settings.at(std::string(name)));
        if (nothing) {
            std::string text(name);
            reading.refuse_value(text, text + " 应大于 0", text + " must be above 0");
        }
    }
}

/// What no type can say.
void check_words(Reading& reading) {
    const Config& config = reading.config;
    if (read_beside.evidence.checkpoint_seconds < 1) {
        reading.refuse_value("evidence.checkpoint_seconds", "evidence.checkpoint_seconds 至少为 1",
                             "evidence.checkpoint_seconds must be at least 1");
    }
    if (config.evidence_mode != "strict" && config.evidence_mode != "relaxed") {
        reading.refuse_value("evidence.mode", "evidence.mode 只能是 strict 或 relaxed",
                             "evidence.mode must be strict or relaxed");
    }
    if (config.tls_version_min != "1.2" && config.tls_version_min != "1.3") {
        reading.refuse_value("tls.version_min", "tls.version_min 只能是 1.2 或 1.3",
                             "tls.version_min must be 1.2 or 1.3");
    }
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        reading.refuse_value(config.tls_key.empty() ? "tls.certificate" : "tls.key",
                             "tls.certificate 与 tls.key 须同时给出",
                             "tls.certificate and tls.key go together");
    }
    if (!is_log_level(config.log_level)) {
        reading.refuse_value("log.level", "log.level 只能是 debug、info、warn 或 err",
                             "log.level must be debug, info, warn or err");
    }
}

void split_listen(Reading& reading) {
    const std::string& listen = reading.listen;
    std::size_t colon = listen.rfind(':');
    auto port = colon == std::string::npos ? std::nullopt : to_int(listen.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535 || colon == 0) {
        reading.refuse_value("listen", "监听地址应写成 HOST:PORT，现在是 " + listen,
                             "listen must be HOST:PORT, not " + listen);
    }
    reading.config.listen_host = listen.substr(0, colon);
    reading.config.listen_port = static_cast<std::uint16_t>(*port);
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

void read_all(const std::filesystem::path& file, Reading& reading) {
    read(YAML::Load(std::string(defaults_files[0].text)), "", reading, "");
    if (!file.empty()) {
        read_file(file, reading);
    }
    read_environment(reading);
    split_listen(reading);
    check_numbers(reading);
    check_limits(reading);
    check_words(reading);
    Config& config = reading.config;
    config.file = file;
    config.var = std::filesystem::absolute(config.var);
    if (config.web_root.empty()) {
        config.web_root = beside_program();
    }
    config.secure_cookie = config.secure_cookie || config.tls();
}

Setting describe_setting(const std::string& name, const Target& target) {
    return std::visit(
        [&name](auto* value) {
            using T = std::remove_pointer_t<decltype(value)>;
            const bool secret = is_database_address(name) || names_secret(name);
            if constexpr (std::is_same_v<T, bool>) {
                return Setting{.name = name, .value = *value ? "true" : "false", .type = "flag"};
            } else if constexpr (std::is_integral_v<T>) {
                return Setting{.name = name, .value = std::to_string(*value), .type = "number"};
            } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
                return Setting{.name = name, .value = value->string(), .type = "text"};
            } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
                return Setting{.name = name, .value = join(*value, ", "), .type = "list"};
            } else {
                return Setting{.name = name, .value = *value, .type = "text", .secret = secret};
            }
        },
        target);
}

}  // namespace

const EvidencePolicy& evidence_policy() {
    return kept.evidence;
}

const IdentityConfig& identity_config() {
    return kept.identity;
}

Config Config::load(const std::filesystem::path& file) {
    Reading reading;
    read_all(file, reading);
    std::call_once(kept_once, [] { kept = read_beside; });
    return std::move(reading.config);
}

std::vector<Setting> effective_settings(const std::filesystem::path& file) {
    Reading reading;
    read_all(file, reading);
    std::vector<Setting> settings;
    for (const auto& [name, target] : reading.settings) {
        Setting setting = describe_setting(name, target);
        const auto said = reading.said.find(name);
        setting.source = said == reading.said.end() ? "default" : said->second.source;
        setting.where = said == reading.said.end() ? "" : said->second.where;
        settings.push_back(std::move(setting));
    }
    return settings;
}

Json settings_schema() {
    Reading reading;
    Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", "pengcheng.yaml"},
                {"type", "object"},
                {"additionalProperties", false},
                {"properties", Json::object()}};
    for (const auto& [name, target] : reading.settings) {
        const Setting setting = describe_setting(name, target);
        Json* into = &schema;
        std::string_view last = name;
        for (std::size_t dot = 0; (dot = last.find('.')) != std::string_view::npos;) {
            into = &(*into)["properties"][std::string(last.substr(0, dot))];
            (*into)["type"] = "object";
            (*into)["additionalProperties"] = false;
            last.remove_prefix(dot + 1);
        }
        const char* type = setting.type == "flag"     ? "boolean"
                           : setting.type == "number" ? "integer"
                           : setting.type == "list"   ? "array"
                                                      : "string";
        (*into)["properties"][std::string(last)] = {{"type", type}};
    }
    return schema;
}

std::string Config::base_url() const {
    if (!public_url.empty()) {
        return public_url;
    }
    return (tls() ? "https://" : "http://") + listen_host + ":" + std::to_string(listen_port);
}

}  // namespace pengcheng
