#include "rules/normalise.hpp"

#include "rules/code_points.hpp"

#include <chrono>
#include <cstdio>
#include <optional>

namespace pengcheng::rules {
namespace {

constexpr int year_min = 1000;
constexpr int year_max = 2999;

struct Stamp {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0;
    std::string fraction;  ///< digits after the decimal point
    std::string offset;    ///< "+08:00" form; empty: the city's
    bool timed = false;
};

/// A digit run or Chinese numeral: its value and how many characters wrote it.
struct Number {
    int value = 0;
    std::size_t width = 0;
    bool chinese = false;
};

int chinese_digit(char32_t point) {
    constexpr std::u32string_view digits = U"〇一二三四五六七八九";
    if (point == U'零' || point == U'○' || point == U'O' || point == U'o' || point == U'Ｏ') {
        return 0;
    }
    auto at = digits.find(point);
    return at == std::u32string_view::npos ? -1 : static_cast<int>(at);
}

int tens_word(char32_t point) {
    return point == U'十' ? 10 : point == U'廿' ? 20 : point == U'卅' ? 30 : 0;
}

class Reader {
public:
    explicit Reader(std::string_view raw) : text_(raw) {}

    [[nodiscard]] bool too_long() const { return text_.too_long; }
    [[nodiscard]] bool at_end() const { return at_ >= text_.size; }
    [[nodiscard]] char32_t peek() const { return text_[at_]; }
    void blanks() {
        while (text_[at_] == U' ') {
            ++at_;
        }
    }
    bool take(char32_t point) {
        if (at_end() || text_[at_] != point) {
            return false;
        }
        ++at_;
        return true;
    }
    bool take(std::u32string_view word) {
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (text_[at_ + i] != word[i]) {
                return false;
            }
        }
        at_ += word.size();
        return true;
    }
    /// At most `width_max` digits, so that 20240506 can be cut.
    std::optional<Number> digits(std::size_t width_max) {
        Number out;
        while (out.width < width_max && text_[at_] >= U'0' && text_[at_] <= U'9') {
            out.value = out.value * 10 + text_.digit(at_++);
            ++out.width;
        }
        return out.width > 0 ? std::optional(out) : std::nullopt;
    }
    std::optional<Number> number() {
        if (auto plain = digits(4)) {
            return plain;
        }
        Number out{.chinese = true};
        bool worded = false;
        for (; !at_end(); ++at_, ++out.width) {
            int digit = chinese_digit(text_[at_]);
            int tens = tens_word(text_[at_]);
            if (digit < 0 && tens == 0) {
                break;
            }
            if (tens > 0) {
                if (worded || (tens > 10 && out.width > 0) || out.value > 9) {
                    return std::nullopt;
                }
                out.value = tens == 10 && out.width > 0 ? out.value * 10 : tens;
                worded = true;
            } else if (out.width >= 4) {
                return std::nullopt;
            } else {
                out.value = worded ? out.value + digit : out.value * 10 + digit;
            }
        }
        return out.width > 0 ? std::optional(out) : std::nullopt;
    }
    [[nodiscard]] std::size_t digit_run() const {
        std::size_t run = 0;
        while (text_[at_ + run] >= U'0' && text_[at_ + run] <= U'9') {
            ++run;
        }
        return run;
    }
    std::string fraction() {
        std::string out;
        while (text_[at_] >= U'0' && text_[at_] <= U'9') {
            out += static_cast<char>(text_[at_++]);
        }
        return out;
    }

private:
    ShortText text_;
    std::size_t at_ = 0;
};

bool assign(std::optional<Number> number, std::size_t width_max, int& into) {
    if (!number || number->width > width_max) {
        return false;
    }
    into = number->value;
    return true;
}

bool read_compact(Reader& in, Stamp& out, std::size_t run) {
    if (run != 8 && run != 12 && run != 14) {
        return false;
    }
    out.year = in.digits(4)->value;
    out.month = in.digits(2)->value;
    out.day = in.digits(2)->value;
    if (run > 8) {
        out.timed = true;
        out.hour = in.digits(2)->value;
        out.minute = in.digits(2)->value;
        out.second = run == 14 ? in.digits(2)->value : 0;
    }
    return true;
}

bool read_date(Reader& in, Stamp& out) {
    bool republic = in.take(U"民国");
    if (!republic && in.digit_run() > 4) {
        return read_compact(in, out, in.digit_run());
    }
    auto year = in.number();
    in.blanks();
    if (!year || (!republic && year->width != 4)) {
        return false;
    }
    out.year = republic ? year->value + 1911 : year->value;
    char32_t separator = in.peek();
    if (in.take(U'年')) {
        in.blanks();
        if (!assign(in.number(), 2, out.month) || (in.blanks(), !in.take(U'月'))) {
            return false;
        }
        in.blanks();
        if (!assign(in.number(), 3, out.day)) {
            return false;
        }
        in.blanks();
        return in.take(U'日') || in.take(U'号') || in.take(U'號') || in.at_end();
    }
    bool known = separator == U'-' || separator == U'/' || separator == U'.';
    return !republic && !year->chinese && known && in.take(separator) && assign(in.digits(2), 2, out.month) &&
           in.take(separator) && assign(in.digits(2), 2, out.day);
}

bool read_offset(Reader& in, Stamp& out) {
    if (in.take(U'Z')) {
        out.offset = "+00:00";
        return true;
    }
    char32_t sign = in.peek();
    if (sign != U'+' && sign != U'-') {
        return true;
    }
    in.take(sign);
    auto hours = in.digits(2);
    bool colon = in.take(U':');
    auto minutes = in.digits(2);
    if (!hours || hours->width != 2 || hours->value > 15 || (colon && !minutes) ||
        (minutes && (minutes->width != 2 || minutes->value > 59))) {
        return false;
    }
    char text[8];
    std::snprintf(text, sizeof text, "%c%02d:%02d", static_cast<char>(sign), hours->value,
                  minutes ? minutes->value : 0);
    out.offset = text;
    return true;
}

/// 12 上午 is midnight, 12 下午 noon; a 24-hour figure keeps itself.
bool half_day(Reader& in, bool& morning) {
    morning = in.take(U"上午") || in.take(U"凌晨") || in.take(U"早上") || in.take(U"AM");
    if (morning) {
        return true;
    }
    return in.take(U"下午") || in.take(U"晚上") || in.take(U"中午") || in.take(U"PM");
}

bool read_time(Reader& in, Stamp& out) {
    in.take(U'T');
    in.blanks();
    bool morning = false;
    bool halved = half_day(in, morning);
    in.blanks();
    if (!assign(in.number(), 3, out.hour)) {
        return false;
    }
    out.timed = true;
    if (in.take(U'时') || in.take(U'點') || in.take(U'点')) {
        if (!in.at_end() && (!assign(in.number(), 3, out.minute) || !in.take(U'分'))) {
            return false;
        }
        if (!in.at_end() && (!assign(in.number(), 3, out.second) || !in.take(U'秒'))) {
            return false;
        }
    } else if (in.take(U':')) {
        if (!assign(in.digits(2), 2, out.minute) || (in.take(U':') && !assign(in.digits(2), 2, out.second))) {
            return false;
        }
        if (in.take(U'.')) {
            out.fraction = in.fraction();
        }
    } else {
        return false;
    }
    in.blanks();
    bool late_morning = false;
    if (!halved && half_day(in, late_morning)) {
        halved = true;
        morning = late_morning;
    }
    if (halved && out.hour <= 12) {
        out.hour = out.hour % 12 + (morning ? 0 : 12);
    }
    return read_offset(in, out);
}

bool real(const Stamp& stamp) {
    using namespace std::chrono;
    year_month_day date{year{stamp.year}, month{static_cast<unsigned>(stamp.month)},
                        day{static_cast<unsigned>(stamp.day)}};
    return date.ok() && stamp.year >= year_min && stamp.year <= year_max && stamp.hour < 24 &&
           stamp.minute < 60 && stamp.second < 60 && stamp.fraction.size() <= 9;
}

std::optional<Stamp> read_stamp(std::string_view raw) {
    Reader in(raw);
    Stamp out;
    if (in.too_long() || !read_date(in, out)) {
        return std::nullopt;
    }
    in.blanks();
    if (!in.at_end() && (out.timed || !read_time(in, out))) {
        return std::nullopt;
    }
    in.blanks();
    return in.at_end() && real(out) ? std::optional(std::move(out)) : std::nullopt;
}

void write_date(const Stamp& stamp, std::string& out) {
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", stamp.year, stamp.month, stamp.day);
    out = text;
}

/// "2024-05-06" as it stands, the common case; the day itself is checked too.
bool canonical_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return false;
    }
    int parts[3] = {};
    constexpr std::size_t from[] = {0, 5, 8, 11};
    for (std::size_t part = 0; part < 3; ++part) {
        for (std::size_t i = from[part]; i + 1 < from[part + 1]; ++i) {
            if (text[i] < '0' || text[i] > '9') {
                return false;
            }
            parts[part] = parts[part] * 10 + (text[i] - '0');
        }
    }
    return real({.year = parts[0], .month = parts[1], .day = parts[2]});
}

}  // namespace

bool date_text(std::string_view raw, std::string& out) {
    if (canonical_date(raw)) {
        out.assign(raw);
        return true;
    }
    auto stamp = read_stamp(raw);
    bool midnight = stamp && stamp->hour == 0 && stamp->minute == 0 && stamp->second == 0;
    if (!midnight || stamp->fraction.find_first_not_of('0') != std::string::npos || !stamp->offset.empty()) {
        return false;
    }
    write_date(*stamp, out);
    return true;
}

bool time_text(std::string_view raw, std::string& out) {
    auto stamp = read_stamp(raw);
    if (!stamp) {
        return false;
    }
    write_date(*stamp, out);
    char text[16];
    std::snprintf(text, sizeof text, " %02d:%02d:%02d", stamp->hour, stamp->minute, stamp->second);
    out += text;
    if (!stamp->fraction.empty()) {
        out += '.';
        out.append(stamp->fraction, 0, 6);
    }
    out += stamp->offset.empty() ? "+08:00" : stamp->offset;
    return true;
}

}  // namespace pengcheng::rules
