#include "rules/compiled.hpp"

#include <algorithm>
#include <array>

namespace pengcheng::rules {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array<Pair, 7> ordered{{{"开始", "结束"},
                                       {"成立", "注销"},
                                       {"出生", "死亡"},
                                       {"申请", "办结"},
                                       {"生效", "失效"},
                                       {"起始", "终止"},
                                       {"开工", "竣工"}}};
constexpr std::array<std::string_view, 8> future_words{"有效", "到期", "计划", "截止",
                                                       "失效", "预计", "下次", "届满"};
constexpr std::array<std::string_view, 10> count_words{"金额", "数量", "人数", "户数", "个数",
                                                       "次数", "面积", "资本", "总数", "件数"};

bool contains(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}
template <class Words>
bool contains_any(std::string_view text, const Words& words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return contains(text, word); });
}

bool dated(const Item& item) {
    return item.type == "D" || item.type == "T";
}
bool numeric(const Item& item) {
    return item.type.size() == 1 && contains("NYIBF", item.type);
}
std::string_view label(const Item& item) {
    return item.label.empty() ? item.column : item.label;
}

class Deriver {
public:
    explicit Deriver(std::span<const Item> items) : items_(items) {}

    void structure() {
        for (const Item& item : items_) {
            if (!item.nullable || item.primary_key) {
                add("required", item);
            }
            if (item.type != "C" && item.type != "M" && item.type != "G") {
                add("type", item);
            }
            bool exact = item.type == "N" || item.type == "Y";
            if (item.length > 0 && (item.type == "C" || item.type == "M" || exact)) {
                add("length", item);
            }
            if (item.length > 0 && exact) {
                add("scale", item);
            }
            if (!item.code_list.empty()) {
                add("code_list", item);
            }
        }
    }
    void meaning() {
        for (const Item& item : items_) {
            if (const SpecKind* kind = find_kind(item.element); kind != nullptr && item.code_list.empty()) {
                add(kind->name, item);
            }
            if (dated(item) && !contains_any(label(item), future_words)) {
                add("not_future", item, nullptr, "minor");
            }
            bounds(item);
        }
        key();
        for (const Pair& words : ordered) {
            order(words);
        }
        person();
    }
    std::vector<RuleSpec> take() { return std::move(specs_); }

private:
    void add(std::string_view kind, const Item& item, Json params = nullptr, std::string severity = "major") {
        RuleSpec spec{.id = "derived." + std::string(kind) + "." + item.column,
                      .kind = std::string(kind),
                      .item = item.column,
                      .params = std::move(params),
                      .severity = std::move(severity),
                      .title = std::string(label(item)) + "：" + std::string(find_kind(kind)->title_zh)};
        specs_.push_back(std::move(spec));
    }
    void bounds(const Item& item) {
        if (!numeric(item)) {
            return;
        }
        std::string_view name = label(item);
        if (contains(name, "经度")) {
            add("range", item, {{"min", 116.36}, {"max", 118.67}}, "minor");
        } else if (contains(name, "纬度")) {
            add("range", item, {{"min", 33.72}, {"max", 34.97}}, "minor");
        } else if (contains(name, "年龄")) {
            add("range", item, {{"min", 0}, {"max", 130}}, "minor");
        } else if (item.type == "Y" || contains_any(name, count_words)) {
            add("range", item, {{"min", 0}}, "minor");
        }
    }
    void key() {
        std::vector<const Item*> parts;
        for (const Item& item : items_) {
            if (item.primary_key) {
                parts.push_back(&item);
            }
        }
        if (parts.size() == 1) {
            add("unique", *parts.front());
        } else if (parts.size() > 1) {
            Json columns = Json::array();
            for (const Item* part : parts) {
                columns.push_back(part->column);
            }
            add("composite_unique", *parts.front(), {{"columns", columns}});
        }
    }
    /// 开始日期 with 结束日期; or the only one of each word.
    void order(const Pair& words) {
        std::vector<const Item*> first;
        std::vector<const Item*> second;
        for (const Item& item : items_) {
            if (dated(item) && contains(label(item), words.first)) {
                first.push_back(&item);
            } else if (dated(item) && contains(label(item), words.second)) {
                second.push_back(&item);
            }
        }
        for (const Item* before : first) {
            std::string partner(label(*before));
            partner.replace(partner.find(words.first), words.first.size(), words.second);
            auto after =
                std::ranges::find_if(second, [&](const Item* item) { return label(*item) == partner; });
            if (after != second.end()) {
                add("date_order", **after, {{"before", before->column}});
            } else if (first.size() == 1 && second.size() == 1) {
                add("date_order", *second.front(), {{"before", before->column}});
            }
        }
    }
    void person() {
        const Item* number = nullptr;
        for (const Item& item : items_) {
            if (item.element == "id_number") {
                if (number != nullptr) {
                    return;  // two persons in a row: whose birth date it is, nobody can tell from names
                }
                number = &item;
            }
        }
        if (number == nullptr) {
            return;
        }
        for (const Item& item : items_) {
            if (item.type == "D" && contains(label(item), "出生")) {
                add("id_vs_birth", *number, {{"birth", item.column}});
            } else if (contains(label(item), "性别")) {
                add("id_vs_sex", *number, {{"sex", item.column}});
            }
        }
    }

    std::span<const Item> items_;
    std::vector<RuleSpec> specs_;
};

}  // namespace

std::vector<RuleSpec> derive_for_load(std::span<const Item> items) {
    Deriver deriver(items);
    deriver.structure();
    return deriver.take();
}

std::vector<RuleSpec> derive(std::span<const Item> items) {
    Deriver deriver(items);
    deriver.structure();
    deriver.meaning();
    return deriver.take();
}

}  // namespace pengcheng::rules
