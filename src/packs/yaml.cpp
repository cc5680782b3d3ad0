#include "packs/yaml.hpp"

#include <pengcheng/base/text.hpp>

#include <yaml-cpp/yaml.h>

namespace pengcheng::packs {

namespace {

constexpr int nodes_max = 200'000;
constexpr int depth_max = 24;

/// Thrown where a file cannot be read further.
struct Unreadable {
    int line;
    std::string zh;
    std::string en;
};

int line_at(const YAML::Node& node) {
    return node.Mark().line + 1;
}

Json plain_scalar(const std::string& text) {
    if (text == "true" || text == "false") {
        return text == "true";
    }
    if (text.empty() || text == "null" || text == "~") {
        return nullptr;
    }
    // 007 and the like are codes that lost their quotes, not numbers.
    const bool leading_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
    if (leading_zero || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) {
        return text;
    }
    if (const auto number = to_int(text)) {
        return *number;
    }
    if (const auto number = to_double(text)) {
        return *number;
    }
    return text;
}

class Reader {
public:
    Reader(Document& document, const std::string& file, std::vector<Fault>& faults)
        : document_(document), file_(file), faults_(faults) {}

    Json read(const YAML::Node& node, const std::string& pointer, int depth) {
        if (++nodes_ > nodes_max || depth > depth_max) {
            throw Unreadable{line_at(node), "内容过多或嵌套过深", "holds too much or nests too deep"};
        }
        document_.lines.emplace(pointer, line_at(node));
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return read_map(node, pointer, depth);
            case YAML::NodeType::Sequence:
                return read_list(node, pointer, depth);
            case YAML::NodeType::Scalar:
                return node.Tag() == "?" ? plain_scalar(node.Scalar()) : Json(node.Scalar());
            default:
                return nullptr;
        }
    }

private:
    Json read_map(const YAML::Node& node, const std::string& pointer, int depth) {
        Json object = Json::object();
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) {
                throw Unreadable{line_at(entry.first), "键须为文字", "a key must be text"};
            }
            const std::string key = entry.first.Scalar();
            if (object.contains(key)) {
                faults_.push_back(
                    {file_, line_at(entry.first), "键“" + key + "”重复", "the key " + key + " comes twice"});
                continue;
            }
            const std::string place = pointer + "/" + key;
            document_.lines.emplace(place, line_at(entry.first));
            object[key] = read(entry.second, place, depth + 1);
        }
        return object;
    }

    Json read_list(const YAML::Node& node, const std::string& pointer, int depth) {
        Json list = Json::array();
        for (const auto& entry : node) {
            list.push_back(read(entry, pointer + "/" + std::to_string(list.size()), depth + 1));
        }
        return list;
    }

    Document& document_;
    const std::string& file_;
    std::vector<Fault>& faults_;
    int nodes_ = 0;
};

}  // namespace

int Document::line_of(std::string pointer) const {
    while (!lines.contains(pointer)) {
        const auto slash = pointer.rfind('/');
        if (slash == std::string::npos) {
            return 1;
        }
        pointer.resize(slash);
    }
    return lines.at(pointer);
}

Document read_yaml(const std::string& text, const std::string& file, std::vector<Fault>& faults) {
    Document document;
    if (!valid_utf8(text)) {
        faults.push_back({file, 1, "不是 UTF-8 文本", "is not UTF-8"});
        return document;
    }
    try {
        document.content = Reader(document, file, faults).read(YAML::Load(text), "", 0);
    } catch (const YAML::Exception& error) {
        faults.push_back({file, error.mark.line + 1, "YAML 语法错误:" + error.msg, "YAML: " + error.msg});
    } catch (const Unreadable& error) {
        faults.push_back({file, error.line, error.zh, error.en});
    }
    return document;
}

}  // namespace pengcheng::packs
