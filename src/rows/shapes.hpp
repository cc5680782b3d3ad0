#pragma once

#include "rows/reading.hpp"

#include <pengcheng/db/pool.hpp>
#include <pengcheng/formats/writers.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace pengcheng::rows {

/// A value of the request that is a parameter of the statement.
struct Slot {
    std::size_t pair = 0;   ///< place among the query's pairs
    std::size_t param = 0;  ///< place among the statement's parameters
    std::string column;
    std::string pg_type;
    std::size_t value_at = 0;  ///< where the value starts in the pair's text, after "eq."
};

/// A short page, understood and planned once: requests that differ only in compared values share it.
struct Shape {
    Reading reading;  ///< without the values: `access.filter` is empty, `plan.params` holds the first ones
    db::SharedQuery query;
    std::vector<Slot> slots;
    formats::ObjectShape objects;
};

/// Shapes of one I/O thread, by view and by everything in a request but the compared values. A shape is made
/// when its second request comes: what comes once is not worth keeping.
class Shapes {
public:
    static Shapes& of_thread();

    /// The shape of this request, or nothing; then keep() may take it.
    std::shared_ptr<const Shape> find(const http::Call& call, const View& view,
                                      std::string_view forced_format);
    /// Called with the request that find() was asked about last. Takes pages that are short, uncounted and
    /// start at no cursor.
    void keep(const http::Call& call, const Reading& reading, std::string_view forced_format);

    static constexpr std::size_t shapes_max = 512;
    static constexpr std::size_t seen_max = 4096;

private:
    void write_key(const http::Call& call, const View& view, std::string_view forced_format);

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::string key_;
    std::unordered_map<std::string, std::shared_ptr<const Shape>, Hash, std::equal_to<>> shapes_;
    std::unordered_set<std::size_t> seen_;
    std::uint64_t made_ = 0;
};

}  // namespace pengcheng::rows
