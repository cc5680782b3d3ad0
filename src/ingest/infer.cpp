#include "ingest/infer.hpp"

#include "ingest/elements.hpp"
#include "ingest/identifier.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/rules/check.hpp>

#include <cmath>
#include <filesystem>

namespace pengcheng::ingest {

namespace {

constexpr std::int64_t element_values_max = 1000;
constexpr std::size_t distinct_max = 1'000'000;        // of one column
constexpr std::size_t distinct_total_max = 8'000'000;  // of all
constexpr std::size_t samples_max = 5;
constexpr std::size_t sample_bytes_max = 200;
constexpr std::size_t sample_rows_max = 20;
constexpr int memo_length = 500;
constexpr int integer_digits_max = 18;
constexpr std::int64_t whole_bytes_max = 256LL << 20;
constexpr std::int64_t start_rows = 10'000;

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// Codes are text even where every value is a number: nobody adds them up.
bool called_a_code(std::string_view header) {
    return contains_any(header, {"代码", "编码", "编号", "号码", "证号", "邮编", "账号", "卡号", "电话",
                                 "手机", "序列号"}) ||
           header.ends_with("号") || header == "code" || header.ends_with("_code") ||
           header.ends_with("code") || header == "id" || header.ends_with("_id");
}

bool called_a_day(std::string_view header) {
    return contains_any(header, {"日期", "时间", "年月日", "date", "time"}) || header.ends_with("日");
}

/// "12", "-3.50": digits before and after the point; nothing for anything else.
struct Digits {
    int whole = 0;
    int decimals = 0;
    bool leading_zero = false;
};
std::optional<Digits> digits_of(std::string_view text) {
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        text.remove_prefix(1);
    }
    Digits out;
    std::size_t point = std::min(text.find('.'), text.size());
    std::string_view whole = text.substr(0, point);
    std::string_view decimals = text.substr(std::min(point + 1, text.size()));
    auto all_digits = [](std::string_view part) {
        return part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (whole.empty() || !all_digits(whole) || !all_digits(decimals) ||
        (point < text.size() && decimals.empty())) {
        return std::nullopt;
    }
    out.whole = static_cast<int>(whole.size());
    out.decimals = static_cast<int>(decimals.size());
    out.leading_zero = whole.size() > 1 && whole[0] == '0';
    return out;
}

int rounded_length(std::size_t length) {
    for (int step : {10, 20, 50, 100, 200, 300, memo_length}) {
        if (length <= static_cast<std::size_t>(step)) {
            return step;
        }
    }
    return memo_length;
}

}  // namespace

struct Inference::Column {
    std::string name;
    std::string header;  ///< lower case
    std::int64_t filled = 0;
    std::int64_t blank = 0;
    std::size_t length_max = 0;
    std::size_t length_min = std::string::npos;
    bool numbers = true;
    bool money_like = true;  ///< fits N though not plain digits
    bool zeros = false;      ///< a leading zero
    int whole_max = 0;
    int decimals_max = 0;
    bool days = true;
    bool times = true;
    bool has_clock = false;
    bool only_digits = true;
    bool logical = true;
    std::size_t distinct_limit = distinct_max;
    bool distinct_known = true;
    std::unordered_set<std::size_t> distinct;
    bool repeated = false;
    std::int64_t judged = 0;
    std::vector<std::int64_t> passed;  ///< by element
    std::vector<std::string> samples;

    void add(std::string_view cell, Day today);
    void judge_number(std::string_view cell);
    void judge_elements(std::string_view cell, Day today);
    void note_value(std::string_view cell);
    [[nodiscard]] std::string type() const;
    [[nodiscard]] const Element* element() const;
    [[nodiscard]] bool unique() const { return filled > 1 && !repeated && distinct_known; }
    void size(catalogue::Item& item) const;
};

void Inference::Column::add(std::string_view raw, Day today) {
    std::string_view cell = trim(raw);
    if (rules::is_empty("C", cell)) {
        ++blank;
        return;
    }
    std::size_t length = utf8_length(cell);
    length_max = std::max(length_max, length);
    note_value(cell);
    judge_elements(cell, today);
    // In a column of numbers or dates a dash or 无 says "nothing"; it must not make the column text.
    if (rules::is_empty("N", cell)) {
        ++blank;
        return;
    }
    ++filled;
    length_min = std::min(length_min, length);
    judge_number(cell);
    std::string ignored;
    days = days && rules::to_pg_text("D", cell, ignored);
    times = times && rules::to_pg_text("T", cell, ignored);
    has_clock = has_clock || cell.find(':') != std::string_view::npos;
    logical = logical && !(cell == "0" || cell == "1") && rules::to_pg_text("L", cell, ignored);
}

void Inference::Column::judge_number(std::string_view cell) {
    auto digits = numbers ? digits_of(cell) : std::nullopt;
    only_digits = only_digits && cell.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits) {
        zeros = zeros || digits->leading_zero;
        whole_max = std::max(whole_max, digits->whole);
        decimals_max = std::max(decimals_max, digits->decimals);
        return;
    }
    numbers = false;
    std::string text;
    money_like = money_like && rules::to_pg_text("N", cell, text);
    if (money_like) {
        if (auto meant = digits_of(text)) {
            whole_max = std::max(whole_max, meant->whole);
            decimals_max = std::max(decimals_max, meant->decimals);
        }
    }
}

void Inference::Column::judge_elements(std::string_view cell, Day today) {
    if (judged >= element_values_max) {
        return;
    }
    ++judged;
    auto all = elements();
    passed.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].passes != nullptr && all[i].passes(cell, today)) {
            ++passed[i];
        }
    }
}

void Inference::Column::note_value(std::string_view cell) {
    if (samples.size() < samples_max && std::find(samples.begin(), samples.end(), cell) == samples.end()) {
        samples.push_back(cell.size() > sample_bytes_max ? utf8_prefix(cell, sample_bytes_max / 4)
                                                         : std::string(cell));
    }
    if (repeated || !distinct_known) {
        return;
    }
    repeated = !distinct.insert(std::hash<std::string_view>{}(cell)).second;
    distinct_known = distinct.size() < distinct_limit;
    if (repeated || !distinct_known) {
        distinct.clear();
    }
}

std::string Inference::Column::type() const {
    if (filled == 0) {
        return "C";
    }
    if (logical) {
        return "L";
    }
    // Eight digits are a day only where the header says so.
    bool may_be_time = !only_digits || called_a_day(header);
    if (days && may_be_time && !has_clock) {
        return "D";
    }
    if (times && may_be_time) {
        return "T";
    }
    bool same_length = filled > 4 && length_min == length_max && length_max >= 6 && only_digits;
    bool code = zeros || called_a_code(header) || same_length;
    if (!code && numbers && decimals_max == 0 && whole_max <= integer_digits_max) {
        return "I";
    }
    if (!code && (numbers || money_like) && whole_max <= 20) {
        return decimals_max > 8 ? "B" : "N";
    }
    return length_max > static_cast<std::size_t>(memo_length) ? "M" : "C";
}

const Element* Inference::Column::element() const {
    auto all = elements();
    auto enough = [&](std::size_t i) { return judged > 0 && passed[i] * 10 >= judged * 8; };
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (named(header, all[i]) && (all[i].passes == nullptr || (!passed.empty() && enough(i)))) {
            return &all[i];
        }
    }
    for (std::size_t i = 0; i < all.size() && !passed.empty(); ++i) {
        if (all[i].by_value && judged >= 5 && enough(i)) {
            return &all[i];
        }
    }
    return nullptr;
}

void Inference::Column::size(catalogue::Item& item) const {
    if (item.type == "C") {
        bool fixed = item.element == "id_number" || item.element == "credit_code";
        item.length = fixed ? 18 : rounded_length(length_max);
    } else if (item.type == "N") {
        // Next month's numbers may be larger, and one more decimal is no fault.
        item.scale = std::max(decimals_max, 2);
        item.length = std::max(18, whole_max + *item.scale);
    }
}

Inference::Inference(std::vector<std::string> names, Day today) : today_(today) {
    for (std::string& name : names) {
        Column column;
        column.distinct_limit = std::min(distinct_max, distinct_total_max / names.size());
        column.header = lower_ascii(name);
        column.name = std::move(name);
        columns_.push_back(std::move(column));
    }
}
Inference::~Inference() = default;

void Inference::add(const std::vector<std::string>& cells) {
    ++rows_;
    for (std::size_t i = 0; i < columns_.size() && i < cells.size(); ++i) {
        columns_[i].add(cells[i], today_);
    }
}

std::vector<Guess> Inference::guesses() const {
    std::vector<Guess> out;
    std::set<std::string> taken;
    int key = -1;
    int key_rank = 0;
    for (const Column& column : columns_) {
        if (column.name == reason_column) {
            continue;
        }
        Guess& guess = out.emplace_back();
        catalogue::Item& item = guess.item;
        item.no = static_cast<int>(out.size());
        item.name = column.name;
        item.column = column_identifier(column.name, taken);
        const Element* element = column.element();
        item.type = element != nullptr && element->passes != nullptr ? "C" : column.type();
        if (element != nullptr) {
            item.element = std::string(element->name);
            item.sensitive = element->sensitive;
            item.grade = element->grade;
        }
        item.nullable = column.blank > 0 || rows_ == 0;
        column.size(item);
        guess.unique = column.unique() && column.blank == 0;
        guess.samples = column.samples;
        bool keylike = guess.unique && (item.type == "C" || item.type == "I") && column.length_max <= 64;
        int rank = !keylike ? 0 : called_a_code(column.header) ? 3 : item.no == 1 ? 2 : 0;
        if (rank > key_rank) {
            key = item.no - 1;
            key_rank = rank;
        }
    }
    if (key >= 0) {
        out[static_cast<std::size_t>(key)].item.primary_key = true;
    }
    return out;
}

namespace {

void note_faults(Inspection& out, std::int64_t faults, std::int64_t first_line, const std::string& zh,
                 const std::string& en) {
    if (faults == 0) {
        return;
    }
    std::string count = std::to_string(faults);
    std::string line = std::to_string(first_line);
    out.notices.push_back(
        {"faulty_rows", count + " 行有问题，入库时会列为问题行；第一处在第 " + line + " 行：" + zh,
         count + " rows are faulty and will be rejected; the first is line " + line + ": " + en});
}

std::vector<std::string> shortened(const std::vector<std::string>& cells) {
    std::vector<std::string> out;
    for (const std::string& cell : cells) {
        bool long_cell = cell.size() > sample_bytes_max * 5;
        out.push_back(long_cell ? utf8_prefix(cell, sample_bytes_max) + "…" : cell);
    }
    return out;
}

}  // namespace

Inspection inspect(const std::filesystem::path& path, formats::ReadOptions options, Day today) {
    auto table = formats::open_table(path, std::move(options));
    Inspection out{.format = std::string(formats::name_of(table->format())),
                   .encoding = table->encoding(),
                   .delimiter = table->delimiter(),
                   .sheet = table->sheet(),
                   .sheets = table->sheets(),
                   .header_row = table->header_line()};
    Inference inference(table->header(), today);
    bool whole = table->bytes_total() <= whole_bytes_max;
    std::vector<std::string> cells;
    std::int64_t line = 0;
    std::int64_t faults = 0;
    std::int64_t first_line = 0;
    std::string zh;
    std::string en;
    bool ended = false;
    while (whole || out.row_count < start_rows) {
        ended = !table->next(cells, line);
        if (ended) {
            break;
        }
        ++out.row_count;
        if (out.sample_rows.size() < sample_rows_max) {
            out.sample_rows.push_back(shortened(cells));
        }
        if (const formats::RowFault* fault = table->fault()) {
            if (faults++ == 0) {
                first_line = line;
                zh = fault->text_zh;
                en = fault->text_en;
            }
        } else {
            inference.add(cells);
        }
    }
    if (!ended && table->bytes_read() > 0) {
        double share = static_cast<double>(table->bytes_total()) / static_cast<double>(table->bytes_read());
        out.row_count = std::llround(static_cast<double>(out.row_count) * share);
        out.row_count_estimated = true;
        out.notices.push_back(
            {"estimated", "文件较大，只看了开头，行数为估计值",
             "the file is large: only its start was read, the number of rows is an estimate"});
    }
    out.items = inference.guesses();
    out.notices.insert(out.notices.end(), table->notices().begin(), table->notices().end());
    note_faults(out, faults, first_line, zh, en);
    return out;
}

}  // namespace pengcheng::ingest
