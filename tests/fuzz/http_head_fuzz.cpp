#include "http/chunks.hpp"
#include "http/head.hpp"

#include <pengcheng/base/text.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

namespace beast = boost::beast;
using namespace pengcheng::http;

std::vector<std::string_view> values_of(const Head& head, std::string_view name) {
    std::vector<std::string_view> values;
    for (const HeadField& field : head.fields) {
        if (pengcheng::lower_ascii(field.name) == pengcheng::lower_ascii(name)) {
            values.push_back(field.value);
        }
    }
    return values;
}

/// What we take must be what another reader takes from the same bytes: Beast stands for the proxy before us.
void compare_with_beast(std::string_view bytes, const Head& head) {
    bool ascii = true;
    for (char c : head.target) {
        ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    }
    if (!ascii || bytes.starts_with("\r\n")) {
        return;
    }
    beast::http::request_parser<beast::http::string_body> parser;
    parser.header_limit(1 << 20);
    parser.body_limit(boost::none);
    beast::error_code error;
    parser.put(boost::asio::buffer(bytes.data(), head.size), error);
    // Beast reads the options of these too; we overlook what is no option of ours.
    bool options = error == beast::http::error::bad_value &&
                   !(values_of(head, "Connection").empty() && values_of(head, "Proxy-Connection").empty() &&
                     values_of(head, "Upgrade").empty());
    if (options) {
        return;
    }
    bool taken = parser.is_header_done();
    if (!taken || parser.get().method_string() != head.method || parser.get().target() != head.target) {
        std::abort();
    }
    // Beast puts fields of one name together, so each name is compared for itself.
    for (const HeadField& field : head.fields) {
        auto theirs = parser.get().equal_range({field.name.data(), field.name.size()});
        std::vector<std::string_view> values;
        for (auto one = theirs.first; one != theirs.second; ++one) {
            values.emplace_back(one->value().data(), one->value().size());
        }
        if (values != values_of(head, field.name)) {
            std::abort();
        }
    }
    auto count = std::distance(parser.get().begin(), parser.get().end());
    if (static_cast<std::size_t>(count) != head.fields.size() || parser.chunked() != head.chunked) {
        std::abort();
    }
}

/// The same bytes in pieces must end in the same state.
void compare_with_pieces(std::string_view bytes, std::size_t step, const HeadReading& whole,
                         std::size_t size) {
    Head head;
    HeadReading reading;
    for (std::size_t given = 0; reading.state == HeadReading::State::incomplete && given < bytes.size();) {
        given = std::min(given + step, bytes.size());
        reading =
            read_head(bytes.substr(0, given), {.bytes_max = 4096, .fields_max = 20}, head, reading.searched);
    }
    bool same = reading.state == whole.state || whole.state == HeadReading::State::refused;
    if (!same || (whole.state == HeadReading::State::whole && head.size != size)) {
        std::abort();
    }
}

}  // namespace

/// First byte: how the bytes are cut into pieces; the rest: a request, head and chunked body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    std::size_t step = input[0] % 16 + 1;
    std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    Head head;
    HeadReading reading = read_head(bytes, {.bytes_max = 4096, .fields_max = 20}, head);
    compare_with_pieces(bytes, step, reading, head.size);
    if (reading.state != HeadReading::State::whole) {
        return 0;
    }
    if (head.size > bytes.size() || (head.chunked && head.content_length)) {
        std::abort();
    }
    compare_with_beast(bytes, head);
    ChunkReader chunks;
    std::array<char, 64> room{};
    std::string_view rest = bytes.substr(head.size);
    while (head.chunked && !rest.empty()) {
        ChunkReader::Step one = chunks.step(rest.substr(0, step), room);
        if (one.given > one.taken) {
            std::abort();
        }
        rest.remove_prefix(one.taken);
        if (one.state != ChunkReader::State::more) {
            break;
        }
    }
    return 0;
}
