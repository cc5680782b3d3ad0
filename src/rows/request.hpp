#pragma once

#include "rows/parse.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::rows {

enum class Format { json, object, csv, ndjson, geojson, xlsx };
enum class Count { none, exact, planned, estimated };

/// The parts of a request that the row language reads.
struct RequestParts {
    const Pairs& query;
    std::string_view accept;
    std::string_view prefer;
    std::string_view range;  ///< header Range, "0-24"
    std::string_view accept_profile;
    std::string_view forced_format;  ///< by extension; empty: by Accept
};

struct Asked {
    ReadQuery query;
    Format format = Format::json;
    Count count = Count::none;
    std::string preference_applied;
    bool download = false;
};
Result<Asked> read_request(const RequestParts& parts);

/// PostgREST's Content-Range: "0-24/3573458", "*/*".
struct Extent {
    std::int64_t offset = 0;
    std::int64_t returned = 0;
    std::optional<std::int64_t> total;
};
std::string content_range(const Extent& extent);
/// 206 when the total is known and more rows exist than were sent.
int extent_status(const Extent& extent);
Result<void> check_offset(std::int64_t offset, const std::optional<std::int64_t>& total);

std::string_view content_type(Format format);
std::string_view extension(Format format);

}  // namespace pengcheng::rows
