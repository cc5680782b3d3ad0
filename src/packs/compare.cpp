#include "packs/compare.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace pengcheng::packs {

namespace {

/// The member that tells the things of a list apart, or nothing.
std::string identity_of(const Json& list) {
    static constexpr std::array<const char*, 5> names{"code", "column", "value", "name", "from"};
    for (const char* name : names) {
        std::set<std::string> seen;
        const bool tells = !list.empty() && std::all_of(list.begin(), list.end(), [&](const Json& one) {
            return one.is_object() && one.contains(name) && one[name].is_string() &&
                   seen.insert(one[name].get<std::string>()).second;
        });
        if (tells) {
            return name;
        }
    }
    return "";
}

class Comparison {
public:
    void compare(const std::string& pointer, const Json& from, const Json& to) {
        if (from == to) {
            return;
        }
        if (from.is_object() && to.is_object()) {
            compare_objects(pointer, from, to);
            return;
        }
        if (from.is_array() && to.is_array()) {
            const std::string name = identity_of(from);
            if (!name.empty() && identity_of(to) == name) {
                compare_lists(pointer, name, from, to);
                return;
            }
        }
        fields.push_back({pointer, "changed", from, to});
    }

    std::vector<Field> fields;

private:
    void compare_objects(const std::string& pointer, const Json& from, const Json& to) {
        for (const auto& [name, value] : from.items()) {
            if (to.contains(name)) {
                compare(pointer + "/" + name, value, to[name]);
            } else {
                fields.push_back({pointer + "/" + name, "removed", value, nullptr});
            }
        }
        for (const auto& [name, value] : to.items()) {
            if (!from.contains(name)) {
                fields.push_back({pointer + "/" + name, "added", nullptr, value});
            }
        }
    }

    void compare_lists(const std::string& pointer, const std::string& name, const Json& from,
                       const Json& to) {
        std::map<std::string, const Json*> wanted;
        std::vector<std::string> order_from;
        std::vector<std::string> order_to;
        for (const Json& one : to) {
            wanted[one[name].get<std::string>()] = &one;
        }
        std::set<std::string> present;
        for (const Json& one : from) {
            const auto id = one[name].get<std::string>();
            present.insert(id);
            if (const auto found = wanted.find(id); found != wanted.end()) {
                order_from.push_back(id);
                compare(pointer + "/" + id, one, *found->second);
            } else {
                fields.push_back({pointer + "/" + id, "removed", one, nullptr});
            }
        }
        for (const Json& one : to) {
            const auto id = one[name].get<std::string>();
            if (present.contains(id)) {
                order_to.push_back(id);
            } else {
                fields.push_back({pointer + "/" + id, "added", nullptr, one});
            }
        }
        if (order_from != order_to) {
            fields.push_back({pointer, "moved", order_from, order_to});
        }
    }
};

}  // namespace

std::vector<Field> differences(const Json& from, const Json& to) {
    Comparison comparison;
    comparison.compare("", from, to);
    return std::move(comparison.fields);
}

}  // namespace pengcheng::packs
