#include "http/head.hpp"

#include <array>
#include <cstring>
#include <span>

namespace pengcheng::http {

namespace {

enum : unsigned char { token_char = 1, value_char = 2, target_char = 4, host_char = 8 };

constexpr std::array<unsigned char, 256> classes = [] {
    std::array<unsigned char, 256> out{};
    for (int c = 0; c < 256; ++c) {
        bool visible = c > 0x20 && c != 0x7f;
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        unsigned kind = 0;
        kind |= visible || c == ' ' || c == '\t' ? value_char : 0U;
        kind |= visible && c != '#' ? target_char : 0U;
        kind |= alnum ? token_char | host_char : 0U;
        out[static_cast<std::size_t>(c)] = static_cast<unsigned char>(kind);
    }
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) {
        out[static_cast<unsigned char>(c)] |= token_char;
    }
    for (char c : std::string_view("-._~%!$&'()*+,;=:[]")) {
        out[static_cast<unsigned char>(c)] |= host_char;
    }
    return out;
}();

bool all_of(std::string_view text, unsigned char kind) {
    for (char c : text) {
        if ((classes[static_cast<unsigned char>(c)] & kind) == 0) {
            return false;
        }
    }
    return true;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view lower_case) {
    if (a.size() != lower_case.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower_case[i]) {
            return false;
        }
    }
    return true;
}

std::string_view without_blanks(std::string_view text) {
    auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// The fault of a text that is not all `kind`: a control byte is told apart from a wrong character.
HeadFault fault_of(std::string_view text, HeadFault otherwise) {
    return all_of(text, value_char) ? otherwise : HeadFault::control_byte;
}

/// "http://host/path" -> host and "/path".
bool take_absolute(std::string_view& target, Head& into) {
    std::size_t scheme = 0;
    for (std::string_view start : {"http://", "https://"}) {
        scheme = same(target.substr(0, start.size()), start) ? start.size() : scheme;
    }
    if (scheme == 0) {
        return false;
    }
    target.remove_prefix(scheme);
    std::size_t end = std::min(target.find_first_of("/?"), target.size());
    into.host = target.substr(0, end);
    target.remove_prefix(end);
    return !into.host.empty() && all_of(into.host, host_char);
}

HeadFault read_target(Head& into) {
    std::string_view rest = into.target;
    if (rest == "*") {
        into.path = rest;
        return into.method == "OPTIONS" ? HeadFault::none : HeadFault::request_line;
    }
    bool absolute = !rest.starts_with('/');
    if (absolute && !take_absolute(rest, into)) {
        return HeadFault::request_line;
    }
    std::size_t mark = std::min(rest.find('?'), rest.size());
    into.path = rest.substr(0, mark);
    into.query = mark < rest.size() ? rest.substr(mark + 1) : std::string_view{};
    if (into.path.empty()) {
        into.path = "/";
    }
    return HeadFault::none;
}

HeadFault read_request_line(std::string_view line, Head& into) {
    std::size_t first = line.find(' ');
    std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return fault_of(line, HeadFault::request_line);
    }
    into.method = line.substr(0, first);
    into.target = line.substr(first + 1, last - first - 1);
    std::string_view version = line.substr(last + 1);
    if (into.method.empty() || into.method.size() > 32 || !all_of(into.method, token_char)) {
        return fault_of(into.method, HeadFault::request_line);
    }
    if (into.target.empty() || !all_of(into.target, target_char)) {
        return fault_of(into.target, HeadFault::request_line);
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return version.starts_with("HTTP/") ? fault_of(version, HeadFault::version)
                                            : fault_of(version, HeadFault::request_line);
    }
    into.minor = version.back() - '0';
    into.keep_alive = into.minor == 1;
    return read_target(into);
}

HeadFault take_length(std::string_view value, Head& into) {
    if (value.empty() || value.size() > 18) {
        return HeadFault::length;
    }
    std::int64_t length = 0;
    for (char c : value) {
        if (c < '0' || c > '9') {
            return HeadFault::length;
        }
        length = length * 10 + (c - '0');
    }
    into.content_length = length;
    return HeadFault::none;
}

void take_connection(std::string_view value, Head& into) {
    while (!value.empty()) {
        std::size_t comma = std::min(value.find(','), value.size());
        std::string_view option = without_blanks(value.substr(0, comma));
        if (same(option, "close")) {
            into.keep_alive = false;
        } else if (same(option, "keep-alive") && into.minor == 0) {
            into.keep_alive = true;
        }
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
}

/// Fields that may stand once: a second one would be read by one party and overlooked by another.
constexpr std::array<std::string_view, 5> single_fields{"host", "content-length", "transfer-encoding",
                                                        "authorization", "content-type"};

struct Seen {
    unsigned single = 0;
    std::string_view connection;
};

HeadFault take_special(const HeadField& field, Head& into, Seen& seen) {
    for (std::size_t i = 0; i < single_fields.size(); ++i) {
        if (same(field.name, single_fields[i])) {
            if ((seen.single & (1U << i)) != 0) {
                return HeadFault::repeated_field;
            }
            seen.single |= 1U << i;
        }
    }
    if (same(field.name, "content-length")) {
        return take_length(field.value, into);
    }
    if (same(field.name, "transfer-encoding")) {
        into.chunked = same(field.value, "chunked") && into.minor == 1;
        return into.chunked ? HeadFault::none : HeadFault::coding;
    }
    if (same(field.name, "host")) {
        if (into.host.empty()) {
            into.host = field.value;
        }
        return all_of(field.value, host_char) ? HeadFault::none : HeadFault::host;
    }
    if (same(field.name, "expect")) {
        // A client of HTTP/1.0 would take the interim reply for the reply (RFC 9110 10.1.1).
        into.expects_continue = same(field.value, "100-continue") && into.minor == 1;
        return into.expects_continue || into.minor == 0 ? HeadFault::none : HeadFault::expectation;
    }
    if (same(field.name, "connection")) {
        take_connection(field.value, into);
    }
    return HeadFault::none;
}

HeadFault read_field(std::string_view line, Head& into, Seen& seen) {
    if (line.front() == ' ' || line.front() == '\t') {
        return HeadFault::folded;
    }
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || !all_of(line.substr(0, colon), token_char)) {
        return fault_of(line.substr(0, colon), HeadFault::field_name);
    }
    HeadField field{line.substr(0, colon), without_blanks(line.substr(colon + 1))};
    if (!all_of(field.value, value_char)) {
        return HeadFault::control_byte;
    }
    into.fields.push_back(field);
    // Most fields have none of the lengths and first letters that matter here.
    char first = lower(field.name.front());
    bool special = first == 'c' || first == 't' || first == 'h' || first == 'e' || first == 'a';
    return special ? take_special(field, into, seen) : HeadFault::none;
}

HeadFault check_whole(const Head& head, const Seen& seen) {
    if (head.chunked && head.content_length) {
        return HeadFault::length_and_coding;
    }
    bool has_host = (seen.single & 1U) != 0;
    return head.minor == 1 && !has_host ? HeadFault::host : HeadFault::none;
}

/// Reads the lines of a head whose end is known; -> the first fault.
HeadFault read_lines(std::string_view lines, const HeadLimits& limits, Head& into) {
    Seen seen;
    bool first = true;
    while (!lines.empty()) {
        std::size_t end = lines.find('\n');
        std::string_view line = lines.substr(0, end - 1);
        lines.remove_prefix(end + 1);
        if (line.empty()) {
            break;
        }
        HeadFault fault = HeadFault::none;
        if (first) {
            fault = read_request_line(line, into);
        } else if (into.fields.size() >= limits.fields_max) {
            fault = HeadFault::too_many_fields;
        } else {
            fault = read_field(line, into, seen);
        }
        if (fault != HeadFault::none) {
            return fault;
        }
        first = false;
    }
    return check_whole(into, seen);
}

HeadReading refused(HeadFault fault) {
    return {HeadReading::State::refused, fault, 0};
}

}  // namespace

std::string_view Head::field(std::string_view name) const {
    for (const HeadField& one : fields) {
        if (one.name.size() == name.size()) {
            bool equal = true;
            for (std::size_t i = 0; equal && i < name.size(); ++i) {
                equal = lower(one.name[i]) == lower(name[i]);
            }
            if (equal) {
                return one.value;
            }
        }
    }
    return {};
}

HeadReading read_head(std::string_view bytes, const HeadLimits& limits, Head& into, std::size_t searched) {
    // One empty line before a request is overlooked (RFC 9112 §2.2): old clients end a POST with one.
    std::size_t start = bytes.starts_with("\r\n") ? 2 : 0;
    std::size_t at = std::max(searched, start);
    while (at < bytes.size()) {
        const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
        if (found == nullptr) {
            break;
        }
        std::size_t lf = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (lf == start || bytes[lf - 1] != '\r') {
            return refused(HeadFault::bare_lf);
        }
        if (lf + 1 > limits.bytes_max) {
            return refused(HeadFault::too_large);
        }
        bool ends = lf == start + 1 || (lf >= start + 3 && bytes[lf - 2] == '\n');
        if (ends) {
            into = Head{.fields = std::move(into.fields)};
            into.fields.clear();
            into.size = lf + 1;
            if (lf == start + 1) {
                return refused(HeadFault::request_line);
            }
            HeadFault fault = read_lines(bytes.substr(start, lf + 1 - start), limits, into);
            return fault == HeadFault::none ? HeadReading{HeadReading::State::whole, fault, lf + 1}
                                            : refused(fault);
        }
        at = lf + 1;
    }
    if (bytes.size() > limits.bytes_max) {
        return refused(HeadFault::too_large);
    }
    return {HeadReading::State::incomplete, HeadFault::none, std::max(at, start)};
}

int status_of(HeadFault fault) {
    switch (fault) {
        case HeadFault::too_large:
        case HeadFault::too_many_fields:
            return 431;
        case HeadFault::version:
            return 505;
        case HeadFault::coding:
            return 501;
        case HeadFault::expectation:
            return 417;
        default:
            return 400;
    }
}

std::string_view text_of(HeadFault fault, bool chinese) {
    struct Row {
        HeadFault fault;
        std::string_view zh, en;
    };
    static constexpr std::array<Row, 14> rows{{
        {HeadFault::too_large, "请求头过大", "the request head is too large"},
        {HeadFault::too_many_fields, "请求头字段过多", "too many header fields"},
        {HeadFault::bare_lf, "行尾应为 CRLF，不能只有 LF", "a line ends in LF without CR"},
        {HeadFault::folded, "请求头字段不能折行", "a header field is folded over two lines"},
        {HeadFault::control_byte, "请求头含有控制字符", "a control byte in the head"},
        {HeadFault::request_line, "请求行应为“方法 地址 HTTP/1.1”",
         "the request line is not METHOD TARGET HTTP/1.1"},
        {HeadFault::version, "只支持 HTTP/1.0 与 HTTP/1.1", "only HTTP/1.0 and HTTP/1.1 are spoken"},
        {HeadFault::field_name, "请求头字段名有误，冒号前不能有空格",
         "a field name is not a token or has a blank before its colon"},
        {HeadFault::repeated_field, "只能出现一次的请求头字段重复出现",
         "a field that may stand once is repeated"},
        {HeadFault::host, "缺少 Host 或 Host 有误", "Host is missing or not a host"},
        {HeadFault::length, "Content-Length 应为一个数字", "Content-Length is not one number"},
        {HeadFault::length_and_coding, "不能同时给出 Content-Length 和 Transfer-Encoding",
         "both Content-Length and Transfer-Encoding"},
        {HeadFault::coding, "Transfer-Encoding 只支持 chunked", "Transfer-Encoding is not chunked alone"},
        {HeadFault::expectation, "Expect 只支持 100-continue", "Expect is not 100-continue"},
    }};
    for (const Row& row : rows) {
        if (row.fault == fault) {
            return chinese ? row.zh : row.en;
        }
    }
    return chinese ? "请求格式有误" : "the request is malformed";
}

}  // namespace pengcheng::http
