#include <pengcheng/base/principal.hpp>

namespace pengcheng {

Principal Principal::system(std::string_view part) {
    Principal out;
    out.kind = Kind::system;
    out.name = "system:" + std::string(part);
    out.display_name = "系统";
    out.roles = {"system"};
    return out;
}

}  // namespace pengcheng
