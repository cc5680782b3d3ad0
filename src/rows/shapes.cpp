#include "rows/shapes.hpp"

#include <algorithm>
#include <array>

namespace pengcheng::rows {
namespace {

/// Length of "eq." and its like when the rest of the text is one value; 0: part of the shape.
std::size_t compared_at(std::string_view name, std::string_view text) {
    constexpr std::array<std::string_view, 6> reserved{"select", "order", "limit", "offset", "and", "or"};
    constexpr std::array<std::string_view, 6> operators{"eq.", "gt.", "gte.", "lt.", "lte.", "neq."};
    if (std::ranges::find(reserved, name) != reserved.end() || name.starts_with("not.")) {
        return 0;
    }
    auto found =
        std::ranges::find_if(operators, [&](std::string_view word) { return text.starts_with(word); });
    bool fits = text.size() <= value_bytes_max;
    return found == operators.end() || !fits ? 0 : found->size();
}

/// Where each compared value became a parameter. Nothing when one cannot be told from the others.
std::optional<std::vector<Slot>> find_slots(const Reading& reading, const Pairs& pairs) {
    std::vector<Slot> out;
    const std::vector<db::Param>& params = reading.plan.params;
    std::vector<bool> taken(params.size());
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        const auto& [name, text] = pairs[pair];
        std::size_t at = compared_at(name, text);
        if (at == 0) {
            continue;
        }
        std::string_view value = std::string_view(text).substr(at);
        std::size_t place = params.size();
        for (std::size_t i = 0; i < params.size(); ++i) {
            if (!taken[i] && params[i].text && *params[i].text == value) {
                if (place != params.size()) {
                    return std::nullopt;
                }
                place = i;
            }
        }
        auto field = std::ranges::find(reading.view->fields, name, &Field::column);
        auto column = std::ranges::find(reading.view->table.columns, name, &store::Column::name);
        if (place == params.size() || field == reading.view->fields.end() ||
            column == reading.view->table.columns.end()) {
            return std::nullopt;
        }
        taken[place] = true;
        out.push_back({pair, place, name, field->mask.empty() ? column->pg_type : "text", at});
    }
    return out;
}

}  // namespace

Shapes& Shapes::of_thread() {
    thread_local Shapes them;
    return them;
}

void Shapes::write_key(const http::Call& call, const View& view, std::string_view forced_format) {
    key_.clear();
    // The shape keeps the view, so that no other can have its address.
    const auto address = reinterpret_cast<std::uintptr_t>(&view);
    key_.append(reinterpret_cast<const char*>(&address), sizeof address);
    for (std::string_view part : {call.header("Accept"), call.header("Prefer"), call.header("Range"),
                                  call.header("Accept-Profile"), forced_format}) {
        key_.append(part).push_back('\0');
    }
    for (const auto& [name, text] : call.query_pairs()) {
        std::size_t at = compared_at(name, text);
        key_.append(name).push_back('\0');
        key_.append(text, 0, at == 0 ? std::string::npos : at).push_back('\0');
    }
}

std::shared_ptr<const Shape> Shapes::find(const http::Call& call, const View& view,
                                          std::string_view forced_format) {
    write_key(call, view, forced_format);
    auto found = shapes_.find(std::string_view(key_));
    return found == shapes_.end() ? nullptr : found->second;
}

void Shapes::keep(const http::Call& call, const Reading& reading, std::string_view forced_format) {
    bool plain = reading.asked.count == Count::none && reading.asked.query.cursor.empty() &&
                 (reading.asked.format == Format::json || reading.asked.format == Format::ndjson);
    if (!plain || !known_short(reading.plan, fetched_page(reading))) {
        return;
    }
    write_key(call, *reading.view, forced_format);
    std::size_t hash = std::hash<std::string>{}(key_);
    if (!seen_.contains(hash)) {
        if (seen_.size() >= seen_max) {
            seen_.clear();
        }
        seen_.insert(hash);
        return;
    }
    auto slots = find_slots(reading, call.query_pairs());
    if (!slots) {
        return;
    }
    if (shapes_.size() >= shapes_max) {
        shapes_.clear();
    }
    Reading kept = reading;
    kept.access.filter.clear();
    // What differs between look-ups answered together is their last parameter only.
    bool last = slots->size() == 1 && slots->front().param + 1 == kept.plan.params.size();
    if (!last) {
        kept.plan.unique_text.clear();
    }
    std::string name = "rows#" + std::to_string(++made_);
    auto query = shared_query(std::move(name), kept.plan, fetched_page(kept));
    auto shape = std::make_shared<Shape>(Shape{.reading = std::move(kept),
                                               .query = std::move(query),
                                               .slots = std::move(*slots),
                                               .objects = formats::ObjectShape(reading.plan.columns)});
    shapes_.emplace(key_, std::move(shape));
}

}  // namespace pengcheng::rows
