#include "services/case_number.hpp"

#include <cassert>

namespace pengcheng::services {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t number_length = 24;
constexpr int serial_max = 999'999;

}  // namespace

char check_character(std::string_view text) {
    std::size_t p = 36;
    for (char c : text) {
        const auto index = alphabet.find(c);
        if (index == std::string_view::npos) {
            return '\0';
        }
        p = (p + index) % 36;
        p = (p == 0 ? 36 : p) * 2 % 37;
    }
    return alphabet[(37 - p) % 36];
}

std::string case_number(std::string_view region, Day day, std::string_view organization, int serial) {
    assert(region.size() == 6 && organization.size() == 3 && serial > 0 && serial <= serial_max);
    std::string number{region};
    for (char c : to_text(day)) {
        if (c != '-') {
            number += c;
        }
    }
    number += organization;
    std::string digits = std::to_string(serial);
    number.append(6 - digits.size(), '0');
    number += digits;
    number += check_character(number);
    return number;
}

bool is_case_number(std::string_view text) {
    if (text.size() != number_length) {
        return false;
    }
    const std::string_view body = text.substr(0, number_length - 1);
    const bool digits = body.find_first_not_of("0123456789") == std::string_view::npos;
    return digits && check_character(body) == text.back();
}

}  // namespace pengcheng::services
