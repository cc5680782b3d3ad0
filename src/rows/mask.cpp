#include "rows/mask.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/rows/view.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::rows {
namespace {

constexpr std::string_view surnames =
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|"
    "太叔|申屠|"
    "公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|令狐|呼延|百里|东郭|西门|轩辕";
constexpr std::string_view han_name = R"('^[\u3400-\u4DBF\u4E00-\u9FFF\U00020000-\U0003FFFF·]{2,30}$')";

struct Mask {
    std::string_view kind;
    std::string_view bounds;  ///< after the colon
};

Mask split_mask(std::string_view mask) {
    auto colon = mask.find(':');
    return {mask.substr(0, colon),
            colon == std::string_view::npos ? std::string_view{} : mask.substr(colon + 1)};
}

/// Puts the value's text for each `{v}` of a template.
std::string fill(std::string form, std::string_view value) {
    constexpr std::string_view place = "{v}";
    for (auto at = form.find(place); at != std::string::npos; at = form.find(place, at + value.size())) {
        form.replace(at, place.size(), value);
    }
    return form;
}

/// `CASE WHEN value fits THEN masked ... ELSE all stars`; NULL stays NULL.
std::string guarded(std::string_view branches, std::string_view value) {
    return fill("(CASE WHEN {v} IS NULL THEN NULL " + std::string(branches) +
                    " ELSE repeat('*', least(length({v}), 8)) END)",
                value);
}

std::string keep(std::string_view pattern, int head, std::string_view stars, int tail,
                 std::string_view value) {
    return guarded("WHEN {v} ~ '" + std::string(pattern) + "' THEN left({v}, " + std::to_string(head) +
                       ") || " + std::string(stars) + " || right({v}, " + std::to_string(tail) + ")",
                   value);
}

std::string name(std::string_view value) {
    std::string two =
        "WHEN {v} ~ '^(" + std::string(surnames) + ")' AND length({v}) > 2 THEN left({v}, 2) || ";
    return guarded(
        "WHEN {v} !~ " + std::string(han_name) + " THEN repeat('*', least(length({v}), 8)) " + two +
            "CASE WHEN length({v}) = 3 THEN '*' ELSE repeat('*', length({v}) - 3) || right({v}, 1) END"
            " WHEN length({v}) = 2 THEN left({v}, 1) || '*'"
            " WHEN length({v}) > 2 THEN left({v}, 1) || repeat('*', length({v}) - 2) || right({v}, 1)",
        value);
}

std::string name_first(std::string_view value) {
    return guarded("WHEN {v} !~ " + std::string(han_name) + " THEN repeat('*', least(length({v}), 8))" +
                       " WHEN {v} ~ '^(" + std::string(surnames) +
                       ")' AND length({v}) > 2 THEN left({v}, 2) || repeat('*', length({v}) - 2)"
                       " WHEN length({v}) > 1 THEN left({v}, 1) || repeat('*', length({v}) - 1)",
                   value);
}

std::string address_district_sql() {
    return R"(substring({v} from '^((?:[^省]{1,8}(?:省|自治区))?(?:[^市]{1,8}(?:市|自治州|地区|盟))?)"
           R"([^区县市旗]{1,12}[区县市旗])'))";
}

std::string address(std::string_view value, bool street) {
    // 镇江 is a city, its 镇 no town.
    std::string town = "substring({v} from '^(.*?(?:街道|镇(?!江)|乡))')";
    std::string district = address_district_sql();
    std::string branches = street ? "WHEN " + town + " IS NOT NULL THEN " + town + " || '****' " : "";
    return guarded(branches + "WHEN " + district + " IS NOT NULL THEN " + district + " || '****'", value);
}

std::string band_of_age(std::string_view bounds, std::string_view value) {
    std::string width = bounds == "10" ? "10" : "5";
    return guarded("WHEN {v} ~ '^[0-9]{1,3}$' THEN ({v}::int / " + width + " * " + width +
                       ") || '-' || ({v}::int / " + width + " * " + width + " + " + width + " - 1)",
                   value);
}

std::string band_of_number(std::string_view bounds, std::string_view value) {
    auto parts = split(bounds.empty() ? "0,1000,5000,10000,50000,100000,500000,1000000" : bounds, ',');
    std::string ladder = "CASE WHEN {v}::numeric < " + std::string(parts.front()) + " THEN '<" +
                         std::string(parts.front()) + "'";
    for (std::size_t i = 1; i < parts.size(); ++i) {
        ladder += " WHEN {v}::numeric < " + std::string(parts[i]) + " THEN '" + std::string(parts[i - 1]) +
                  "-" + std::string(parts[i]) + "'";
    }
    ladder += " ELSE '≥" + std::string(parts.back()) + "' END";
    return guarded(R"(WHEN {v} ~ '^-?[0-9]{1,30}(\.[0-9]{1,30})?$' THEN )" + ladder, value);
}

std::string geo(std::string_view value) {
    constexpr std::string_view number = R"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)";
    std::string one = "'^" + std::string(number) + "$'";
    std::string two = "'^" + std::string(number) + ", ?" + std::string(number) + "$'";
    return fill("(CASE WHEN {v} ~ " + one + " THEN round({v}::numeric, 3)::text WHEN {v} ~ " + two +
                    " THEN round(split_part({v}, ',', 1)::numeric, 3) || ', ' ||"
                    " round(trim(split_part({v}, ',', 2))::numeric, 3) END)",
                value);
}

std::string ip(std::string_view value) {
    constexpr std::string_view hex = "[0-9A-Fa-f]{1,4}";
    std::string three = std::string(hex) + ":" + std::string(hex) + ":" + std::string(hex);
    std::string two = std::string(hex) + ":" + std::string(hex);
    // 48 bits: three groups, or fewer before a `::` that stands for zeros.
    auto branch = [](const std::string& head, std::string_view colons) {
        std::string after(colons);
        return "WHEN {v} ~ '^" + head + after + "[0-9A-Fa-f:.]*$' THEN regexp_replace({v}, '^(" + head + ")" +
               after + R"(.*$', '\1::'))";
    };
    return guarded(R"(WHEN {v} ~ '^[0-9]{1,3}(\.[0-9]{1,3}){3}$' THEN regexp_replace({v}, '[0-9]+$', '0') )" +
                       branch(three, ":") + " " + branch(two, "::") + " " + branch(std::string(hex), "::"),
                   value);
}

std::string pseudonym(std::string_view value, const KeyPads& pads) {
    std::string digest = "sha256(" + pads.outer + " || sha256(" + pads.inner + " || convert_to(" +
                         std::string(value) + ", 'UTF8')))";
    return "(CASE WHEN " + std::string(value) +
           " IS NULL THEN NULL ELSE (SELECT string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',"
           " 1 + substring(bits from 5 * place + 1 for 5)::bit(5)::int, 1), '' ORDER BY place)"
           " FROM generate_series(0, 25) AS place, (SELECT ('x' || encode(" +
           digest + ", 'hex'))::bit(256) AS bits) AS mac) END)";
}

std::string date_part(int length, std::string_view value) {
    return guarded("WHEN {v} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN left({v}, " + std::to_string(length) + ")",
                   value);
}

bool numbers_rising(std::string_view bounds) {
    auto parts = split(bounds, ',');
    double last = -1e300;
    for (std::string_view part : parts) {
        bool plain = !part.empty() && part.size() < 20 &&
                     part.find_first_not_of("0123456789.-") == std::string_view::npos;
        auto value = plain ? to_double(part) : std::nullopt;
        if (!value || *value <= last) {
            return false;
        }
        last = *value;
    }
    return parts.size() <= 50;
}

/// As many stars as stand between what is kept.
std::string_view between(int kept) {
    return kept == 4 ? "repeat('*', length({v}) - 4)" : "repeat('*', length({v}) - 10)";
}

std::string landline(std::string_view value) {
    constexpr std::string_view area = "^(010|02[0-9]|0[3-9][0-9]{2})";
    return guarded("WHEN {v} ~ '" + std::string(area) +
                       "-?[2-9][0-9]{6,7}(-[0-9]+)?$' THEN regexp_replace({v}, '" + std::string(area) +
                       R"((-?)[0-9]{3,4}([0-9]{4})(-[0-9]+)?$', '\1\2****\3'))",
                   value);
}

/// One kind of mask: bounds after the colon, value as SQL text -> masked value as SQL text.
struct Kind {
    std::string_view name;
    std::string (*sql)(std::string_view bounds, std::string_view value);
};
using Text = std::string_view;

constexpr std::array kinds{
    Kind{"name", [](Text, Text v) { return name(v); }},
    Kind{"name_first", [](Text, Text v) { return name_first(v); }},
    Kind{"name_foreign",
         [](Text, Text v) {
             return guarded(
                 "WHEN {v} ~ '^[A-Za-z][A-Za-z .''-]*$' THEN"
                 R"( regexp_replace({v}, '([A-Za-z])[A-Za-z]*', '\1***', 'g'))",
                 v);
         }},
    Kind{"id_number", [](Text, Text v) { return keep("^[0-9]{17}[0-9Xx]$", 6, "'********'", 4, v); }},
    Kind{"id_strict", [](Text, Text v) { return keep("^[0-9]{17}[0-9Xx]$", 1, "repeat('*', 16)", 1, v); }},
    Kind{"id_old15", [](Text, Text v) { return keep("^[0-9]{15}$", 6, "'******'", 3, v); }},
    Kind{"passport", [](Text, Text v) { return keep("^[A-Za-z0-9]{7,12}$", 2, between(4), 2, v); }},
    Kind{"mobile", [](Text, Text v) { return keep("^1[0-9]{10}$", 3, "'****'", 4, v); }},
    Kind{"landline", [](Text, Text v) { return landline(v); }},
    Kind{"address", [](Text, Text v) { return address(v, true); }},
    Kind{"address_district", [](Text, Text v) { return address(v, false); }},
    Kind{"bank_card", [](Text, Text v) { return keep("^[0-9]{13,19}$", 6, between(10), 4, v); }},
    Kind{"plate", [](Text, Text v) { return keep("^.[A-Za-z][^ ]{4,7}$", 2, between(4), 2, v); }},
    Kind{"email",
         [](Text, Text v) {
             return guarded(
                 "WHEN {v} ~ '^[^@]+@[^@]+$' THEN left({v}, 1) || '***' ||"
                 " substring({v} from position('@' in {v}))",
                 v);
         }},
    Kind{"credit_code",
         [](Text, Text v) {
             return guarded(
                 "WHEN {v} ~ '^92[0-9A-Z]{16}$' THEN left({v}, 8) || '******' || right({v}, 4)"
                 " WHEN {v} ~ '^[0-9A-Z]{18}$' THEN {v}",
                 v);  // enterprises are public
         }},
    Kind{"date_month", [](Text, Text v) { return date_part(7, v); }},
    Kind{"date_year", [](Text, Text v) { return date_part(4, v); }},
    Kind{"age_band", [](Text bounds, Text v) { return band_of_age(bounds, v); }},
    Kind{"number_band", [](Text bounds, Text v) { return band_of_number(bounds, v); }},
    Kind{"geo", [](Text, Text v) { return geo(v); }},
    Kind{"ip", [](Text, Text v) { return ip(v); }},
};

}  // namespace

std::string mask_expression(std::string_view mask, std::string_view expression, const KeyPads& pads) {
    auto [kind, bounds] = split_mask(mask);
    std::string value = "((" + std::string(expression) + ")::text)";
    if (kind == "pseudonym" && !pads.inner.empty()) {
        return pseudonym(value, pads);
    }
    auto found = std::ranges::find(kinds, kind, &Kind::name);
    bool known = found != kinds.end() && is_mask(mask);  // bounds become SQL: numbers only
    return known ? found->sql(bounds, value) : "NULL::text";
}

bool is_two_part_surname(std::string_view characters) {
    return surnames.find(characters) != surnames.npos;  // a bar stands between any two of them
}

std::string key_pad(std::string_view key, bool inner) {
    constexpr std::size_t block_bytes = 64;
    std::string block = key.size() > block_bytes ? crypto::sha256(key) : std::string(key);
    block.resize(block_bytes, '\0');
    for (char& byte : block) {
        byte = static_cast<char>(byte ^ (inner ? 0x36 : 0x5c));
    }
    return "\\x" + to_hex(block);
}

std::vector<std::string> mask_kinds() {
    std::vector<std::string> out;
    for (const Kind& kind : kinds) {
        out.emplace_back(kind.name);
    }
    out.emplace_back("pseudonym");
    out.emplace_back("hide");
    return out;
}

bool is_mask(std::string_view mask) {
    auto [kind, bounds] = split_mask(mask);
    if (kind == "pseudonym" || kind == "hide") {
        return bounds.empty();
    }
    if (std::ranges::find(kinds, kind, &Kind::name) == kinds.end()) {
        return false;
    }
    if (kind == "age_band") {
        return bounds.empty() || bounds == "5" || bounds == "10";
    }
    return bounds.empty() || (kind == "number_band" && numbers_rising(bounds));
}

std::string mask_sql(std::string_view mask, std::string_view expression) {
    return mask_expression(mask, expression, {});
}

}  // namespace pengcheng::rows
