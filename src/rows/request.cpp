#include "rows/request.hpp"

#include "rows/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::rows {
namespace {

struct MediaType {
    std::string_view name;
    Format format;
};
constexpr std::string_view xlsx_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::array<MediaType, 12> media_types{{{"*/*", Format::json},
                                                 {"application/*", Format::json},
                                                 {"application/json", Format::json},
                                                 {"application/vnd.pgrst.array+json", Format::json},
                                                 {"application/vnd.pgrst.array", Format::json},
                                                 {"application/vnd.pgrst.object+json", Format::object},
                                                 {"application/vnd.pgrst.object", Format::object},
                                                 {"text/csv", Format::csv},
                                                 {"text/*", Format::csv},
                                                 {"application/x-ndjson", Format::ndjson},
                                                 {"application/geo+json", Format::geojson},
                                                 {xlsx_type, Format::xlsx}}};
constexpr std::array<MediaType, 5> extensions{{{"json", Format::json},
                                               {"csv", Format::csv},
                                               {"ndjson", Format::ndjson},
                                               {"geojson", Format::geojson},
                                               {"xlsx", Format::xlsx}}};

Problem unacceptable(std::string_view accept) {
    std::string shown(accept.substr(0, 200));
    return problem::of(problem::not_acceptable, "PGRST107", "不能提供所要的格式：" + shown,
                       "None of these media types are available: " + shown);
}

/// Parameters other than q that would change the reply and that we do not give.
bool unsupported_parameter(std::string_view parameter) {
    return parameter.starts_with("nulls=") || parameter.starts_with("for=") ||
           parameter.starts_with("options=");
}

/// Best of an Accept header: highest q, then the first named.
Result<Format> negotiate(std::string_view accept) {
    if (trim(accept).empty()) {
        return Format::json;
    }
    std::optional<Format> best;
    double best_quality = 0;
    for (std::string_view entry : split(accept, ',')) {
        auto parts = split(entry, ';');
        std::string name = lower_ascii(trim(parts.front()));
        double quality = 1;
        bool supported = true;
        for (std::size_t i = 1; i < parts.size(); ++i) {
            auto parameter = trim(parts[i]);
            if (parameter.starts_with("q=")) {
                quality = to_double(parameter.substr(2)).value_or(0);
            }
            supported = supported && !unsupported_parameter(parameter);
        }
        auto found = std::ranges::find(media_types, name, &MediaType::name);
        if (supported && found != media_types.end() && quality > best_quality) {
            best = found->format;
            best_quality = quality;
        }
    }
    if (!best) {
        return unacceptable(accept);
    }
    return *best;
}

Result<void> read_prefer(std::string_view prefer, Asked& out) {
    constexpr std::array<std::string_view, 10> known{
        "return=",   "resolution=",   "missing=",  "tx=",    "params=",
        "timezone=", "max-affected=", "handling=", "count=", "respond-"};
    bool strict = false;
    std::vector<std::string> applied;
    std::vector<std::string> bad;
    for (std::string_view entry : split(prefer, ',')) {
        auto word = trim(entry);
        if (word == "count=exact" || word == "count=planned" || word == "count=estimated") {
            out.count = word == "count=exact"     ? Count::exact
                        : word == "count=planned" ? Count::planned
                                                  : Count::estimated;
            applied.emplace_back(word);
        } else if (word == "handling=strict" || word == "handling=lenient") {
            strict = word == "handling=strict";
            applied.emplace_back(word);
        } else if (!word.empty() &&
                   std::ranges::none_of(known, [&](auto name) { return word.starts_with(name); })) {
            bad.emplace_back(word.substr(0, 60));
        }
    }
    if (strict && !bad.empty()) {
        return problem::of(problem::bad_preference, "PGRST122", "不认识的偏好：" + join(bad, ", "),
                           "Invalid preferences: " + join(bad, ", "));
    }
    out.preference_applied = join(applied, ", ");
    return {};
}

/// "0-24" or "5-"; anything else (bytes=...) is not ours and ignored.
Result<void> read_range(std::string_view range, ReadQuery& query) {
    auto dash = range.find('-');
    if (dash == std::string_view::npos || dash == 0) {
        return {};
    }
    auto from = to_int(trim(range.substr(0, dash)));
    auto last = trim(range.substr(dash + 1));
    auto until = to_int(last);
    if (!from || *from < 0 || (!last.empty() && !until)) {
        return {};
    }
    if (until && *until < *from) {
        return problem::of(
            problem::bad_range, "PGRST103", "Range 的下界须不大于上界",
            "The lower boundary must be lower than or equal to the upper boundary in the Range header.");
    }
    // Header and parameters name absolute rows; what both allow is served.
    std::int64_t offset = std::max(*from, query.offset);
    std::optional<std::int64_t> end;
    if (until) {
        end = *until + 1;
    }
    if (query.limit) {
        std::int64_t by_limit = query.offset + *query.limit;
        end = end ? std::min(*end, by_limit) : by_limit;
    }
    query.offset = offset;
    if (end) {
        query.limit = std::max<std::int64_t>(*end - offset, 0);
    }
    return {};
}

}  // namespace

Result<Asked> read_request(const RequestParts& parts) {
    Asked out;
    if (!parts.accept_profile.empty() && parts.accept_profile != "public" && parts.accept_profile != "data") {
        return problem::of(problem::bad_profile, "PGRST106", "只有模式 public 和 data",
                           "The schema must be one of the following: public, data");
    }
    if (parts.forced_format.empty()) {
        auto format = negotiate(parts.accept);
        if (!format) {
            return format.error();
        }
        out.format = *format;
    } else {
        auto found = std::ranges::find(extensions, parts.forced_format, &MediaType::name);
        if (found == extensions.end()) {
            return unacceptable(parts.forced_format);
        }
        out.format = found->format;
        out.download = true;
    }
    auto query = parse_query(parts.query);
    if (!query) {
        return query.error();
    }
    out.query = std::move(*query);
    if (auto done = read_range(parts.range, out.query); !done) {
        return done.error();
    }
    if (auto done = read_prefer(parts.prefer, out); !done) {
        return done.error();
    }
    return out;
}

std::string content_range(const Extent& extent) {
    std::string total = extent.total ? std::to_string(*extent.total) : "*";
    if (extent.returned == 0) {
        return "*/" + total;
    }
    return std::to_string(extent.offset) + "-" + std::to_string(extent.offset + extent.returned - 1) + "/" +
           total;
}

int extent_status(const Extent& extent) {
    return extent.total && extent.returned < *extent.total ? 206 : 200;
}

Result<void> check_offset(std::int64_t offset, const std::optional<std::int64_t>& total) {
    if (!total || offset <= *total) {
        return {};
    }
    std::string from = std::to_string(offset);
    std::string rows = std::to_string(*total);
    return problem::of(problem::bad_range, "PGRST103", "请求从第 " + from + " 行开始，但只有 " + rows + " 行",
                       "An offset of " + from + " was requested, but there are only " + rows + " rows.");
}

std::string_view content_type(Format format) {
    switch (format) {
        case Format::json:
            return "application/json; charset=utf-8";
        case Format::object:
            return "application/vnd.pgrst.object+json; charset=utf-8";
        case Format::csv:
            return "text/csv; charset=utf-8";
        case Format::ndjson:
            return "application/x-ndjson; charset=utf-8";
        case Format::geojson:
            return "application/geo+json; charset=utf-8";
        case Format::xlsx:
            return xlsx_type;
    }
    return "application/octet-stream";
}

std::string_view extension(Format format) {
    auto found = std::ranges::find(extensions, format, &MediaType::format);
    return found == extensions.end() ? "json" : found->name;
}

}  // namespace pengcheng::rows
