#include "identity/account_rules.hpp"

#include "identity/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <array>
#include <numeric>

namespace pengcheng::identity {

namespace {

constexpr std::size_t password_length_min = 10;
constexpr std::size_t password_bytes_max = 128;
constexpr std::chrono::days age_max{150 * 366};

// Words that passwords are made of first, as `plain_word` leaves them: "P@ssw0rd-2026!" is "password".
constexpr auto common_words = std::to_array<std::string_view>(
    {"password", "passwd",    "passwort", "pass",       "admin",     "administrator", "administrador",
     "root",     "user",      "test",     "guest",      "welcome",   "login",         "letmein",
     "iloveyou", "woaini",    "qwerty",   "qwertyuiop", "asdfghjkl", "asdfgh",        "zxcvbnm",
     "zxcvbn",   "abc",       "abcd",     "abcde",      "abcdef",    "abcdefg",       "abcdefgh",
     "aa",       "aaa",       "a",        "q",          "qq",        "qqq",           "wang",
     "zhang",    "woshishui", "caonima",  "nihao",      "china",     "zhongguo",      "beijing",
     "shanghai", "jiangsu",   "xuzhou",   "xuzhoushi",  "pengcheng", "zhengfu",       "mima",
     "huawei",   "tencent",   "alibaba",  "monkey",     "dragon",    "football",      "superman",
     "master",   "shadow",    "sunshine", "princess",   "trustnoi",  "changeme",      "secret",
     "manager"});

// Keyboard walks and dates of love, which have no word in them.
constexpr auto common_passwords = std::to_array<std::string_view>(
    {"1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qaz@wsx3edc", "1qaz2wsx!@", "q1w2e3r4t5", "qazwsxedcrfv",
     "zaq12wsxcde3", "5201314520", "5201314521", "1314520520", "147258369a"});

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

/// 1111111111, 1234567890, abcdefghij, 0987654321.
bool is_run(std::string_view text) {
    auto follows = [](char before, char after, int step) {
        bool wraps =
            (step == 1 && before == '9' && after == '0') || (step == -1 && before == '0' && after == '9');
        return after - before == step || wraps;
    };
    for (int step : {-1, 0, 1}) {
        bool all = true;
        for (std::size_t i = 1; i < text.size() && all; ++i) {
            all = follows(text[i - 1], text[i], step);
        }
        if (all) {
            return true;
        }
    }
    return false;
}

/// Lower case with look-alikes turned back into letters, and without what people put before and after.
std::string plain_word(std::string_view password) {
    constexpr std::string_view looks = "@4031$57!";
    constexpr std::string_view means = "aaoeissti";
    auto letters_only = [](std::string text) {
        std::erase_if(text, [](char c) { return !is_lower(c); });
        return text;
    };
    std::string lower = lower_ascii(password);
    auto last = std::find_if(lower.rbegin(), lower.rend(), is_lower).base();
    auto first = std::find_if(lower.begin(), last, [&](char c) { return is_lower(c); });
    std::string word(first, last);
    for (char& c : word) {
        if (std::size_t at = looks.find(c); at != std::string_view::npos) {
            c = means[at];
        }
    }
    return letters_only(std::move(word));
}

/// What a text repeats from its beginning to its end: "pass" of "passpasspass", all of it where it repeats
/// nothing.
std::string_view period_of(std::string_view text) {
    for (std::size_t size = 1; size * 2 <= text.size(); ++size) {
        if (text.size() % size == 0 && text.substr(size) == text.substr(0, text.size() - size)) {
            return text.substr(0, size);
        }
    }
    return text;
}

/// Steps of insertion, deletion and change between two short texts.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

/// The name in it, forwards or backwards, or little else than the name.
bool is_like(std::string_view password, std::string_view username) {
    auto plain = [](std::string_view text) {
        std::string out = lower_ascii(text);
        std::erase_if(out, [](char c) { return !is_lower(c) && !is_digit(c); });
        return out;
    };
    std::string word = plain(password);
    std::string name = plain(username);
    if (name.size() < 3) {
        return false;
    }
    std::string backwards(name.rbegin(), name.rend());
    return word.find(name) != std::string::npos || word.find(backwards) != std::string::npos ||
           distance(word, name) * 3 <= std::max(word.size(), name.size());
}

bool known_province(std::string_view code) {
    constexpr std::array<std::string_view, 34> provinces{
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
        "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"};
    return code == "83" || std::find(provinces.begin(), provinces.end(), code) != provinces.end();
}

char check_character(std::string_view first17) {
    constexpr std::array<int, 17> weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += (first17[i] - '0') * weights[i];
    }
    return "10X98765432"[sum % 11];
}

}  // namespace

Result<std::string> check_username(std::string_view text) {
    std::string name = lower_ascii(trim(text));
    auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-'; };
    if (name.size() < 3 || name.size() > 32 || !is_lower(name.front()) ||
        !std::all_of(name.begin(), name.end(), allowed)) {
        return problem::bad_username.at("/username", "3 至 32 个字符，以字母开头，只用字母、数字和 _ . -",
                                        "3 to 32 characters, a letter first, then letters, digits and _ . -");
    }
    return name;
}

Result<void> check_password(std::string_view password, std::string_view username) {
    std::string lower = lower_ascii(password);
    if (utf8_length(password) < password_length_min || password.size() > password_bytes_max) {
        return problem::weak_password.at("/password", "至少 10 个字符，至多 128 字节",
                                         "at least 10 characters, at most 128 bytes");
    }
    if (is_like(password, username)) {
        return problem::weak_password.at("/password", "与用户名过于相似",
                                         "it is too much like the user name");
    }
    const std::string letters = plain_word(lower);
    std::string_view word = period_of(letters);
    bool common =
        std::all_of(lower.begin(), lower.end(), is_digit) ||
        std::find(common_words.begin(), common_words.end(), word) != common_words.end() ||
        std::find(common_passwords.begin(), common_passwords.end(), lower) != common_passwords.end();
    if (common || is_run(lower)) {
        return problem::weak_password.at("/password", "过于常见，请换一个",
                                         "it is among the first that are tried");
    }
    return {};
}

Result<std::string> check_id_number(std::string_view text, Day today) {
    std::string number(trim(text));
    auto refuse = [](std::string zh, std::string en) {
        return problem::bad_id_number.at("/id_number", std::move(zh), std::move(en));
    };
    if (!number.empty() && number.back() == 'x') {
        number.back() = 'X';
    }
    bool formed = number.size() == 18 && std::all_of(number.begin(), number.end() - 1, is_digit) &&
                  (is_digit(number.back()) || number.back() == 'X');
    if (!formed) {
        return refuse("应为 18 位，末位可为 X", "it has 18 digits, the last may be X");
    }
    if (!known_province(number.substr(0, 2))) {
        return refuse("前两位地区代码无效", "the first two digits are no region");
    }
    auto birth = parse_day(number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2));
    if (!birth || *birth > today || today - *birth > age_max) {
        return refuse("第 7 至 14 位不是有效的出生日期", "digits 7 to 14 are no date of birth");
    }
    if (check_character(number) != number.back()) {
        return refuse("校验位不符，请核对输入", "the check character does not fit; look for a slip");
    }
    return number;
}

Result<std::string> check_phone(std::string_view text) {
    std::string phone(trim(text));
    bool formed = phone.size() == 11 && std::all_of(phone.begin(), phone.end(), is_digit) &&
                  phone[0] == '1' && phone[1] >= '3';
    if (!formed) {
        return problem::bad_phone.at("/phone", "应为 11 位手机号码",
                                     "it has 11 digits and starts with 13 to 19");
    }
    return phone;
}

Result<std::vector<std::string>> normalise_roles(std::vector<std::string> roles, bool has_organization) {
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    std::size_t administrators = 0;
    for (const std::string& role : roles) {
        const std::vector<std::string>& known = staff_roles();
        if (std::find(known.begin(), known.end(), role) == known.end()) {
            return problem::unknown_role.at("/roles", role, role);
        }
        administrators += role.ends_with("_admin") ? 1U : 0U;
    }
    if (administrators > 0 && roles.size() > 1) {
        return problem::separation.at("/roles");
    }
    if (roles.size() > administrators && !has_organization) {
        return problem::needs_organization.at("/roles");
    }
    return roles;
}

Result<void> check_roles(const std::vector<std::string>& roles, const std::string& organization) {
    auto normal = normalise_roles(roles, !organization.empty());
    return normal ? Result<void>{} : Result<void>{normal.error()};
}

std::string mask_id_number(std::string_view id_number) {
    return id_number.size() == 18
               ? std::string(id_number.substr(0, 6)) + "********" + std::string(id_number.substr(14))
               : std::string(8, '*');
}

std::string mask_phone(std::string_view phone) {
    return phone.size() == 11 ? std::string(phone.substr(0, 3)) + "****" + std::string(phone.substr(7))
                              : std::string(8, '*');
}

}  // namespace pengcheng::identity
