#include "rules/normalise.hpp"

#include "rules/code_points.hpp"

#include <array>
#include <charconv>

namespace pengcheng::rules {
namespace {

constexpr std::size_t digits_max = 200;
constexpr int exponent_max = 60;

/// A decimal as its digits and a power of ten: value = digits * 10^(-decimals), exact.
struct Decimal {
    bool negative = false;
    std::array<char, digits_max> digits{};
    std::size_t size = 0;
    int decimals = 0;
};

bool is_digit(char32_t point) {
    return point >= U'0' && point <= U'9';
}

/// Commas are forgiven only where they group by three.
bool read_digits(const ShortText& text, std::size_t& at, Decimal& out) {
    std::size_t group = 0;
    bool grouped = false;
    bool any = false;
    for (; at < text.size; ++at) {
        if (is_digit(text[at])) {
            out.digits[out.size++] = static_cast<char>(text[at]);
            ++group;
            any = true;
        } else if (text[at] == U',' && any && is_digit(text[at + 1])) {
            if (grouped ? group != 3 : group > 3) {
                return false;
            }
            grouped = true;
            group = 0;
        } else {
            break;
        }
    }
    if (grouped && group != 3) {
        return false;
    }
    if (text[at] == U'.') {
        for (++at; is_digit(text[at]); ++at) {
            out.digits[out.size++] = static_cast<char>(text[at]);
            ++out.decimals;
            any = true;
        }
    }
    return any;
}

bool read_exponent(const ShortText& text, std::size_t& at, Decimal& out) {
    if (text[at] != U'e' && text[at] != U'E') {
        return true;
    }
    ++at;
    bool negative = text[at] == U'-';
    at += text[at] == U'-' || text[at] == U'+' ? 1 : 0;
    int exponent = 0;
    std::size_t from = at;
    for (; is_digit(text[at]) && at < from + 3; ++at) {
        exponent = exponent * 10 + text.digit(at);
    }
    out.decimals += negative ? exponent : -exponent;
    return at > from && exponent <= exponent_max;
}

void read_unit(const ShortText& text, std::size_t& at, Decimal& out) {
    auto take = [&](char32_t unit, int power) {
        if (text[at] == unit) {
            ++at;
            out.decimals -= power;
        }
    };
    while (text[at] == U' ') {
        ++at;
    }
    take(U'万', 4);
    take(U'亿', 8);
    take(U'%', -2);
    take(U'元', 0);
}

void write(Decimal& value, std::string& out) {
    out.clear();
    while (value.decimals < 0) {
        value.digits[value.size++] = '0';
        ++value.decimals;
    }
    auto decimals = static_cast<std::size_t>(value.decimals);
    std::size_t whole = value.size > decimals ? value.size - decimals : 0;
    std::size_t from = 0;
    while (from < whole && value.digits[from] == '0') {
        ++from;
    }
    bool zero = true;
    for (std::size_t i = 0; i < value.size; ++i) {
        zero = zero && value.digits[i] == '0';
    }
    if (value.negative && !zero) {
        out += '-';
    }
    if (from == whole) {
        out += '0';
    } else {
        out.append(value.digits.data() + from, whole - from);
    }
    if (decimals > 0) {
        out += '.';
        out.append(decimals > value.size ? decimals - value.size : 0, '0');
        out.append(value.digits.data() + whole, value.size - whole);
    }
}

/// "-12.50" as it stands, the common case.
bool canonical(std::string_view text) {
    std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    bool negative = at > 0;
    bool zero = true;
    std::size_t from = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        zero = zero && text[at] == '0';
    }
    std::size_t whole = at - from;
    if (whole == 0 || whole > 60 || (whole > 1 && text[from] == '0')) {
        return false;
    }
    if (at == text.size()) {
        return !(negative && zero);
    }
    std::size_t point = at++;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        zero = zero && text[at] == '0';
    }
    return text[point] == '.' && at == text.size() && at > point + 1 && at - point < 60 &&
           !(negative && zero);
}

}  // namespace

bool number_text(std::string_view raw, std::string& out) {
    if (canonical(raw)) {
        out.assign(raw);
        return true;
    }
    ShortText text(raw);
    if (text.too_long) {
        return false;
    }
    Decimal value;
    std::size_t at = 0;
    value.negative = text[at] == U'-' || text[at] == U'−';
    at += value.negative || text[at] == U'+' ? 1 : 0;
    at += text[at] == U'¥' || text[at] == U'￥' || text[at] == U'$' ? 1 : 0;
    if (!read_digits(text, at, value) || !read_exponent(text, at, value)) {
        return false;
    }
    read_unit(text, at, value);
    if (at != text.size) {
        return false;
    }
    write(value, out);
    return true;
}

bool integer_text(std::string_view raw, std::string& out) {
    if (!number_text(raw, out)) {
        return false;
    }
    if (auto point = out.find('.'); point != std::string::npos) {
        if (out.find_first_not_of('0', point + 1) != std::string::npos) {
            return false;
        }
        out.resize(point);
        out = out == "-0" ? "0" : out;
    }
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(out.data(), out.data() + out.size(), value);
    return error == std::errc{} && end == out.data() + out.size();
}

}  // namespace pengcheng::rules
