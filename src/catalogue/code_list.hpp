#pragma once

#include <pengcheng/catalogue/resource.hpp>

namespace pengcheng::catalogue {

struct CodeListBrief {
    std::string code;
    std::string name;
    long value_count = 0;
};

asio::awaitable<std::vector<CodeListBrief>> code_lists(db::Pool& db);

}  // namespace pengcheng::catalogue
