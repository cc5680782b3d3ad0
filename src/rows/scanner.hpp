#pragma once

#include "rows/problems.hpp"

#include <string>
#include <string_view>

namespace pengcheng::rows {

/// Walks one parameter's text; fail() names the place.
class Scanner {
public:
    Scanner(std::string_view what, std::string_view text) : what_(what), text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    void skip(std::size_t count) { at_ += count; }
    void skip_blanks() {
        while (peek() == ' ') {
            ++at_;
        }
    }
    bool take(char c) {
        if (at_end() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        if (!rest().starts_with(word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }
    /// Characters up to one of `stops`.
    std::string_view until(std::string_view stops) {
        auto end = text_.find_first_of(stops, at_);
        auto out = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
        at_ += out.size();
        return out;
    }
    /// After an opening quote: the text up to the closing one, with backslash escapes undone.
    bool quoted(std::string& out) {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                return true;
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
            out += text_[at_];
        }
        return false;
    }
    [[nodiscard]] Problem fail(std::string_view zh, std::string_view en) const {
        constexpr std::size_t shown_max = 200;
        std::string place = std::to_string(at_ + 1);
        std::string shown(text_.substr(0, shown_max));
        return problem::of(
            problem::bad_query, "PGRST100",
            std::string(what_) + "（" + shown + "）第 " + place + " 个字符处有误：" + std::string(zh),
            "failed to parse " + std::string(what_) + " (" + shown + ") (line 1, column " + place +
                "): " + std::string(en),
            "/" + std::string(what_));
    }

private:
    std::string_view what_;
    std::string_view text_;
    std::size_t at_ = 0;
};

/// A column's name, quoted or plain; empty when there is none. A stop is what may follow a name.
inline bool scan_name(Scanner& in, std::string_view stops, std::string& out) {
    in.skip_blanks();
    if (in.take('"')) {
        return in.quoted(out) && !out.empty();
    }
    out = in.until(stops);
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    return !out.empty();
}

}  // namespace pengcheng::rows
