#pragma once

#include "identity/tree.hpp"

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/identity/identity.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::identity {

// What a Principal's roles carry beside those of the permission file. A session that must do something first
// has one of these two instead of its roles, so that no check of a role anywhere lets it pass.
inline constexpr std::string_view password_due_role = "password_due";
inline constexpr std::string_view totp_due_role = "totp_due";
/// The security label of a caller: "grade:3" reads data up to grade 3.
inline constexpr std::string_view grade_label = "grade:";

/// What config/permissions.yaml says. Pure; immutable once read.
class Permissions {
public:
    enum class Scope { any, own, subtree, region, self };

    /// Throws ProblemError with the line for an unknown role or scope, a second row of one name, a name that
    /// is not `area.object.verb`, and a right that would mix the three administrators with each other or with
    /// business.
    static Permissions read(std::string_view yaml);

    [[nodiscard]] Result<void> decide(const Principal& who, std::string_view permission, bool has_object,
                                      const std::optional<std::string>& organization,
                                      const std::optional<std::string>& account, int grade,
                                      const OrganizationTree& tree) const;
    /// Whose objects of `permission` the caller may list.
    [[nodiscard]] Listing listing(const Principal& who, std::string_view permission,
                                  const OrganizationTree& tree) const;
    /// The highest grade that any of these roles may read; 0: none.
    [[nodiscard]] int grade_ceiling(const std::vector<std::string>& roles) const;
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Grant {
        std::string subject;
        Scope scope;
    };
    [[nodiscard]] bool holds(const Grant& grant, const Principal& who) const;

    std::map<std::string, std::vector<Grant>, std::less<>> rows_;
    std::map<std::string, int, std::less<>> grades_;
};

}  // namespace pengcheng::identity
