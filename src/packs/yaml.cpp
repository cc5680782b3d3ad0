#include "packs/yaml.hpp"

#include <pengcheng/base/reference.hpp>
#include <pengcheng/base/text.hpp>

#include <yaml-cpp/yaml.h>

namespace pengcheng::packs {

namespace {

constexpr int nodes_max = 200'000;
constexpr int depth_max = 24;
/// Escaped it takes six times as much, and yaml-cpp reads no key of more than 1,024 characters back.
constexpr std::size_t key_bytes_max = 160;

/// Thrown where a file cannot be read further.
struct Unreadable {
    Mark mark;
    std::string zh;
    std::string en;
};

Mark place(const YAML::Mark& mark) {
    return {.line = mark.line + 1, .column = mark.column + 1};
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
            throw Unreadable{place(node.Mark()), "内容过多或嵌套过深", "holds too much or nests too deep"};
        }
        document_.marks.emplace(pointer, place(node.Mark()));
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return read_map(node, pointer, depth);
            case YAML::NodeType::Sequence:
                return read_list(node, pointer, depth);
            case YAML::NodeType::Scalar:
                return read_scalar(node, pointer);
            default:
                return nullptr;
        }
    }

private:
    Json read_scalar(const YAML::Node& node, const std::string& pointer) {
        const std::string text = checked(node.Scalar(), node.Mark());
        if (!has_reference(text)) {
            return node.Tag() == "?" ? plain_scalar(text) : Json(text);
        }
        document_.references.emplace(pointer, text);
        try {
            return checked(resolve_references(text), node.Mark());
        } catch (const ProblemError& error) {
            fault(node.Mark(), error.problem().detail_zh, error.problem().detail_en);
            return nullptr;
        }
    }

    /// The text, or none and a fault: yaml-cpp makes Latin-1 of the escapes `\N` and `\_`, a reference may
    /// lead to any bytes, and PostgreSQL keeps no NUL.
    std::string checked(std::string text, const YAML::Mark& mark) {
        if (valid_utf8(text) && text.find('\0') == std::string::npos) {
            return text;
        }
        fault(mark, "文字不是 UTF-8，或含有 NUL 字符", "text is not UTF-8 or holds a NUL",
              "直接写出字符，不用 \\N、\\_ 或 \\0 转义",
              "write the character itself, not the escape \\N, \\_ or \\0");
        return {};
    }

    Json read_map(const YAML::Node& node, const std::string& pointer, int depth) {
        Json object = Json::object();
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) {
                throw Unreadable{place(entry.first.Mark()), "键须为文字", "a key must be text"};
            }
            const std::string key = checked(entry.first.Scalar(), entry.first.Mark());
            if (key.size() > key_bytes_max) {
                fault(entry.first.Mark(), "键过长", "the key is too long", "至多 160 字节",
                      "160 bytes at most");
                continue;
            }
            if (object.contains(key)) {
                fault(entry.first.Mark(), "键“" + key + "”重复", "the key " + key + " comes twice");
                continue;
            }
            refuse_literal_secret(key, entry.second);
            const std::string at = pointer + "/" + key;
            document_.marks.emplace(at, place(entry.first.Mark()));
            object[key] = read(entry.second, at, depth + 1);
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

    void refuse_literal_secret(const std::string& key, const YAML::Node& value) {
        if (names_secret(key) && value.IsScalar() && !without_references(value.Scalar()).empty()) {
            fault(value.Mark(), key + " 中不能写明文口令", key + " may hold no secret in plain text",
                  "改用 ${env:NAME} 或 ${file:/path}", "write ${env:NAME} or ${file:/path}");
        }
    }

    void fault(const YAML::Mark& mark, std::string zh, std::string en, std::string remedy_zh = {},
               std::string remedy_en = {}) {
        const Mark at = place(mark);
        faults_.push_back({file_, at.line, at.column, std::move(zh), std::move(en), std::move(remedy_zh),
                           std::move(remedy_en)});
    }

    Document& document_;
    const std::string& file_;
    std::vector<Fault>& faults_;
    int nodes_ = 0;
};

}  // namespace

namespace {

/// The one document of the file. YAML allows several, and what stands in the others would be overlooked.
YAML::Node only_document(const std::string& text) {
    std::vector<YAML::Node> documents = YAML::LoadAll(text);
    for (std::size_t i = 1; i < documents.size(); ++i) {
        if (!documents[i].IsNull()) {
            throw Unreadable{place(documents[i].Mark()), "文件中有第二个文档（---）",
                             "the file holds a second document (---)"};
        }
    }
    return documents.empty() ? YAML::Node() : documents.front();
}

}  // namespace

Mark Document::mark_of(std::string pointer) const {
    while (!marks.contains(pointer)) {
        const auto slash = pointer.rfind('/');
        if (slash == std::string::npos) {
            return {};
        }
        pointer.resize(slash);
    }
    return marks.at(pointer);
}

bool reads_as_itself(const std::string& text) {
    static const std::set<std::string> words{"yes", "no", "on", "off", "y", "n", "true", "false", "null"};
    if (words.contains(lower_ascii(text)) || plain_scalar(text) != Json(text) || trim(text) != text) {
        return false;
    }
    const auto first = static_cast<unsigned char>(text.front());
    const bool starts_well = std::isalpha(first) != 0 || first >= 0x80;
    return starts_well && text.find_first_of(":?#{}[],&*!|>'\"%@`\\") == std::string::npos &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

Document read_yaml(const std::string& text, const std::string& file, std::vector<Fault>& faults) {
    Document document;
    const auto fault = [&](Mark mark, std::string zh, std::string en, std::string remedy_zh,
                           std::string remedy_en) {
        faults.push_back({file, mark.line, mark.column, std::move(zh), std::move(en), std::move(remedy_zh),
                          std::move(remedy_en)});
    };
    if (!valid_utf8(text)) {
        fault({}, "不是 UTF-8 文本", "is not UTF-8", "另存为 UTF-8", "save it as UTF-8");
        return document;
    }
    try {
        document.content = Reader(document, file, faults).read(only_document(text), "", 0);
    } catch (const YAML::Exception& error) {
        fault(place(error.mark), "YAML 语法错误：" + error.msg, "YAML: " + error.msg,
              "检查缩进、冒号后的空格和引号", "check indentation, the space after a colon, and quotes");
    } catch (const Unreadable& error) {
        fault(error.mark, error.zh, error.en, "分成几个文件", "split it into files");
    }
    return document;
}

}  // namespace pengcheng::packs
