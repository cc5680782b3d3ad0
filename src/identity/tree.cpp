#include "identity/tree.hpp"

#include <pengcheng/db/changes.hpp>

#include <algorithm>
#include <mutex>

namespace pengcheng::identity {

namespace {

/// A ring among parents would never end otherwise.
constexpr int depth_max = 16;

constexpr db::Statement read_tree_sql{"identity.read_tree", R"sql(
    SELECT code, coalesce(parent, '') AS parent, region FROM identity.organization
)sql"};

struct Node {
    std::string code, parent, region;
};
constexpr auto describe(db::RowOf<Node>) {
    return db::columns(db::column("code", &Node::code), db::column("parent", &Node::parent),
                       db::column("region", &Node::region));
}

/// 320300 -> 3203, 320302 -> 320302: a region's code begins with that of the region it is in.
std::string_view stem(std::string_view region) {
    while (region.size() > 2 && region.ends_with("00")) {
        region.remove_suffix(2);
    }
    return region;
}

struct Known {
    std::mutex mutex;
    std::shared_ptr<const OrganizationTree> tree = std::make_shared<OrganizationTree>();
    std::uint64_t epoch = 0;
    bool read = false;
};
Known& known() {
    static Known one;
    return one;
}

}  // namespace

void OrganizationTree::add(std::string code, std::string parent, std::string region) {
    places_[std::move(code)] = {std::move(parent), std::move(region)};
}

const OrganizationTree::Place* OrganizationTree::find(std::string_view code) const {
    auto found = places_.find(std::string(code));
    return found == places_.end() ? nullptr : &found->second;
}

bool OrganizationTree::is_below(std::string_view code, std::string_view top) const {
    std::string_view at = code;
    for (int depth = 0; depth < depth_max && !at.empty(); ++depth) {
        if (at == top) {
            return true;
        }
        const Place* place = find(at);
        at = place == nullptr ? std::string_view() : std::string_view(place->parent);
    }
    return false;
}

bool OrganizationTree::in_region_of(std::string_view code, std::string_view seat) const {
    const Place* place = find(code);
    const Place* own = find(seat);
    return place != nullptr && own != nullptr && !own->region.empty() &&
           place->region.starts_with(stem(own->region));
}

std::vector<std::string> OrganizationTree::below(std::string_view top) const {
    std::vector<std::string> out;
    for (const auto& [code, place] : places_) {
        if (is_below(code, top)) {
            out.push_back(code);
        }
    }
    return out;
}

std::vector<std::string> OrganizationTree::in_region_of(std::string_view seat) const {
    std::vector<std::string> out;
    for (const auto& [code, place] : places_) {
        if (in_region_of(code, seat)) {
            out.push_back(code);
        }
    }
    return out;
}

std::shared_ptr<const OrganizationTree> organization_tree() {
    std::lock_guard lock(known().mutex);
    return known().tree;
}

asio::awaitable<void> refresh_tree(db::Pool& db) {
    std::uint64_t epoch = db::changes(db::Topic::identity);
    {
        std::lock_guard lock(known().mutex);
        if (known().read && known().epoch == epoch) {
            co_return;
        }
    }
    auto tree = std::make_shared<OrganizationTree>();
    for (Node& node : co_await db.all<Node>(read_tree_sql)) {
        tree->add(std::move(node.code), std::move(node.parent), std::move(node.region));
    }
    std::lock_guard lock(known().mutex);
    known().tree = std::move(tree);
    known().epoch = epoch;
    known().read = true;
}

PENGCHENG_STATEMENTS(read_tree_sql);

}  // namespace pengcheng::identity
