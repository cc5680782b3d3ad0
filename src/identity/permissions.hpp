#pragma once

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::identity {

/// What config/permissions.yaml says. Pure; immutable once read.
class Permissions {
public:
    enum class Scope { any, own, self };

    /// Throws ProblemError with the line for an unknown role or scope, a second row of one name, or a name
    /// that is not `area.object.verb`.
    static Permissions read(std::string_view yaml);

    [[nodiscard]] Result<void> decide(const Principal& who, std::string_view permission, bool has_object,
                                      const std::optional<std::string>& organization,
                                      const std::optional<std::string>& account) const;
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Grant {
        std::string subject;
        Scope scope;
    };
    std::map<std::string, std::vector<Grant>, std::less<>> rows_;
};

}  // namespace pengcheng::identity
