#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::catalogue {

/// Text as search compares it: NFKC, case folded, without white space. Both sides go through it.
std::string search_form(std::string_view text);

/// What an index holds for `form`: each letter or digit alone, and each two that stand side by side.
/// Chinese has no spaces and PostgreSQL no dictionary for it, so any part of a word finds itself this way.
std::vector<std::string> grams_of(std::string_view form);

/// A query taken apart. A text matches when every term stands somewhere in it.
struct SearchTerms {
    std::string phrase;              ///< the whole query in search form; ranks what has it in one piece
    std::vector<std::string> terms;  ///< split at spaces, then at ICU's word breaks
    std::vector<std::string> grams;  ///< every match's index holds all of them
    [[nodiscard]] bool empty() const { return terms.empty(); }
};

/// At most 100 characters and 16 terms of `query` count.
SearchTerms search_terms(std::string_view query);

/// First letters of the Hanyu pinyin of `name`: 企业登记 -> qydj. Other letters and digits stay.
std::string pinyin_initials(std::string_view name);

}  // namespace pengcheng::catalogue
