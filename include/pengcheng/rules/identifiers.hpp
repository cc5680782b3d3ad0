#pragma once

#include <pengcheng/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Checks of Chinese identifiers (facts of the national standards: GB 11643, GB 32100, GA 36 and kin).
/// Pure, no allocation; `text` is the cell as it stands: blanks around it and full-width digits are
/// forgiven with a warning where the standard form is unmistakable.
namespace pengcheng::rules {

enum class Fault : std::uint8_t {
    none,
    length,  ///< not 18 (17, 9, ...) characters
    form,    ///< characters or positions that the form does not have
    date,    ///< no such day, in the future, or over 150 years ago
    region,  ///< unknown province prefix
    check,   ///< check character does not agree
    former,  ///< a form of old papers (15-digit ID, 15-digit licence): keep as its own type
};

/// Not faults, but worth telling.
enum class Warning : std::uint8_t {
    none,
    normalised,        ///< valid only after full-width or lower-case letters were turned
    abolished_region,  ///< a county code that is not in force today
    inner_check,       ///< the organization code inside a credit code breaks its own check
    resale,            ///< number range of a resale operator (170, 171, 162, 165, 167)
};

struct Verdict {
    Fault fault = Fault::none;
    Warning warning = Warning::none;
    [[nodiscard]] bool ok() const { return fault == Fault::none; }
    bool operator==(const Verdict&) const = default;
};

/// `today` bounds the birth date from above.
Verdict check_id_number(std::string_view text, Day today);
Verdict check_credit_code(std::string_view text);
Verdict check_organization_code(std::string_view text);  ///< GB 11714, 9 characters, hyphen forgiven
Verdict check_mobile(std::string_view text);
Verdict check_landline(std::string_view text);
Verdict check_phone(std::string_view text);  ///< mobile, landline or service number
Verdict check_plate(std::string_view text);
Verdict check_bank_card(std::string_view text);
Verdict check_email(std::string_view text);
Verdict check_region(std::string_view text);       ///< 6 digits of a known province (towns: 9, villages: 12)
Verdict check_person_name(std::string_view text);  ///< 2 to 50 characters, no digits, no brackets

/// What a valid 18-character ID number says; nothing where the form is not that of a valid number.
std::optional<Day> id_birth(std::string_view id_number);
/// '1' male, '2' female (GB/T 2261.1).
std::optional<char> id_sex(std::string_view id_number);
/// 15-digit old form -> 18 characters with its check character.
std::optional<std::string> id_from_15(std::string_view old);
/// The check character of 17 digits; 0 when they are not digits.
char id_check_character(std::string_view seventeen);
/// The check character of 17 characters of a credit code; 0 when one is outside the alphabet.
char credit_check_character(std::string_view seventeen);

/// Short code of a fault ("check", "date", ...), and what to tell people.
std::string_view fault_code(Fault fault);
std::string_view fault_zh(Fault fault);
std::string_view fault_en(Fault fault);
std::string_view warning_code(Warning warning);

}  // namespace pengcheng::rules
