#include "support.hpp"

#include "rows/cursor.hpp"

#include <pengcheng/base/text.hpp>

#include <cstring>

namespace {

using namespace pengcheng;

constexpr std::string_view key = "0123456789abcdef0123456789abcdef";

/// Names and values as they stand in a query string; pairs that do not decode are left out.
rows::Pairs pairs_of(std::string_view text) {
    rows::Pairs pairs;
    for (std::string_view pair : split(text, '&')) {
        std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (name && value) {
            pairs.emplace_back(std::move(*name), std::move(*value));
        }
    }
    return pairs;
}

}  // namespace

/// Sixteen bytes of a position, one that says which bit of the cursor is turned; the rest: a query string
/// and, as it stands, a cursor that a client made up.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 18) {
        return 0;
    }
    rows::Position position;
    std::memcpy(&position.after, bytes, 8);
    std::memcpy(&position.offset, bytes + 8, 8);
    std::string_view text = fuzz::text_of(bytes + 17, size - 17);
    rows::View view{.table = {.ref = "t", .load = 7}};
    rows::Pairs query = pairs_of(text);
    std::string binding = rows::cursor_binding(view, query);

    std::string cursor = rows::seal_cursor(key, position, binding);
    auto opened = rows::open_cursor(key, cursor, binding);
    fuzz::require(opened && opened->after == position.after && opened->offset == position.offset);
    fuzz::require(!rows::open_cursor(key, cursor, binding + "x"));
    fuzz::require(!rows::open_cursor(key, text, binding));

    auto sealed = base64_decode(cursor);
    std::size_t bit = bytes[16] % (sealed->size() * 8);
    (*sealed)[bit / 8] = static_cast<char>((*sealed)[bit / 8] ^ (1 << bit % 8));
    fuzz::require(!rows::open_cursor(key, base64url(*sealed), binding));

    // The link's own query asks for the same pages.
    std::string link = rows::next_link("/p", query, cursor, 10);
    std::size_t mark = link.find('?') + 1;
    rows::Pairs next = pairs_of(std::string_view(link).substr(mark, link.find('>') - mark));
    fuzz::require(rows::cursor_binding(view, next) == binding);
    return 0;
}
