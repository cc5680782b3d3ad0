#include <pengcheng/rules/identifiers.hpp>

#include "rules/code_points.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace pengcheng::rules {
namespace {

constexpr std::array<int, 17> id_weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::array<int, 17> credit_weights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr std::array<int, 8> organization_weights{3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::string_view credit_alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<int, 14> xuzhou_districts{0, 1, 2, 3, 5, 11, 12, 21, 22, 24, 71, 81, 82, 91};

bool known_province(int code) {
    return (code >= 11 && code <= 15) || (code >= 21 && code <= 23) || (code >= 31 && code <= 37) ||
           (code >= 41 && code <= 46) || (code >= 50 && code <= 54) || (code >= 61 && code <= 65) ||
           code == 71 || (code >= 81 && code <= 83);
}

/// Only Xuzhou's own table of districts is known here; elsewhere no code is called abolished.
bool abolished(const ShortText& text) {
    if (text.number(0, 4) != 3203) {
        return false;
    }
    int district = text.number(4, 2);
    return district != 92 && std::ranges::find(xuzhou_districts, district) == xuzhou_districts.end();
}

std::optional<Day> day_of(int year, int month, int day) {
    std::chrono::year_month_day date{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}};
    return date.ok() ? std::optional<Day>(std::chrono::sys_days(date)) : std::nullopt;
}

char id_check(const ShortText& text) {
    int sum = 0;
    for (std::size_t i = 0; i < id_weights.size(); ++i) {
        sum += text.digit(i) * id_weights[i];
    }
    return "10X98765432"[sum % 11];
}

constexpr auto credit_values = [] {
    std::array<std::int8_t, 'Z' + 1> out{};
    out.fill(-1);
    for (std::size_t i = 0; i < credit_alphabet.size(); ++i) {
        out[static_cast<unsigned char>(credit_alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return out;
}();

int credit_value(char32_t point) {
    return point < credit_values.size() ? credit_values[point] : -1;
}

/// The check character that eight characters of an organization code ask for; 0 when one is outside 0-9A-Z.
char organization_check(const ShortText& text, std::size_t from) {
    int sum = 0;
    for (std::size_t i = 0; i < organization_weights.size(); ++i) {
        char32_t point = text[from + i];
        int value = point >= U'0' && point <= U'9'   ? static_cast<int>(point - U'0')
                    : point >= U'A' && point <= U'Z' ? static_cast<int>(point - U'A') + 10
                                                     : -1;
        if (value < 0) {
            return 0;
        }
        sum += value * organization_weights[i];
    }
    int check = 11 - sum % 11;
    return check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
}

constexpr std::u32string_view provinces = U"京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

bool is_digit(char32_t point) {
    return point >= U'0' && point <= U'9';
}
bool is_letter(char32_t point) {
    return point >= U'A' && point <= U'Z';
}
bool is_plate_letter(char32_t point) {
    return is_letter(point) && point != U'I' && point != U'O';
}
bool is_plate_character(char32_t point) {
    return is_digit(point) || is_plate_letter(point);
}
bool is_energy_letter(char32_t point) {
    return point >= U'A' && point <= U'K' && point != U'I';
}
bool is_province(char32_t point) {
    return provinces.find(point) != std::u32string_view::npos;
}

template <class Predicate>
bool all_of(const ShortText& text, std::size_t from, std::size_t count, Predicate fits) {
    for (std::size_t i = from; i < from + count; ++i) {
        if (!fits(text[i])) {
            return false;
        }
    }
    return true;
}

/// Seven characters after a province: ordinary, trailer, learner, police, Hong Kong and Macao.
bool plate_of_seven(const ShortText& text) {
    if (!is_province(text[0]) || !is_plate_letter(text[1])) {
        return false;
    }
    char32_t last = text[6];
    if (last == U'港' || last == U'澳') {
        return text[0] == U'粤' && text[1] == U'Z' && all_of(text, 2, 4, is_plate_character);
    }
    if (last == U'挂' || last == U'学' || last == U'警') {
        return all_of(text, 2, 4, is_plate_character);
    }
    if (last == U'领') {
        return text.digits(2, 4);
    }
    int letters = 0;
    for (std::size_t i = 2; i < 7; ++i) {
        letters += is_letter(text[i]) ? 1 : 0;
    }
    return letters <= 2 && all_of(text, 2, 5, is_plate_character);
}

bool plate_of_eight(const ShortText& text) {
    if (!is_province(text[0])) {
        return false;
    }
    if (text[6] == U'应' && text[7] == U'急') {
        return (text[1] == U'X' || text[1] == U'S') && all_of(text, 2, 4, is_plate_character);
    }
    if (!is_plate_letter(text[1])) {
        return false;
    }
    if (text[7] == U'领') {
        return text.digits(2, 5);
    }
    bool small = is_energy_letter(text[2]) && is_plate_character(text[3]) && text.digits(4, 4);
    bool large = text.digits(2, 5) && is_energy_letter(text[7]);
    return small || large;
}

bool plate_of_forces(const ShortText& text) {
    auto armed = [](char32_t point) { return is_digit(point) || is_letter(point); };
    if (text[0] == U'W' && text[1] == U'J') {
        std::size_t from = is_province(text[2]) ? 3 : 2;
        std::size_t rest = text.size - from;
        if (text.size > from && (rest == 5 || rest == 6) && all_of(text, from, rest, armed)) {
            return true;
        }
    }
    return text.size == 7 && is_letter(text[0]) && is_letter(text[1]) && text.digits(2, 5);
}

Verdict judged(const ShortText& text) {
    return {Fault::none, text.turned ? Warning::normalised : Warning::none};
}

}  // namespace

Verdict check_id_number(std::string_view raw, Day today) {
    ShortText text(raw);
    if (text.size == 15 && !text.too_long && text.digits(0, 15)) {
        return {Fault::former};
    }
    if (text.size != 18 || text.too_long) {
        return {Fault::length};
    }
    if (text.points[17] == U'x') {
        text.points[17] = U'X';
        text.turned = true;
    }
    if (!text.digits(0, 17) || text[0] == U'0' || !(is_digit(text[17]) || text[17] == U'X')) {
        return {Fault::form};
    }
    auto birth = day_of(text.number(6, 4), text.number(10, 2), text.number(12, 2));
    if (!birth || text.number(6, 4) < 1800 || *birth > today || *birth < today - std::chrono::days(54787)) {
        return {Fault::date};  // 150 years of 365.2425 days
    }
    bool foreign = text[0] == U'9';  // permanent residence card, province of acceptance after the 9
    if (!known_province(foreign ? text.number(1, 2) : text.number(0, 2))) {
        return {Fault::region};
    }
    if (static_cast<char32_t>(id_check(text)) != text[17]) {
        return {Fault::check};
    }
    if (abolished(text)) {
        return {Fault::none, Warning::abolished_region};
    }
    return judged(text);
}

Verdict check_credit_code(std::string_view raw) {
    ShortText text(raw);
    if (text.size == 15 && !text.too_long && text.digits(0, 15)) {
        return {Fault::former};
    }
    if (text.size != 18 || text.too_long) {
        return {Fault::length};
    }
    bool authority =
        (text[0] >= U'1' && text[0] <= U'9') || text[0] == U'A' || text[0] == U'N' || text[0] == U'Y';
    if (!authority || !text.digits(2, 6)) {
        return {Fault::form};
    }
    int sum = 0;
    for (std::size_t i = 0; i < 18; ++i) {
        int value = credit_value(text[i]);
        if (value < 0) {
            return {Fault::form};
        }
        sum += i < 17 ? value * credit_weights[i] : 0;
    }
    if (credit_value(text[17]) != (31 - sum % 31) % 31) {
        return {Fault::check};
    }
    if (static_cast<char32_t>(organization_check(text, 8)) != text[16]) {
        return {Fault::none, Warning::inner_check};
    }
    return judged(text);
}

Verdict check_organization_code(std::string_view raw) {
    ShortText text(raw);
    if (text.size == 10 && text[8] == U'-') {
        text.points[8] = text.points[9];
        text.size = 9;
        text.turned = true;
    }
    if (text.size != 9 || text.too_long) {
        return {Fault::length};
    }
    char check = organization_check(text, 0);
    if (check == 0) {
        return {Fault::form};
    }
    return static_cast<char32_t>(check) == text[8] ? judged(text) : Verdict{Fault::check};
}

Verdict check_mobile(std::string_view raw) {
    ShortText text(raw);
    text.remove_if([](char32_t point) { return point == U' ' || point == U'-'; });
    std::size_t from = 0;
    if (text[0] == U'+' && text[1] == U'8' && text[2] == U'6') {
        from = 3;
    } else if (text.size == 15 && text[0] == U'0' && text[1] == U'0' && text[2] == U'8' && text[3] == U'6') {
        from = 4;
    } else if (text.size == 13 && text[0] == U'8' && text[1] == U'6') {
        from = 2;
    }
    if (text.size - from != 11 || text.too_long) {
        return {Fault::length};
    }
    if (!text.digits(from, 11) || text[from] != U'1' || text[from + 1] < U'3') {
        return {Fault::form};
    }
    int range = text.number(from, 3);
    if (range == 162 || range == 165 || range == 167 || range == 170 || range == 171) {
        return {Fault::none, Warning::resale};
    }
    return {Fault::none, text.turned || from > 0 ? Warning::normalised : Warning::none};
}

Verdict check_landline(std::string_view raw) {
    ShortText text(raw);
    if (text[0] != U'0' || text.too_long) {
        return {Fault::form};
    }
    bool large_city = text[1] == U'2' || (text[1] == U'1' && text[2] == U'0');
    std::size_t area = large_city ? 3 : 4;
    std::size_t at = area;
    if (!text.digits(0, area)) {
        return {Fault::form};
    }
    at += text[at] == U'-' ? 1 : 0;
    std::size_t from = at;
    while (is_digit(text[at])) {
        ++at;
    }
    std::size_t digits = at - from;
    if (digits != 8 && (large_city || digits != 7)) {
        return {Fault::length};
    }
    if (text[from] < U'2') {
        return {Fault::form};
    }
    if (at == text.size) {
        return judged(text);
    }
    std::size_t extension = text.size - at - 1;
    bool fits = text[at] == U'-' && extension >= 1 && extension <= 6 && text.digits(at + 1, extension);
    return fits ? judged(text) : Verdict{Fault::form};
}

Verdict check_phone(std::string_view raw) {
    if (Verdict mobile = check_mobile(raw); mobile.ok()) {
        return mobile;
    }
    if (Verdict landline = check_landline(raw); landline.ok()) {
        return landline;
    }
    ShortText text(raw);
    text.remove_if([](char32_t point) { return point == U'-'; });
    if (text.too_long || !text.digits(0, text.size)) {
        return {Fault::form};
    }
    bool service = (text.size == 5 && (text.number(0, 2) == 12 || text.number(0, 2) == 95)) ||
                   ((text.size == 5 || text.size == 6) && text.number(0, 2) == 96) ||
                   (text.size == 10 && (text.number(0, 3) == 400 || text.number(0, 3) == 800));
    return service ? judged(text) : Verdict{Fault::length};
}

Verdict check_plate(std::string_view raw) {
    ShortText text(raw);
    text.remove_if(
        [](char32_t point) { return point == U' ' || point == U'-' || point == U'·' || point == U'•'; });
    for (std::size_t i = 0; i < text.size; ++i) {
        if (text.points[i] >= U'a' && text.points[i] <= U'z') {
            text.points[i] -= 32;
        }
    }
    if (text.size < 6 || text.size > 9 || text.too_long) {
        return {Fault::length};
    }
    bool embassy = text.size == 7 && text.digits(0, 6) && text[6] == U'使';
    bool consulate = text.size == 6 && is_province(text[0]) && text.digits(1, 4) && text[5] == U'领';
    bool fits = embassy || consulate || (text.size == 7 && plate_of_seven(text)) ||
                (text.size == 8 && plate_of_eight(text)) || plate_of_forces(text);
    return fits ? judged(text) : Verdict{Fault::form};
}

Verdict check_bank_card(std::string_view raw) {
    ShortText text(raw);
    text.remove_if([](char32_t point) { return point == U' ' || point == U'-'; });
    if (text.size < 13 || text.size > 19 || text.too_long) {
        return {Fault::length};
    }
    if (!text.digits(0, text.size)) {
        return {Fault::form};
    }
    int sum = 0;
    for (std::size_t i = 0; i < text.size; ++i) {
        int digit = text.digit(text.size - 1 - i);
        sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
    }
    return sum % 10 == 0 ? judged(text) : Verdict{Fault::check};
}

Verdict check_email(std::string_view text) {
    auto at = text.find('@');
    if (text.size() > 254 || at == 0 || at == std::string_view::npos || at > 64) {
        return {Fault::form};
    }
    auto domain = text.substr(at + 1);
    auto dot = domain.rfind('.');
    bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
    bool labels = std::ranges::all_of(domain, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '.';
    });
    bool shape = dot != std::string_view::npos && dot > 0 && domain.size() - dot > 2 && domain[0] != '.' &&
                 domain.find("..") == std::string_view::npos;
    return plain && labels && shape ? Verdict{} : Verdict{Fault::form};
}

Verdict check_region(std::string_view raw) {
    ShortText text(raw);
    if ((text.size != 6 && text.size != 9 && text.size != 12) || text.too_long) {
        return {Fault::length};
    }
    if (!text.digits(0, text.size)) {
        return {Fault::form};
    }
    if (!known_province(text.number(0, 2))) {
        return {Fault::region};
    }
    return abolished(text) ? Verdict{Fault::none, Warning::abolished_region} : judged(text);
}

Verdict check_person_name(std::string_view raw) {
    std::size_t at = 0;
    std::size_t length = 0;
    while (at < raw.size()) {
        char32_t point = half_width(next_code_point(raw, at));
        bool punctuation = point < 0x80 && !is_blank(point) && point != U'.' && point != U'\'' &&
                           point != U'-' && !(point >= U'a' && point <= U'z') && !is_letter(point);
        if (punctuation || point == 0xFFFD) {
            return {Fault::form};
        }
        ++length;
    }
    return length >= 2 && length <= 50 ? Verdict{} : Verdict{Fault::length};
}

std::optional<Day> id_birth(std::string_view id_number) {
    ShortText text(id_number);
    if (text.size != 18 || !text.digits(0, 17) || text[0] == U'0') {
        return std::nullopt;
    }
    auto last = static_cast<char32_t>(id_check(text));
    if (text[17] != last && !(last == U'X' && text[17] == U'x')) {
        return std::nullopt;
    }
    return day_of(text.number(6, 4), text.number(10, 2), text.number(12, 2));
}

std::optional<char> id_sex(std::string_view id_number) {
    if (!id_birth(id_number)) {
        return std::nullopt;
    }
    ShortText text(id_number);
    return text.digit(16) % 2 == 1 ? '1' : '2';
}

std::optional<std::string> id_from_15(std::string_view old) {
    ShortText text(old);
    if (text.size != 15 || text.too_long || !text.digits(0, 15) ||
        !day_of(1900 + text.number(6, 2), text.number(8, 2), text.number(10, 2))) {
        return std::nullopt;
    }
    std::string full;
    for (std::size_t i = 0; i < 15; ++i) {
        full += i == 6 ? "19" : "";
        full += static_cast<char>(text[i]);
    }
    full += id_check_character(full);
    return full;
}

char id_check_character(std::string_view seventeen) {
    ShortText text(seventeen);
    return text.size == 17 && text.digits(0, 17) ? id_check(text) : '\0';
}

char credit_check_character(std::string_view seventeen) {
    ShortText text(seventeen);
    if (text.size != 17) {
        return '\0';
    }
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) {
        int value = credit_value(text[i]);
        if (value < 0) {
            return '\0';
        }
        sum += value * credit_weights[i];
    }
    return credit_alphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

}  // namespace pengcheng::rules
