#include "rows/cursor.hpp"

#include "rows/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

namespace pengcheng::rows {
namespace {

bool pages(std::string_view name) {
    constexpr std::array<std::string_view, 3> names{"limit", "offset", "_cursor"};
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string cursor_binding(const View& view, const Pairs& query) {
    Pairs rest;
    std::ranges::copy_if(query, std::back_inserter(rest),
                         [](const auto& pair) { return !pages(pair.first); });
    std::ranges::sort(rest);
    std::string out = "rows.cursor\n" + view.table.ref + "\n" + std::to_string(view.table.load) + "\n" +
                      view.access.grant + "\n" + view.row_filter;
    for (const auto& [name, text] : rest) {
        out += "\n" + percent_encode(name) + "=" + percent_encode(text);
    }
    return out;
}

std::string seal_cursor(std::string_view key, const Position& position, std::string_view binding) {
    std::string plain = std::to_string(position.after) + " " + std::to_string(position.offset);
    return base64url(crypto::seal(key, plain, binding));
}

Result<Position> open_cursor(std::string_view key, std::string_view text, std::string_view binding) {
    auto sealed = base64_decode(text);
    auto plain = sealed ? crypto::open(key, *sealed, binding) : std::nullopt;
    if (!plain) {
        return problem::of(
            problem::bad_cursor, "PGRST103", "翻页标记不属于这次查询，或数据已经更新：请从第一页重新读取",
            "The cursor belongs to another query, or the data were reloaded since: start again", "/_cursor");
    }
    auto parts = split(*plain, ' ');
    return Position{to_int(parts.at(0)).value(), to_int(parts.at(1)).value()};
}

const std::string& cursor_key(const Runtime& runtime) {
    static std::mutex mutex;
    static std::map<std::filesystem::path, std::string> keys;
    std::scoped_lock lock(mutex);
    auto folder = runtime.var("keys");
    auto found = keys.find(folder);
    if (found == keys.end()) {
        found = keys.emplace(folder, crypto::key_file(folder, "cursor")).first;
    }
    return found->second;
}

std::string next_link(std::string_view path, const Pairs& query, std::string_view cursor,
                      std::optional<std::int64_t> limit) {
    std::string out = "<" + std::string(path) + "?";
    for (const auto& [name, text] : query) {
        if (!pages(name)) {
            out += percent_encode(name) + "=" + percent_encode(text) + "&";
        }
    }
    if (limit) {
        out += "limit=" + std::to_string(*limit) + "&";
    }
    return out + "_cursor=" + std::string(cursor) + ">; rel=\"next\"";
}

}  // namespace pengcheng::rows
