#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pengcheng::identity {

namespace asio = boost::asio;

/// Who is under whom, and where: what `subtree` and `region` of the permission file mean. Immutable.
class OrganizationTree {
public:
    void add(std::string code, std::string parent, std::string region);

    /// Whether `code` is `top` or under it.
    [[nodiscard]] bool is_below(std::string_view code, std::string_view top) const;
    /// Whether `code` lies in the region of `seat` or in a region inside it: the city's bodies reach every
    /// county, a county's reach the county.
    [[nodiscard]] bool in_region_of(std::string_view code, std::string_view seat) const;
    [[nodiscard]] std::vector<std::string> below(std::string_view top) const;
    [[nodiscard]] std::vector<std::string> in_region_of(std::string_view seat) const;

private:
    struct Place {
        std::string parent, region;
    };
    [[nodiscard]] const Place* find(std::string_view code) const;
    std::unordered_map<std::string, Place> places_;
};

/// The tree as this process last read it; never null. Before the first refresh it is empty: deny.
std::shared_ptr<const OrganizationTree> organization_tree();
/// Reads it again where something changed. authenticate() calls it before a caller is let in.
asio::awaitable<void> refresh_tree(db::Pool& db);

}  // namespace pengcheng::identity
