#include "ingest/identifier.hpp"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <mutex>

namespace pengcheng::ingest {

namespace {

constexpr std::size_t identifier_bytes_max = 63;

std::string latin(std::string_view text) {
    // A transliterator is costly to make, and using one is not const.
    static std::mutex guard;
    static const std::unique_ptr<icu::Transliterator> to_latin = [] {
        UErrorCode status = U_ZERO_ERROR;
        auto* made =
            icu::Transliterator::createInstance("Han-Latin; Any-Latin; Latin-ASCII", UTRANS_FORWARD, status);
        return std::unique_ptr<icu::Transliterator>(U_SUCCESS(status) ? made : nullptr);
    }();
    auto unicode = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
    std::lock_guard lock(guard);
    if (to_latin) {
        to_latin->transliterate(unicode);
    }
    std::string out;
    unicode.toUTF8String(out);
    return out;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string snake(const std::string& text) {
    std::string out;
    char before = ' ';
    for (char c : text) {
        bool word_start = is_upper(c) && (is_lower(before) || is_digit(before));
        if (is_lower(c) || is_upper(c) || is_digit(c)) {
            if (word_start && !out.empty() && out.back() != '_') {
                out.push_back('_');
            }
            out.push_back(is_upper(c) ? static_cast<char>(c + 32) : c);
        } else if (!out.empty() && out.back() != '_') {
            out.push_back('_');
        }
        before = c;
    }
    while (!out.empty() && out.back() == '_') {
        out.pop_back();
    }
    return out;
}

}  // namespace

std::string column_identifier(std::string_view header, std::set<std::string>& taken) {
    bool ascii =
        std::all_of(header.begin(), header.end(), [](char c) { return static_cast<signed char>(c) > 0; });
    std::string name = snake(ascii ? std::string(header) : latin(header));
    if (name.empty() || is_digit(name.front())) {
        name.insert(0, name.empty() ? "column" : "c_");
    }
    auto fit = [](std::string text, std::size_t room) {
        text.resize(std::min(text.size(), room));
        while (text.back() == '_') {
            text.pop_back();
        }
        return text;
    };
    std::string unique = fit(name, identifier_bytes_max);
    for (int n = 2; !taken.insert(unique).second; ++n) {
        std::string suffix = "_" + std::to_string(n);
        unique = fit(name, identifier_bytes_max - suffix.size()) + suffix;
    }
    return unique;
}

}  // namespace pengcheng::ingest
