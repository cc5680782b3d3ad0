#include "rows/plan.hpp"
#include "rows/request.hpp"

#include <pengcheng/base/text.hpp>

#include <cstdint>
#include <cstdlib>

namespace pengcheng::rows {
namespace {

const View& view() {
    static const View made{.table = {.ref = "t",
                                     .name = "store.\"t\"",
                                     .columns = {{"a", "C", "text", "甲"},
                                                 {"b", "I", "bigint", "乙"},
                                                 {"c", "D", "date", "丙"},
                                                 {"d", "T", "timestamptz", "丁"},
                                                 {"e", "L", "boolean", "戊"},
                                                 {"f", "N", "numeric", "己"}}},
                           .fields = {{"a", "甲", "C", "name"},
                                      {"b", "乙", "I", ""},
                                      {"c", "丙", "D", ""},
                                      {"d", "丁", "T", ""},
                                      {"e", "戊", "L", ""},
                                      {"f", "己", "N", ""}},
                           .row_filter = "b=gt.1"};
    return made;
}

/// A query string: whatever is planned must hold quotes in pairs and name every parameter it has.
void try_query(std::string_view text) {
    Pairs pairs;
    for (std::string_view pair : split(text, '&')) {
        auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                      : percent_decode(pair.substr(equals + 1), true);
        if (name && value) {
            pairs.emplace_back(*name, *value);
        }
    }
    auto asked = read_request({.query = pairs, .accept = text, .prefer = text, .range = text});
    auto query = asked ? Result<ReadQuery>(asked->query) : parse_query(pairs);
    if (!query) {
        return;
    }
    auto plan = make_plan(view(), *query);
    if (!plan) {
        return;
    }
    auto built = page_query(*plan, {.limit = 10, .after = 5, .with_id = true});
    std::string last = "$" + std::to_string(built.params.size()) + "::";
    bool whole = built.sql.find(last) != std::string::npos && std::ranges::count(built.sql, '"') % 2 == 0;
    if (!whole) {
        std::abort();
    }
}

}  // namespace
}  // namespace pengcheng::rows

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(bytes), size);
    pengcheng::rows::try_query(text);
    static_cast<void>(pengcheng::rows::parse_filter_text(text));
    return 0;
}
