#include <pengcheng/db/conninfo.hpp>

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/value.hpp>

#include <libpq-fe.h>

#include <memory>

namespace pengcheng::db {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options parse(const std::string& url, std::string& error) {
    char* message = nullptr;
    Options options(PQconninfoParse(url.c_str(), &message), PQconninfoFree);
    if (message != nullptr) {
        error = message;
        PQfreemem(message);
    }
    return options;
}

void replace(std::string& text, const std::string& what) {
    const std::size_t at = text.rfind(what);
    if (!what.empty() && at != std::string::npos) {
        text.replace(at, what.size(), "***");
    }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> connection_environment(const std::string& url) {
    std::string error;
    const Options options = parse(url, error);
    if (!options) {
        throw Error("08001", error);
    }
    std::vector<std::pair<std::string, std::string>> environment;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && option->envvar != nullptr) {
            environment.emplace_back(option->envvar, option->val);
        }
    }
    return environment;
}

std::string with_session_name(const std::string& url, const std::string& name) {
    if (url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return url + (url.find('?') == std::string::npos ? "?" : "&") + "application_name=" + name;
    }
    return url + " application_name=" + name;
}

std::string password_of(std::string_view url) {
    std::string error;
    const Options options = parse(std::string(url), error);
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        if (std::string_view(option->keyword) == "password" && option->val != nullptr) {
            return option->val;
        }
    }
    return "";
}

std::string without_password(std::string_view url) {
    std::string shown(url);
    const std::string password = password_of(url);
    // In a URI it may stand percent-encoded.
    replace(shown, shown.find(password) != std::string::npos ? password : percent_encode(password));
    return shown;
}

}  // namespace pengcheng::db
