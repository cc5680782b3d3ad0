#pragma once

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/portal/proposal.hpp>
#include <pengcheng/store/table.hpp>

#include <optional>
#include <vector>

namespace pengcheng::portal {

/// What the release check looks at, gathered beforehand so that the rules stay pure.
struct Release {
    const Proposal& proposal;
    const Principal& signer;
    std::optional<catalogue::Resource> resource;  ///< the published edition
    bool mounted = false;
    std::optional<double> score;  ///< of the newest finished quality run
};

std::vector<Check> release_checks(const Release& release);

/// Why an item may not stand open under `mask`; nothing when it may. Read again at each delivery, because an
/// entry's grades may rise after its data set was published.
struct Refusal {
    std::string code;  ///< grade | personal | open_type
    std::string zh, en;
};
std::vector<Refusal> refusals_of(const catalogue::Item& item, const catalogue::Resource& resource,
                                 std::string_view open_type, std::string_view mask);

/// 0 unconditional, 1 conditional, 2 denied.
int strictness(std::string_view open_type);

}  // namespace pengcheng::portal
