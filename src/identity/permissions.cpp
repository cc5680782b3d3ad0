#include "identity/permissions.hpp"

#include "identity/problems.hpp"

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <yaml-cpp/yaml.h>

#include <array>

namespace pengcheng::identity {

extern const Embedded permission_files[];
extern const std::size_t permission_file_count;

namespace {

constexpr std::string_view everybody = "public";
constexpr std::string_view signed_in = "signed_in";
constexpr std::string_view pending = "pending";
constexpr std::string_view grade_row = "grade_ceiling";

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
    return name == everybody || name == signed_in || name == pending || name == "citizen" ||
           name == "client" || std::find(roles.begin(), roles.end(), name) != roles.end();
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
    if (text == "subtree") {
        return subtree;
    }
    if (text == "region") {
        return region;
    }
    if (text == "self") {
        return self;
    }
    refuse(node.Mark(), "a scope is any, own, subtree, region or self, not " + text);
}

bool is_administrator(std::string_view role) {
    return role == "system_admin" || role == "security_admin" || role == "audit_admin";
}

/// 三员分立 of the file itself: whoever edits it cannot mix the administrators with each other or with
/// business.
void check_separation(const YAML::Mark& mark, std::string_view permission,
                      const std::vector<std::string>& subjects) {
    constexpr std::array<std::string_view, 6> business{"catalogue", "ingest", "quality",
                                                       "exchange",  "portal", "services"};
    std::string_view area = permission.substr(0, permission.find('.'));
    std::string_view verb = permission.substr(permission.rfind('.') + 1);
    bool looks_only = verb == "list" || verb == "view";
    int administrators = 0;
    for (const std::string& subject : subjects) {
        if (!is_administrator(subject)) {
            continue;
        }
        ++administrators;
        bool is_business = std::find(business.begin(), business.end(), area) != business.end();
        bool auditor = subject == "audit_admin";
        bool of_audit = area == "audit";
        if (is_business || (of_audit && !auditor) || (auditor && !of_audit && !looks_only)) {
            refuse(mark, subject + " may not hold " + std::string(permission) + ": the roles stay apart");
        }
    }
    if (administrators > 1 && !looks_only) {
        refuse(mark, std::string(permission) + " belongs to one of the three administrators only");
    }
}

/// Organizations that a scope covers for this caller; `any` and `self` name none.
std::vector<std::string> organizations_of(Permissions::Scope scope, const Principal& who,
                                          const OrganizationTree& tree) {
    std::vector<std::string> out;
    if (who.organization.empty()) {
        return out;
    }
    if (scope == Permissions::Scope::subtree) {
        out = tree.below(who.organization);
    } else if (scope == Permissions::Scope::region) {
        out = tree.in_region_of(who.organization);
    }
    if (scope == Permissions::Scope::own || scope == Permissions::Scope::subtree) {
        out.push_back(who.organization);
    }
    return out;
}

/// Deny wins wherever something is missing: a caller without an organization owns nothing, and an object
/// without one is nobody's own.
bool covers(Permissions::Scope scope, const Principal& who, bool has_object,
            const std::optional<std::string>& organization, const std::optional<std::string>& account,
            const OrganizationTree& tree) {
    if (scope == Permissions::Scope::any) {
        return true;
    }
    if (scope == Permissions::Scope::self) {
        return !who.id.empty() && (!has_object || account == who.id);
    }
    if (who.organization.empty() || !has_object) {
        return !who.organization.empty();
    }
    const std::string parties = organization.value_or("");  // split() only points into it
    for (std::string_view party : split(parties, ',')) {
        if ((scope == Permissions::Scope::own && party == who.organization) ||
            (scope == Permissions::Scope::subtree && tree.is_below(party, who.organization)) ||
            (scope == Permissions::Scope::region && tree.in_region_of(party, who.organization))) {
            return true;
        }
    }
    return false;
}

int read_grade(const YAML::Node& node) {
    auto grade = to_int(node.as<std::string>());
    if (!grade || *grade < 0 || *grade > 4) {
        refuse(node.Mark(), "a grade ceiling is 0 to 4");
    }
    return static_cast<int>(*grade);
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
        if (name == grade_row && row.second.IsMap()) {
            for (const auto& entry : row.second) {
                auto role = entry.first.as<std::string>();
                if (!is_subject(role)) {
                    refuse(entry.first.Mark(), "there is no role " + role);
                }
                table.grades_[role] = read_grade(entry.second);
            }
            continue;
        }
        if (!is_permission_name(name)) {
            refuse(row.first.Mark(), name + " is not area.object.verb");
        }
        if (!row.second.IsMap() || table.rows_.contains(name)) {
            refuse(row.first.Mark(), name + " must stand once, with roles and scopes");
        }
        std::vector<Grant>& grants = table.rows_[name];
        std::vector<std::string> subjects;
        for (const auto& entry : row.second) {
            auto subject = entry.first.as<std::string>();
            if (!is_subject(subject)) {
                refuse(entry.first.Mark(), "there is no role " + subject);
            }
            subjects.push_back(subject);
            if (entry.second.IsSequence()) {
                for (const auto& scope : entry.second) {
                    grants.push_back({subject, read_scope(scope)});
                }
            } else {
                grants.push_back({subject, read_scope(entry.second)});
            }
        }
        check_separation(row.first.Mark(), name, subjects);
    }
    return table;
}

bool Permissions::holds(const Grant& grant, const Principal& who) const {
    if (grant.subject == everybody) {
        return true;
    }
    if (who.anonymous()) {
        return false;
    }
    if (grant.subject == pending) {
        return true;
    }
    return grant.subject == signed_in ? pending_of(who).empty() : who.has_role(grant.subject);
}

Result<void> Permissions::decide(const Principal& who, std::string_view permission, bool has_object,
                                 const std::optional<std::string>& organization,
                                 const std::optional<std::string>& account, int grade,
                                 const OrganizationTree& tree) const {
    if (permission == everybody) {
        return {};
    }
    auto row = rows_.find(permission);
    if (row != rows_.end()) {
        for (const Grant& grant : row->second) {
            if (!holds(grant, who) || !covers(grant.scope, who, has_object, organization, account, tree)) {
                continue;
            }
            int highest = grade > 0 ? readable_grade(who) : 0;
            if (grade > highest) {
                std::string is = std::to_string(grade);
                std::string may = std::to_string(highest);
                return problem::grade_too_high.because(
                    "数据为 " + is + " 级，您最高可读 " + may + " 级",
                    "it is of grade " + is + ", you may read up to " + may);
            }
            return {};
        }
    }
    if (who.anonymous()) {
        return pengcheng::problem::unauthenticated.plain();
    }
    if (std::string_view due = pending_of(who); !due.empty()) {
        return (due == "password" ? problem::password_due : problem::totp_due).plain();
    }
    return pengcheng::problem::forbidden.because("缺少权限 " + std::string(permission),
                                                 "it takes the permission " + std::string(permission));
}

Listing Permissions::listing(const Principal& who, std::string_view permission,
                             const OrganizationTree& tree) const {
    Listing out;
    if (auto row = rows_.find(permission); row != rows_.end()) {
        for (const Grant& grant : row->second) {
            if (!holds(grant, who)) {
                continue;
            }
            out.every = out.every || grant.scope == Scope::any;
            out.self = out.self || grant.scope == Scope::self;
            for (std::string& code : organizations_of(grant.scope, who, tree)) {
                out.organizations.push_back(std::move(code));
            }
        }
    }
    std::sort(out.organizations.begin(), out.organizations.end());
    out.organizations.erase(std::unique(out.organizations.begin(), out.organizations.end()),
                            out.organizations.end());
    return out;
}

int Permissions::grade_ceiling(const std::vector<std::string>& roles) const {
    int highest = 0;
    for (const std::string& role : roles) {
        auto found = grades_.find(role);
        highest = std::max(highest, found == grades_.end() ? 0 : found->second);
    }
    return highest;
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
                       const std::optional<std::string>& account, int grade) {
    return built_in().decide(who, permission, has_object, organization, account, grade, *organization_tree());
}

Listing listing(const Principal& who, std::string_view permission) {
    return built_in().listing(who, permission, *organization_tree());
}

int grade_ceiling(const std::vector<std::string>& roles) {
    return built_in().grade_ceiling(roles);
}

std::string_view pending_of(const Principal& who) {
    for (const std::string& role : who.roles) {
        if (role == password_due_role) {
            return "password";
        }
        if (role == totp_due_role) {
            return "totp";
        }
    }
    return {};
}

int readable_grade(const Principal& who) {
    for (const std::string& role : who.roles) {
        if (role.starts_with(grade_label) && role.size() == grade_label.size() + 1) {
            return role.back() - '0';
        }
    }
    bool server = who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
    return server ? 4 : 0;
}

}  // namespace pengcheng::identity
