#include "http/chunks.hpp"

#include <algorithm>
#include <cstring>

namespace pengcheng::http {

namespace {

constexpr int digits_max = 15;  // 2^60 bytes: no overflow, and no limit lets it through
constexpr std::size_t dropped_max = 8192;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_text(char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

}  // namespace

bool ChunkReader::take_size(char c) {
    int value = hex_value(c);
    if (value >= 0) {
        left_ = left_ * 16 + static_cast<unsigned>(value);
        return ++digits_ <= digits_max;
    }
    if (digits_ == 0 || (c != '\r' && c != ';')) {
        return false;
    }
    place_ = c == ';' ? Place::extension : Place::size_lf;
    return true;
}

bool ChunkReader::take_trailer(char c) {
    if (c == '\r') {
        place_ = line_empty_ ? Place::last_lf : Place::trailer_lf;
        return true;
    }
    bool folded = line_empty_ && (c == ' ' || c == '\t');
    line_empty_ = false;
    return is_text(c) && !folded && ++dropped_ <= dropped_max;
}

bool ChunkReader::take(char c) {
    switch (place_) {
        case Place::size:
            return take_size(c);
        case Place::extension:
            if (c == '\r') {
                place_ = Place::size_lf;
                return true;
            }
            return is_text(c) && ++dropped_ <= dropped_max;
        case Place::size_lf:
            place_ = left_ > 0 ? Place::content : Place::trailer;
            line_empty_ = true;
            return c == '\n';
        case Place::content_cr:
            place_ = Place::content_lf;
            return c == '\r';
        case Place::content_lf:
            place_ = Place::size;
            digits_ = 0;
            left_ = 0;
            return c == '\n';
        case Place::trailer:
            return take_trailer(c);
        case Place::trailer_lf:
            place_ = Place::trailer;
            line_empty_ = true;
            return c == '\n';
        case Place::last_lf:
            done_ = true;
            return c == '\n';
        case Place::content:
            return false;
    }
    return false;
}

ChunkReader::Step ChunkReader::step(std::string_view in, std::span<char> out) {
    Step step;
    while (!done_) {
        if (place_ == Place::content) {
            std::size_t piece =
                std::min({in.size() - step.taken, out.size() - step.given, static_cast<std::size_t>(left_)});
            if (piece == 0) {
                return step;
            }
            std::memcpy(out.data() + step.given, in.data() + step.taken, piece);
            step.taken += piece;
            step.given += piece;
            left_ -= piece;
            place_ = left_ == 0 ? Place::content_cr : Place::content;
            continue;
        }
        if (step.taken == in.size()) {
            return step;
        }
        if (!take(in[step.taken++])) {
            step.state = State::bad;
            return step;
        }
    }
    step.state = State::done;
    return step;
}

}  // namespace pengcheng::http
