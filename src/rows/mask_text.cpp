#include "rows/mask_text.hpp"

#include "rows/mask.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/rows/view.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace pengcheng::rows {
namespace {

using Text = std::string_view;

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool digits(Text text) {
    return std::ranges::all_of(text, digit);
}

/// Bytes of the first `count` characters.
Text head(Text value, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < value.size(); --count) {
        do {
            ++at;
        } while (at < value.size() && (static_cast<unsigned char>(value[at]) & 0xC0U) == 0x80);
    }
    return value.substr(0, at);
}

/// The first character's code point; 0 for an empty text.
char32_t code_point(Text value) {
    Text bytes = head(value, 1);
    if (bytes.empty()) {
        return 0;
    }
    constexpr std::array<unsigned, 5> bits{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t out = static_cast<unsigned char>(bytes[0]) & bits[std::min<std::size_t>(bytes.size(), 4)];
    for (char c : bytes.substr(1)) {
        out = out << 6U | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return out;
}

void stars(std::string& out, std::size_t count) {
    out.append(count, '*');
}

/// What fits no pattern shows its length only, up to eight.
void hide(Text value, std::string& out) {
    constexpr std::size_t shown_max = 8;
    stars(out, std::min(utf8_length(value), shown_max));
}

/// `before` and `after` bytes stay, `between` stars stand between them.
void keep(Text value, std::size_t before, std::size_t between, std::size_t after, std::string& out) {
    out += value.substr(0, before);
    stars(out, between);
    out += value.substr(value.size() - after);
}

bool is_han(char32_t c) {
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF) ||
           c == U'·';
}

/// Characters of a Chinese name; 0: it is none.
std::size_t name_length(Text value) {
    constexpr std::size_t least = 2;
    constexpr std::size_t most = 30;
    std::size_t count = 0;
    while (!value.empty()) {
        if (!is_han(code_point(value)) || ++count > most) {
            return 0;
        }
        value.remove_prefix(head(value, 1).size());
    }
    return count < least ? 0 : count;
}

/// The surname and, if wanted and more than one character follows it, the last character stay.
void mask_name(Text value, bool with_last, std::string& out) {
    std::size_t length = name_length(value);
    if (length == 0) {
        hide(value, out);
        return;
    }
    std::size_t surname = length > 2 && is_two_part_surname(head(value, 2)) ? 2 : 1;
    bool shows_last = with_last && length > surname + 1;
    out += head(value, surname);
    stars(out, length - surname - (shows_last ? 1 : 0));
    if (shows_last) {
        out += value.substr(head(value, length - 1).size());
    }
}

void name(Text value, std::string& out) {
    mask_name(value, true, out);
}

void name_first(Text value, std::string& out) {
    mask_name(value, false, out);
}

bool is_id_number(Text value) {
    return value.size() == 18 && digits(value.substr(0, 17)) &&
           (digit(value[17]) || value[17] == 'X' || value[17] == 'x');
}

void id_number(Text value, std::string& out) {
    is_id_number(value) ? keep(value, 6, 8, 4, out) : hide(value, out);
}

void id_strict(Text value, std::string& out) {
    is_id_number(value) ? keep(value, 1, 16, 1, out) : hide(value, out);
}

void id_old15(Text value, std::string& out) {
    value.size() == 15 && digits(value) ? keep(value, 6, 6, 3, out) : hide(value, out);
}

void passport(Text value, std::string& out) {
    bool fits = value.size() >= 7 && value.size() <= 12 &&
                std::ranges::all_of(value, [](char c) { return digit(c) || letter(c); });
    fits ? keep(value, 2, value.size() - 4, 2, out) : hide(value, out);
}

void mobile(Text value, std::string& out) {
    value.size() == 11 && value[0] == '1' && digits(value) ? keep(value, 3, 4, 4, out) : hide(value, out);
}

void bank_card(Text value, std::string& out) {
    bool fits = value.size() >= 13 && value.size() <= 19 && digits(value);
    fits ? keep(value, 6, value.size() - 10, 4, out) : hide(value, out);
}

void plate(Text value, std::string& out) {
    std::size_t length = utf8_length(value);
    Text first = head(value, 2);
    Text rest = value.substr(first.size());
    bool fits = length >= 6 && length <= 9 && letter(first.back()) && rest.find(' ') == Text::npos;
    if (!fits) {
        hide(value, out);
        return;
    }
    out += first;
    stars(out, length - 4);
    out += value.substr(head(value, length - 2).size());
}

void email(Text value, std::string& out) {
    auto at = value.find('@');
    bool fits = at != Text::npos && at > 0 && at + 1 < value.size() && value.find('@', at + 1) == Text::npos;
    if (!fits) {
        hide(value, out);
        return;
    }
    out += head(value, 1);
    stars(out, 3);
    out += value.substr(at);
}

/// Enterprises are public, those of one person (92) less so.
void credit_code(Text value, std::string& out) {
    bool fits = value.size() == 18 &&
                std::ranges::all_of(value, [](char c) { return digit(c) || (c >= 'A' && c <= 'Z'); });
    if (!fits) {
        hide(value, out);
    } else if (value.starts_with("92")) {
        keep(value, 8, 6, 4, out);
    } else {
        out += value;
    }
}

bool is_date(Text value) {
    return value.size() >= 10 && digits(value.substr(0, 4)) && value[4] == '-' &&
           digits(value.substr(5, 2)) && value[7] == '-' && digits(value.substr(8, 2));
}

void date_month(Text value, std::string& out) {
    is_date(value) ? void(out += value.substr(0, 7)) : hide(value, out);
}

void date_year(Text value, std::string& out) {
    is_date(value) ? void(out += value.substr(0, 4)) : hide(value, out);
}

/// The suffix of `suffixes` that `text` starts with.
Text starting(Text text, std::span<const Text> suffixes) {
    auto found = std::ranges::find_if(suffixes, [&](Text suffix) { return text.starts_with(suffix); });
    return found == suffixes.end() ? Text{} : *found;
}

/// Ends in `text` of a name of 1 to 8 characters, none of them `none`, and one of `suffixes` after it.
std::vector<std::size_t> region_ends(Text text, Text none, std::span<const Text> suffixes) {
    constexpr int name_max = 8;
    std::vector<std::size_t> out;
    std::size_t at = 0;
    for (int i = 0; i < name_max && at < text.size() && !text.substr(at).starts_with(none); ++i) {
        at += head(text.substr(at), 1).size();
        if (Text suffix = starting(text.substr(at), suffixes); !suffix.empty()) {
            out.push_back(at + suffix.size());
        }
    }
    return out;
}

/// Bytes up to the end of a district's name of 1 to 12 characters, its suffix with it; 0: there is none.
std::size_t district_end(Text text) {
    constexpr int name_max = 12;
    constexpr std::array<Text, 4> suffixes{"区", "县", "市", "旗"};
    std::size_t at = 0;
    for (int i = 0; i <= name_max && at < text.size(); ++i) {
        if (Text suffix = starting(text.substr(at), suffixes); !suffix.empty()) {
            return i == 0 ? 0 : at + suffix.size();
        }
        at += head(text.substr(at), 1).size();
    }
    return 0;
}

/// Bytes up to the farthest end of a district, a province and a city before it or not; 0: there is none.
std::size_t farthest_district(Text value) {
    constexpr std::array<Text, 2> provinces{"省", "自治区"};
    constexpr std::array<Text, 4> cities{"市", "自治州", "地区", "盟"};
    std::vector<std::size_t> begins = region_ends(value, "省", provinces);
    begins.push_back(0);
    std::size_t farthest = 0;
    for (std::size_t begin : begins) {
        std::vector<std::size_t> after = region_ends(value.substr(begin), "市", cities);
        after.push_back(0);
        for (std::size_t city : after) {
            std::size_t end = district_end(value.substr(begin + city));
            farthest = std::max(farthest, end == 0 ? 0 : begin + city + end);
        }
    }
    return farthest;
}

/// Bytes up to the first end of a street's or a town's name; 镇江 is a city, its 镇 no town. 0: there is
/// none.
std::size_t street_end(Text value) {
    constexpr std::array<Text, 3> suffixes{"街道", "镇", "乡"};
    for (std::size_t at = 0; at < value.size(); at += head(value.substr(at), 1).size()) {
        Text rest = value.substr(at);
        if (Text suffix = starting(rest, suffixes); !suffix.empty() && !rest.starts_with("镇江")) {
            return at + suffix.size();
        }
    }
    return 0;
}

void address_to(std::size_t end, Text value, std::string& out) {
    if (end == 0) {
        hide(value, out);
        return;
    }
    out += value.substr(0, end);
    stars(out, 4);
}

void address_district(Text value, std::string& out) {
    address_to(farthest_district(value), value, out);
}

void address(Text value, std::string& out) {
    std::size_t street = street_end(value);
    address_to(street == 0 ? farthest_district(value) : street, value, out);
}

struct Kind {
    std::string_view name;
    TextMask mask;
};
constexpr std::array kinds{
    Kind{"name", name},
    Kind{"name_first", name_first},
    Kind{"id_number", id_number},
    Kind{"id_strict", id_strict},
    Kind{"id_old15", id_old15},
    Kind{"passport", passport},
    Kind{"mobile", mobile},
    Kind{"address", address},
    Kind{"address_district", address_district},
    Kind{"bank_card", bank_card},
    Kind{"plate", plate},
    Kind{"email", email},
    Kind{"credit_code", credit_code},
    Kind{"date_month", date_month},
    Kind{"date_year", date_year},
};

}  // namespace

TextMask text_mask(std::string_view mask) {
    auto found = std::ranges::find(kinds, mask, &Kind::name);
    return found == kinds.end() ? nullptr : found->mask;
}

}  // namespace pengcheng::rows
