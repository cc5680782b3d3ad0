#include "formats/csv_parser.hpp"
#include "formats/encoding.hpp"
#include "formats/problems.hpp"
#include "formats/readers.hpp"

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::formats {

namespace {

constexpr std::size_t record_bytes_max = 4 << 20;
constexpr std::size_t header_records = 1000;
// As a tree of values they take some ten times their text.
constexpr std::size_t header_bytes_max = 8 << 20;
constexpr int nested_depth_max = 16;

/// Cuts a JSON array, or values one after another (NDJSON), into the texts of its elements. What is inside
/// an element is the JSON parser's matter.
class Splitter {
public:
    explicit Splitter(TextSource& text) : text_(text) {}

    bool next(std::string& element) {
        element.clear();
        char c = 0;
        if (!first_nonblank(c)) {
            return finish();
        }
        if (!begun_) {
            begun_ = true;
            array_ = c == '[';
            at_ += array_ ? 1 : 0;
            if (array_ && first_nonblank(c) && c == ']') {
                ++at_;
                closed_ = true;
                return finish();
            }
        } else if (array_) {
            if (closed_) {
                fail("数组之后还有内容", "something follows the array");
            }
            ++at_;
            if (c == ']') {
                closed_ = true;
                char rest = 0;
                if (first_nonblank(rest)) {
                    fail("数组之后还有内容", "something follows the array");
                }
                return false;
            }
            if (c != ',') {
                fail("记录之间缺少逗号", "a comma is missing between records");
            }
        }
        if (!first_nonblank(c)) {
            fail("文件在一条记录之前结束", "the file ends before a record");
        }
        take(element);
        return true;
    }

    [[noreturn]] void fail(const std::string& zh, const std::string& en) const {
        std::string line = std::to_string(line_);
        throw ProblemError(
            problem::broken_json.because("第 " + line + " 行：" + zh, "line " + line + ": " + en));
    }

private:
    bool peek(char& c) {
        while (at_ == piece_.size()) {
            at_ = 0;
            if (!text_.next(piece_)) {
                piece_.clear();
                return false;
            }
        }
        c = piece_[at_];
        return true;
    }
    bool first_nonblank(char& c) {
        while (peek(c) && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            line_ += c == '\n' ? 1 : 0;
            ++at_;
        }
        return at_ < piece_.size();
    }
    bool finish() {
        if (array_ && !closed_) {
            fail("文件不完整，数组没有结束", "the array is not closed; the file is cut off");
        }
        return false;
    }
    void take(std::string& element) {
        int depth = 0;
        bool in_string = false;
        bool escaped = false;
        char c = 0;
        while (peek(c)) {
            if (!in_string && depth == 0 && !element.empty() &&
                (c == ',' || c == ']' || c == '\n' || c == '\r' || c == '{')) {
                return;
            }
            element.push_back(c);
            line_ += c == '\n' ? 1 : 0;
            ++at_;
            if (element.size() > record_bytes_max) {
                fail("一条记录超过 4 MiB", "a record is over 4 MiB");
            }
            if (in_string) {
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                in_string = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                if (--depth <= 0) {
                    return;
                }
            }
        }
    }

    TextSource& text_;
    std::string piece_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1;
    bool begun_ = false;
    bool array_ = false;
    bool closed_ = false;
};

using OrderedJson = nlohmann::ordered_json;

std::string cell_text(const OrderedJson& value) {
    if (value.is_null()) {
        return {};
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Numbers keep their spelling (12-digit codes, 1.10): they become strings before the DOM sees a double.
class KeepNumbers : public nlohmann::detail::json_sax_dom_parser<OrderedJson> {
public:
    using Base = nlohmann::detail::json_sax_dom_parser<OrderedJson>;
    KeepNumbers(OrderedJson& root, std::size_t keys_max) : Base(root, false), keys_max_(keys_max) {}
    bool number_float(double, const std::string& text) {
        std::string copy = text;
        return Base::string(copy);
    }
    bool start_object(std::size_t size) { return ++depth_ <= nested_depth_max && Base::start_object(size); }
    bool start_array(std::size_t size) { return ++depth_ <= nested_depth_max && Base::start_array(size); }
    [[nodiscard]] bool too_deep() const { return depth_ > nested_depth_max; }
    /// Adding a member looks through those before it, so their number bounds the time too.
    bool key(std::string& name) { return ++keys_ <= keys_max_ && Base::key(name); }
    [[nodiscard]] bool too_many() const { return keys_ > keys_max_; }
    bool end_object() { return --depth_, Base::end_object(); }
    bool end_array() { return --depth_, Base::end_array(); }

private:
    std::size_t keys_max_;
    std::size_t keys_ = 0;
    int depth_ = 0;
};

class JsonReader final : public TableReader {
public:
    JsonReader(const std::filesystem::path& path, const ReadOptions& options)
        : text_(path, options.encoding, options.limits),
          splitter_(text_),
          columns_max_(options.limits.columns_max) {
        format_ = Format::json;
        bytes_total_ = static_cast<std::int64_t>(std::filesystem::file_size(path));
        encoding_ = text_.encoding().name;
        byte_order_mark_ = text_.encoding().byte_order_mark;
        OrderedJson record;
        std::size_t held_bytes = 0;
        while (held_.size() < header_records && held_bytes < header_bytes_max && parse_next(record)) {
            held_bytes += element_.size();
            if (record.is_object()) {
                for (const auto& [name, value] : record.items()) {
                    add_column(name);
                }
            }
            held_.push_back(std::move(record));
        }
        if (header_.empty()) {
            throw ProblemError(
                problem::broken_json.because("需要由对象组成的数组，或每行一个对象",
                                             "an array of objects, or one object a line, is wanted"));
        }
    }

    bool next(std::vector<std::string_view>& cells, std::int64_t& line) override {
        if (!take_record(line)) {
            return false;
        }
        cells.assign(cells_.begin(), cells_.end());
        return true;
    }

    [[nodiscard]] const RowFault* fault() const override { return faulty_ ? &fault_ : nullptr; }
    [[nodiscard]] std::int64_t bytes_read() const override { return text_.position(); }

private:
    bool take_record(std::int64_t& line) {
        OrderedJson record;
        if (taken_ < held_.size()) {
            record = std::move(held_[taken_++]);
        } else if (!parse_next(record)) {
            return false;
        }
        line = ++records_;
        faulty_ = false;
        cells_.assign(header_.size(), {});
        if (!record.is_object()) {
            set_fault("not_object", "这条记录不是对象", "this record is not an object");
            cells_[0] = cell_text(record);
            return true;
        }
        for (const auto& [name, value] : record.items()) {
            auto found = places_.find(name);
            if (found == places_.end()) {
                set_fault("unknown_member", "前 1000 条记录中没有成员“" + name + "”",
                          "the first 1000 records have no member " + name);
                continue;
            }
            cells_[found->second] = cell_text(value);
        }
        return true;
    }
    bool parse_next(OrderedJson& record) {
        if (!splitter_.next(element_)) {
            return false;
        }
        record = nullptr;
        KeepNumbers sax(record, columns_max_);
        if (!OrderedJson::sax_parse(element_, &sax)) {
            if (sax.too_many()) {
                refuse_width();
            }
            if (sax.too_deep()) {
                splitter_.fail("这条记录嵌套超过 16 层", "this record is nested more than 16 deep");
            }
            splitter_.fail("这条记录不是有效的 JSON:" + utf8_prefix(element_, 60),
                           "this record is not valid JSON: " + utf8_prefix(element_, 60));
        }
        return true;
    }
    void add_column(const std::string& name) {
        if (places_.emplace(name, header_.size()).second) {
            header_.push_back(name);
        }
        if (header_.size() > columns_max_) {
            refuse_width();
        }
    }
    [[noreturn]] void refuse_width() const {
        std::string most = std::to_string(columns_max_);
        throw ProblemError(problem::too_many_columns.because("最多 " + most + " 个不同的成员",
                                                             "at most " + most + " different members"));
    }
    void set_fault(std::string_view code, std::string zh, std::string en) {
        faulty_ = true;
        fault_ = {.code = code, .text_zh = std::move(zh), .text_en = std::move(en)};
    }

    TextSource text_;
    Splitter splitter_;
    std::size_t columns_max_;
    std::string element_;
    std::vector<OrderedJson> held_;
    std::size_t taken_ = 0;
    std::unordered_map<std::string, std::size_t> places_;
    std::vector<std::string> cells_;
    std::int64_t records_ = 0;
    bool faulty_ = false;
    RowFault fault_;
};

}  // namespace

std::unique_ptr<TableReader> open_json(const std::filesystem::path& path, const ReadOptions& options) {
    return std::make_unique<JsonReader>(path, options);
}

}  // namespace pengcheng::formats
