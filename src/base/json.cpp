#include <pengcheng/base/json.hpp>

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng {

namespace {

constexpr ProblemType bad_json{"base.bad-json", 400, "The body is not valid JSON", "请求内容不是合法的 JSON"};

/// Builds the document while it bounds depth and refuses a key given twice.
class Builder : public nlohmann::json_sax<Json> {
public:
    explicit Builder(int depth_max) : depth_max_(depth_max) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return storable(value) && put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        if (!storable(value)) {
            return false;
        }
        if (open_.back()->contains(value)) {
            zh = "字段“" + value + "”重复出现";
            en = "the member \"" + value + "\" appears twice";
            return false;
        }
        key_ = std::move(value);
        return true;
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::detail::exception&) override {
        std::string where = std::to_string(position);
        std::string near = utf8_prefix(token, 40);
        while (!valid_utf8(near)) {
            near.pop_back();  // the token ends where reading ended, which may be within a character
        }
        zh = "第 " + where + " 字节处有误" + (near.empty() ? "" : "，附近内容：" + near);
        en = "error at byte " + where + (near.empty() ? "" : ", near: " + near);
        return false;
    }

    Json root;
    std::string zh, en;

private:
    template <class V>
    Json* place(V&& value) {
        if (open_.empty()) {
            root = std::forward<V>(value);
            return &root;
        }
        Json& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::forward<V>(value));
            return &parent.back();
        }
        return &(parent[key_] = std::forward<V>(value));
    }
    /// No column holds U+0000, and what is cut off there would be another text than the one that was checked.
    bool storable(const string_t& value) {
        bool clean = value.find('\0') == string_t::npos;
        if (!clean) {
            zh = "文字中含有 U+0000";
            en = "a text holds U+0000";
        }
        return clean;
    }
    template <class V>
    bool put(V&& value) {
        place(std::forward<V>(value));
        return true;
    }
    bool open(Json empty) {
        if (static_cast<int>(open_.size()) >= depth_max_) {
            zh = "嵌套超过 " + std::to_string(depth_max_) + " 层";
            en = "nested deeper than " + std::to_string(depth_max_) + " levels";
            return false;
        }
        open_.push_back(place(std::move(empty)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    int depth_max_;
    std::vector<Json*> open_;
    std::string key_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, int depth_max) {
    if (!valid_utf8(text)) {
        return bad_json.because("内容不是合法的 UTF-8", "the text is not valid UTF-8");
    }
    Builder builder(depth_max);
    if (!Json::sax_parse(text, &builder)) {
        return bad_json.because(builder.zh, builder.en);
    }
    return std::move(builder.root);
}

}  // namespace pengcheng
