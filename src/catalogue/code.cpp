#include "catalogue/code.hpp"

#include "catalogue/problems.hpp"

#include <algorithm>
#include <map>

namespace pengcheng::catalogue {

namespace {

/// NN of 部门信息资源 by kind of organization. Institutions and vertically led bodies do government work.
std::string_view kind_number(std::string_view kind) {
    static const std::map<std::string_view, std::string_view> numbers{
        {"party", "01"},  {"congress", "02"},      {"government", "03"}, {"cppcc", "04"},
        {"court", "05"},  {"procuratorate", "06"}, {"mass", "07"},       {"utility", "08"},
        {"county", "09"}, {"institution", "03"},   {"vertical", "03"},
    };
    auto found = numbers.find(kind);
    return found == numbers.end() ? "03" : found->second;
}

}  // namespace

Result<std::string> front_of(const ResourceInput& input, std::string_view organization,
                             std::string_view organization_kind) {
    if (!input.classification.empty()) {
        return input.classification;
    }
    if (input.resource_class == "theme") {
        if (input.domain.empty()) {
            return problem::invalid.at("/classification", "主题信息资源请填写分类或数据领域",
                                       "A theme resource needs its classification or a domain");
        }
        return "2" + input.domain + "001";
    }
    if (input.resource_class == "department") {
        std::string number(organization);
        bool all_digits = !number.empty() && std::all_of(number.begin(), number.end(),
                                                         [](char c) { return c >= '0' && c <= '9'; });
        if (all_digits && number.size() <= 3) {
            number.insert(0, 3 - number.size(), '0');
            return "3" + std::string(kind_number(organization_kind)) + number;
        }
    }
    return problem::invalid.at("/classification", "请填写信息资源分类（如人口库 101001）",
                               "Give the classification (population library: 101001)");
}

std::string code_of(std::string_view front, std::int64_t sequence) {
    std::string digits = std::to_string(sequence);
    if (digits.size() < 6) {
        digits.insert(0, 6 - digits.size(), '0');
    }
    return std::string(front) + "/" + digits;
}

std::string ref_of(std::string_view code) {
    std::string ref(code);
    std::replace(ref.begin(), ref.end(), '/', '-');
    return ref;
}

}  // namespace pengcheng::catalogue
