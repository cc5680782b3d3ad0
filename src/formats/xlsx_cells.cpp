#include "formats/xlsx_cells.hpp"

#include <pengcheng/base/text.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace pengcheng::formats {

namespace {

NumberLook look(bool has_date, bool has_time) {
    using enum NumberLook::Kind;
    return {has_date && has_time ? date_time : has_date ? date : has_time ? time : number};
}

std::string pad(long value, int width) {
    std::string out = std::to_string(value);
    return out.size() < static_cast<std::size_t>(width)
               ? std::string(static_cast<std::size_t>(width) - out.size(), '0') + out
               : out;
}

std::string date_text(std::int64_t serial, bool epoch_1904) {
    if (!epoch_1904 && serial == 60) {
        return "1900-02-29";  // A day that only Excel knows; the date check will refuse it.
    }
    using namespace std::chrono;
    sys_days epoch = epoch_1904    ? sys_days{year{1904} / 1 / 1}
                     : serial < 60 ? sys_days{year{1899} / 12 / 31}
                                   : sys_days{year{1899} / 12 / 30};
    year_month_day day{epoch + days{serial}};
    return pad(static_cast<int>(day.year()), 4) + "-" + pad(static_cast<unsigned>(day.month()), 2) + "-" +
           pad(static_cast<unsigned>(day.day()), 2);
}

std::string plain_number(std::string_view text, double value) {
    // Excel shows fifteen digits; the stored text may hold seventeen (3.1400000000000001).
    std::array<char, 64> out;
    std::snprintf(out.data(), out.size(), "%.15g", value);
    std::string shown(out.data());
    if (shown.find('e') == std::string::npos) {
        return shown;
    }
    if (value == std::floor(value) && std::abs(value) < 1e21) {
        std::snprintf(out.data(), out.size(), "%.0f", value);
        return out.data();
    }
    return std::string(text);
}

}  // namespace

NumberLook look_of_builtin(int id) {
    bool has_date = (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
                    (id >= 50 && id <= 54) || id == 57 || id == 58;
    bool has_time =
        (id >= 18 && id <= 22) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 || id == 56;
    return look(has_date, has_time);
}

NumberLook look_of_code(std::string_view code) {
    code = code.substr(0, code.find(';'));
    bool has_date = false;
    bool has_time = false;
    bool has_m = false;
    bool only_zeros = !code.empty();
    for (std::size_t i = 0; i < code.size(); ++i) {
        char c = code[i];
        only_zeros = only_zeros && c == '0';
        if (c == '"') {
            std::size_t end = code.find('"', i + 1);
            i = end == std::string_view::npos ? code.size() : end;
        } else if (c == '\\' || c == '_' || c == '*') {
            ++i;
        } else if (c == '[') {
            std::size_t end = code.find(']', i);
            std::string inner =
                lower_ascii(code.substr(i + 1, end == std::string_view::npos ? 0 : end - i - 1));
            has_time = has_time || (!inner.empty() && inner.find_first_not_of("hms") == std::string::npos);
            i = end == std::string_view::npos ? code.size() : end;
        } else {
            char lower = static_cast<char>(c | 0x20);
            has_date = has_date || lower == 'y' || lower == 'd' || c == 'e';
            has_time = has_time || lower == 'h' || lower == 's';
            has_m = has_m || lower == 'm';
        }
    }
    if (only_zeros && code.size() > 1) {
        return {NumberLook::Kind::padded, static_cast<int>(std::min<std::size_t>(code.size(), 64))};
    }
    if (lower_ascii(code).find("general") != std::string::npos) {
        return {};
    }
    return look(has_date || (has_m && !has_time), has_time);
}

std::string number_text(std::string_view text, NumberLook look, bool epoch_1904) {
    using enum NumberLook::Kind;
    auto value = to_double(text);
    if (!value || !std::isfinite(*value)) {
        return std::string(text);
    }
    if (look.kind == number) {
        return plain_number(text, *value);
    }
    if (look.kind == padded) {
        bool whole = *value >= 0 && *value == std::floor(*value) && *value < 1e15;
        return whole ? pad(static_cast<long>(*value), look.digits) : plain_number(text, *value);
    }
    if (*value < 0 || *value > 2958466) {
        return plain_number(text, *value);
    }
    auto days = static_cast<std::int64_t>(std::floor(*value));
    auto seconds = std::llround((*value - static_cast<double>(days)) * 86400);
    if (seconds == 86400) {
        seconds = 0;
        ++days;
    }
    std::string clock = pad(seconds / 3600, 2) + ":" + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2);
    if (look.kind == time && days == 0) {
        return clock;
    }
    std::string day = date_text(days, epoch_1904);
    return look.kind == date && seconds == 0 ? day : day + " " + clock;
}

int column_of(std::string_view reference) {
    int column = 0;
    std::size_t letters = 0;
    while (letters < reference.size() && reference[letters] >= 'A' && reference[letters] <= 'Z') {
        column = column * 26 + (reference[letters] - 'A' + 1);
        if (++letters > 3) {
            return -1;
        }
    }
    return letters == 0 ? -1 : column - 1;
}

std::string unescape_excel(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned unit = 0;
        bool escape = text[i] == '_' && i + 6 < text.size() && text[i + 1] == 'x' && text[i + 6] == '_';
        if (escape) {
            auto [end, error] = std::from_chars(text.data() + i + 2, text.data() + i + 6, unit, 16);
            escape = error == std::errc{} && end == text.data() + i + 6 && unit < 0x80;
        }
        if (escape) {
            out.push_back(static_cast<char>(unit));
            i += 6;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

}  // namespace pengcheng::formats
