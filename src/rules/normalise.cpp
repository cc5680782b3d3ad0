#include "rules/normalise.hpp"

#include "rules/code_points.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/rules/check.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace pengcheng::rules {
namespace {

constexpr std::array<std::string_view, 14> empty_words{"-",    "--",   "—",    "——",   "/",   "\\",  "无",
                                                       "暂无", "null", "NULL", "Null", "N/A", "n/a", "#N/A"};
constexpr std::array<std::string_view, 5> open_ends{"长期", "至今", "永久", "长期有效", "无固定期限"};

std::string_view without_blanks(std::string_view text) {
    auto wide = [](std::string_view at) { return at.starts_with("　") || at.starts_with("\uFEFF"); };
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) <= ' ') {
            text.remove_prefix(1);
        } else if (wide(text)) {
            text.remove_prefix(3);
        } else {
            break;
        }
    }
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.back()) <= ' ') {
            text.remove_suffix(1);
        } else if (text.ends_with("　")) {
            text.remove_suffix(3);
        } else {
            break;
        }
    }
    return text;
}

char letter(std::string_view type) {
    return type.empty() ? 'C' : type.front();
}

}  // namespace

namespace {

/// Whether the first character alone shows that the cell says something: what nearly every cell is. Bytes E3
/// and EF begin the wide blank and the byte order mark.
bool plainly_filled(char kind, std::string_view text) {
    auto first = static_cast<unsigned char>(text.empty() ? ' ' : text.front());
    bool text_kind = kind == 'C' || kind == 'M' || kind == 'G';
    return text_kind ? first > ' ' && first != 0xE3 && first != 0xEF : first >= '0' && first <= '9';
}

}  // namespace

bool is_empty(std::string_view type, std::string_view text) {
    if (plainly_filled(letter(type), text)) {
        return false;
    }
    text = without_blanks(text);
    if (text.empty()) {
        return true;
    }
    char kind = letter(type);
    if (kind == 'C' || kind == 'M' || kind == 'G' || text.size() > 18) {
        return false;
    }
    bool word = std::ranges::find(empty_words, text) != empty_words.end();
    if (kind == 'L') {
        return word && text != "无";
    }
    bool open = (kind == 'D' || kind == 'T') && std::ranges::find(open_ends, text) != open_ends.end();
    return word || open;
}

bool logical_text(std::string_view raw, std::string& out) {
    constexpr std::array<std::string_view, 14> yes{"t",  "true", "1",  "y", "yes", "on", "是",
                                                   "有", "真",   "对", "√", "已",  "１", "TRUE"};
    constexpr std::array<std::string_view, 14> no{"f",  "false", "0",  "n", "no", "off", "否",
                                                  "无", "假",    "错", "×", "未", "０",  "FALSE"};
    auto text = without_blanks(raw);
    if (text.size() > 8) {
        return false;
    }
    std::string word = lower_ascii(text);
    bool truth = std::ranges::find(yes, word) != yes.end();
    if (!truth && std::ranges::find(no, word) == no.end()) {
        return false;
    }
    out = truth ? "t" : "f";
    return true;
}

bool to_pg_text(std::string_view type, std::string_view text, std::string& out) {
    switch (letter(type)) {
        case 'N':
        case 'Y':
        case 'B':
        case 'F':
            return number_text(text, out);
        case 'I':
            return integer_text(text, out);
        case 'D':
            return date_text(text, out);
        case 'T':
            return time_text(text, out);
        case 'L':
            return logical_text(text, out);
        default:
            break;
    }
    if (text.find('\0') != std::string_view::npos) {
        return false;  // PostgreSQL's text has no place for it
    }
    out.assign(text);
    return true;
}

std::optional<std::string> to_pg_text(std::string_view type, std::string_view text) {
    std::string out;
    return to_pg_text(type, text, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> excel_serial(std::string_view text, bool epoch_1904) {
    constexpr std::int64_t serial_max = 200000;  // the year 2447
    auto days = to_int(trim(text));
    if (!days || *days < 1 || *days > serial_max) {
        return std::nullopt;
    }
    using namespace std::chrono;
    sys_days epoch = epoch_1904 ? sys_days(year{1904} / 1 / 1) : sys_days(year{1899} / 12 / 30);
    return to_text(Day(epoch + std::chrono::days(*days)));
}

std::string_view type_reason_zh(std::string_view type) {
    switch (letter(type)) {
        case 'N':
        case 'Y':
            return "不是数字";
        case 'B':
        case 'F':
            return "不是数字";
        case 'I':
            return "不是整数";
        case 'D':
            return "不是明确的日期（如 2024-05-06）";
        case 'T':
            return "不是明确的日期时间（如 2024-05-06 08:09:10）";
        case 'L':
            return "不是是/否";
        default:
            return "含有不能保存的字符";
    }
}

std::string_view type_reason_en(std::string_view type) {
    switch (letter(type)) {
        case 'N':
        case 'Y':
        case 'B':
        case 'F':
            return "is not a number";
        case 'I':
            return "is not a whole number";
        case 'D':
            return "is not an unambiguous date (like 2024-05-06)";
        case 'T':
            return "is not an unambiguous date and time (like 2024-05-06 08:09:10)";
        case 'L':
            return "is neither yes nor no";
        default:
            return "holds a character that cannot be stored";
    }
}

}  // namespace pengcheng::rules
