#pragma once

#include "rows/parse.hpp"

#include <pengcheng/base/runtime.hpp>
#include <pengcheng/rows/view.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace pengcheng::rows {

/// Where the next page begins. Sealed, so that nothing about hidden rows can be read from `_id`.
struct Position {
    std::int64_t after = 0;   ///< _id of the last row sent
    std::int64_t offset = 0;  ///< rows sent so far
};

/// What a cursor belongs to: resource, load, grant and the query but for its paging.
std::string cursor_binding(const View& view, const Pairs& query);
std::string seal_cursor(std::string_view key, const Position& position, std::string_view binding);
/// Refuses a cursor of another query, of another view or of data that were reloaded since.
Result<Position> open_cursor(std::string_view key, std::string_view text, std::string_view binding);

/// The process's key for cursors, read once.
const std::string& cursor_key(const Runtime& runtime);
/// `</path?query&_cursor=...>; rel="next"`
std::string next_link(std::string_view path, const Pairs& query, std::string_view cursor,
                      std::optional<std::int64_t> limit);

}  // namespace pengcheng::rows
