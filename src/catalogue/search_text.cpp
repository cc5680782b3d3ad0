#include <pengcheng/catalogue/search_text.hpp>

#include <pengcheng/base/text.hpp>

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

namespace pengcheng::catalogue {

namespace {

constexpr std::size_t query_length_max = 100;
constexpr std::size_t terms_max = 16;

icu::UnicodeString from_utf8(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

void require(UErrorCode status, const char* what) {
    if (U_FAILURE(status) != 0) {
        throw std::runtime_error(std::string("ICU cannot ") + what + ": " + u_errorName(status));
    }
}

icu::UnicodeString folded(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
    require(status, "fold case");
    icu::UnicodeString out = normalizer->normalize(from_utf8(text), status);
    require(status, "fold case");
    return out;
}

icu::UnicodeString without_space(const icu::UnicodeString& text) {
    icu::UnicodeString out;
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        UChar32 c = text.char32At(at);
        if (u_isUWhiteSpace(c) == 0) {
            out.append(c);
        }
    }
    return out;
}

std::string one(UChar32 c) {
    return to_utf8(icu::UnicodeString(c));
}

/// Runs of letters and digits, a character each.
std::vector<std::vector<std::string>> runs_of(std::string_view form) {
    icu::UnicodeString text = from_utf8(form);
    std::vector<std::vector<std::string>> runs(1);
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        UChar32 c = text.char32At(at);
        if (u_isalnum(c) != 0) {
            runs.back().push_back(one(c));
        } else if (!runs.back().empty()) {
            runs.emplace_back();
        }
    }
    return runs;
}

/// Words of one space-free piece; punctuation between them is dropped.
std::vector<std::string> words_of(const icu::UnicodeString& piece) {
    UErrorCode status = U_ZERO_ERROR;
    thread_local const std::unique_ptr<icu::BreakIterator> breaks(
        icu::BreakIterator::createWordInstance(icu::Locale::getChina(), status));
    require(status, "break words");
    breaks->setText(piece);
    std::vector<std::string> words;
    int32_t begin = breaks->first();
    for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; begin = end, end = breaks->next()) {
        if (breaks->getRuleStatus() >= UBRK_WORD_NONE_LIMIT) {
            words.push_back(to_utf8(icu::UnicodeString(piece, begin, end - begin)));
        }
    }
    return words;
}

}  // namespace

std::string search_form(std::string_view text) {
    return to_utf8(without_space(folded(text)));
}

std::vector<std::string> grams_of(std::string_view form) {
    std::set<std::string> grams;
    for (const auto& run : runs_of(form)) {
        for (std::size_t i = 0; i < run.size(); ++i) {
            grams.insert(run[i]);
            if (i + 1 < run.size()) {
                grams.insert(run[i] + run[i + 1]);
            }
        }
    }
    return {grams.begin(), grams.end()};
}

SearchTerms search_terms(std::string_view query) {
    icu::UnicodeString text = folded(utf8_prefix(trim(query), query_length_max));
    SearchTerms out;
    out.phrase = to_utf8(without_space(text));
    icu::UnicodeString piece;
    auto take_piece = [&] {
        for (auto& word : words_of(piece)) {
            if (out.terms.size() < terms_max) {
                out.terms.push_back(std::move(word));
            }
        }
        piece.remove();
    };
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        UChar32 c = text.char32At(at);
        if (u_isUWhiteSpace(c) != 0) {
            take_piece();
        } else {
            piece.append(c);
        }
    }
    take_piece();
    if (out.terms.empty() && !out.phrase.empty()) {
        out.terms.push_back(out.phrase);
    }
    std::set<std::string> grams;
    for (const auto& term : out.terms) {
        for (const auto& run : runs_of(term)) {
            if (run.size() == 1) {
                grams.insert(run[0]);
            }
            for (std::size_t i = 0; i + 1 < run.size(); ++i) {
                grams.insert(run[i] + run[i + 1]);
            }
        }
    }
    out.grams.assign(grams.begin(), grams.end());
    return out;
}

std::string pinyin_initials(std::string_view name) {
    // Making a transliterator takes tens of milliseconds and using one is not thread-safe.
    static std::mutex mutex;
    static const std::unique_ptr<icu::Transliterator> pinyin = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<icu::Transliterator> made(
            icu::Transliterator::createInstance("Han-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
        require(status, "load pinyin");
        return made;
    }();
    std::string out;
    icu::UnicodeString text = without_space(folded(name));
    std::lock_guard lock(mutex);
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        UChar32 c = text.char32At(at);
        if (u_isalnum(c) == 0) {
            continue;
        }
        if (u_getIntPropertyValue(c, UCHAR_IDEOGRAPHIC) == 0) {
            out += one(c);
            continue;
        }
        icu::UnicodeString syllable(c);
        pinyin->transliterate(syllable);
        if (syllable.length() > 0 && syllable.char32At(0) < 0x80) {
            out += one(syllable.char32At(0));
        }
    }
    return out;
}

}  // namespace pengcheng::catalogue
