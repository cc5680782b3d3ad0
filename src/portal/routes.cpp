#include <pengcheng/portal/routes.hpp>

#include "portal/route_tables.hpp"

#include <iterator>

namespace pengcheng::portal {

http::Routes routes() {
    http::Routes all = proposal_routes();
    for (auto table : {dataset_routes, page_routes}) {
        auto more = table();
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return all;
}

}  // namespace pengcheng::portal
