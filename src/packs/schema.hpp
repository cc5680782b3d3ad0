#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/packs/packs.hpp>

namespace pengcheng::packs {

/// What is wrong with the shape of a whole file of `kind`, pointers from its root.
std::vector<FieldError> check_shape(std::string_view kind, const Json& file);

struct Remedy {
    std::string zh;
    std::string en;
};
/// What to do about a fault at `pointer`, from what the schema says there.
Remedy remedy_for(std::string_view kind, const std::string& pointer, const std::string& code);

}  // namespace pengcheng::packs
