#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The row language as read, before any table is known.
namespace pengcheng::rows {

enum class Op {
    eq,
    neq,
    gt,
    gte,
    lt,
    lte,
    like,
    ilike,
    match,
    imatch,
    in,
    is,
    isdistinct,
    fts,
    plfts,
    phfts,
    wfts
};
enum class Quantifier { one, any, all };

/// `column [not.]op[(any)].value`, or `and(...)`, `or(...)` over children.
struct Node {
    enum class Kind { condition, all_of, any_of };
    Kind kind = Kind::all_of;
    bool negated = false;
    std::vector<Node> children;

    std::string column;
    Op op = Op::eq;
    Quantifier quantifier = Quantifier::one;
    std::vector<std::string> values;  ///< one, or those of a list
    std::string config;               ///< of text search
};

struct SelectItem {
    std::string column;  ///< "*": all
    std::string alias;
    std::string cast;
};

struct OrderItem {
    enum class Nulls { usual, first, last };
    std::string column;
    bool descending = false;
    Nulls nulls = Nulls::usual;
};

struct ReadQuery {
    std::vector<SelectItem> select;  ///< empty: all
    Node filter;                     ///< all_of the parameters
    std::vector<OrderItem> order;
    std::optional<std::int64_t> limit;
    std::int64_t offset = 0;
    std::string cursor;
};

// Bounds of one query.
inline constexpr std::size_t conditions_max = 200;
inline constexpr int depth_max = 10;
inline constexpr std::size_t list_max = 10000;
inline constexpr std::size_t select_max = 500;
inline constexpr std::size_t order_max = 16;
inline constexpr std::size_t value_bytes_max = 32 * 1024;
inline constexpr std::size_t pattern_bytes_max = 1000;

}  // namespace pengcheng::rows
