#include "identity/permissions.hpp"

#include "identity/problems.hpp"

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <yaml-cpp/yaml.h>

namespace pengcheng::identity {

extern const Embedded permission_files[];
extern const std::size_t permission_file_count;

namespace {

constexpr std::string_view everybody = "public";
constexpr std::string_view signed_in = "signed_in";

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) {
    std::string text = "line " + std::to_string(mark.line + 1) + ": " + what;
    throw ProblemError(problem::broken_permissions.because(text, text));
}

bool is_permission_name(std::string_view name) {
    std::vector<std::string_view> parts = split(name, '.');
    auto is_word = [](std::string_view word) {
        return !word.empty() &&
               word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    };
    return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), is_word);
}

bool is_subject(std::string_view name) {
    const std::vector<std::string>& roles = staff_roles();
    return name == everybody || name == signed_in || name == "citizen" || name == "client" ||
           std::find(roles.begin(), roles.end(), name) != roles.end();
}

Permissions::Scope read_scope(const YAML::Node& node) {
    using enum Permissions::Scope;
    std::string text = node.as<std::string>();
    if (text == "any") {
        return any;
    }
    if (text == "own") {
        return own;
    }
    if (text == "self") {
        return self;
    }
    refuse(node.Mark(), "a scope is any, own or self, not " + text);
}

/// Deny wins wherever something is missing: a caller without an organization owns nothing, and an object
/// without one is nobody's own.
bool covers(Permissions::Scope scope, const Principal& who, bool has_object,
            const std::optional<std::string>& organization, const std::optional<std::string>& account) {
    switch (scope) {
        case Permissions::Scope::any:
            return true;
        case Permissions::Scope::own: {
            if (who.organization.empty() || !has_object) {
                return !who.organization.empty();
            }
            std::vector<std::string_view> parties = split(organization.value_or(""), ',');
            return std::find(parties.begin(), parties.end(), who.organization) != parties.end();
        }
        case Permissions::Scope::self:
            return !who.id.empty() && (!has_object || account == who.id);
    }
    return false;
}

const Permissions& built_in() {
    static const Permissions table = [] {
        if (permission_file_count != 1) {
            throw std::logic_error("config/permissions.yaml is not built in");
        }
        return Permissions::read(permission_files[0].text);
    }();
    return table;
}

}  // namespace

Permissions Permissions::read(std::string_view yaml) {
    Permissions table;
    YAML::Node root;
    try {
        root = YAML::Load(std::string(yaml));
    } catch (const YAML::Exception& error) {
        refuse(error.mark, error.msg);
    }
    for (const auto& row : root) {
        auto name = row.first.as<std::string>();
        if (!is_permission_name(name)) {
            refuse(row.first.Mark(), name + " is not area.object.verb");
        }
        if (!row.second.IsMap() || table.rows_.contains(name)) {
            refuse(row.first.Mark(), name + " must stand once, with roles and scopes");
        }
        std::vector<Grant>& grants = table.rows_[name];
        for (const auto& entry : row.second) {
            auto subject = entry.first.as<std::string>();
            if (!is_subject(subject)) {
                refuse(entry.first.Mark(), "there is no role " + subject);
            }
            if (entry.second.IsSequence()) {
                for (const auto& scope : entry.second) {
                    grants.push_back({subject, read_scope(scope)});
                }
            } else {
                grants.push_back({subject, read_scope(entry.second)});
            }
        }
    }
    return table;
}

Result<void> Permissions::decide(const Principal& who, std::string_view permission, bool has_object,
                                 const std::optional<std::string>& organization,
                                 const std::optional<std::string>& account) const {
    if (permission == everybody) {
        return {};
    }
    auto row = rows_.find(permission);
    if (row != rows_.end()) {
        for (const Grant& grant : row->second) {
            bool holds = grant.subject == everybody || (grant.subject == signed_in && !who.anonymous()) ||
                         who.has_role(grant.subject);
            if (holds && covers(grant.scope, who, has_object, organization, account)) {
                return {};
            }
        }
    }
    if (who.anonymous()) {
        return pengcheng::problem::unauthenticated.plain();
    }
    return pengcheng::problem::forbidden.because("缺少权限 " + std::string(permission),
                                                 "it takes the permission " + std::string(permission));
}

std::vector<std::string> Permissions::names() const {
    std::vector<std::string> out;
    for (const auto& [name, grants] : rows_) {
        out.push_back(name);
    }
    return out;
}

const std::vector<std::string>& staff_roles() {
    static const std::vector<std::string> roles{"data_officer",   "provider_officer", "reviewer",
                                                "window_staff",   "case_officer",     "system_admin",
                                                "security_admin", "audit_admin"};
    return roles;
}

std::vector<std::string> permissions() {
    return built_in().names();
}

Result<void> authorize(const Principal& who, std::string_view permission, bool has_object,
                       const std::optional<std::string>& organization,
                       const std::optional<std::string>& account) {
    return built_in().decide(who, permission, has_object, organization, account);
}

}  // namespace pengcheng::identity
