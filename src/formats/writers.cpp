#include <pengcheng/formats/writers.hpp>

#include "formats/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <cstring>

#include <unicode/ucnv.h>

namespace pengcheng::formats {

namespace {

bool is_true(std::string_view text) {
    return text == "t" || text == "true" || text == "TRUE" || text == "1";
}

/// PostgreSQL also writes NaN and Infinity, which JSON has not.
bool is_json_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

/// Text of the database as a JSON string. Its encoding is UTF-8, which PostgreSQL has checked, so only
/// quotes, backslashes and control characters matter; eight bytes are looked at together.
void append_json_text(std::string& out, std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = 0x8080808080808080;
    auto special = [](std::uint64_t eight) {
        auto zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
        std::uint64_t control = (eight - ones * 0x20) & ~eight & highs;
        return control | zero(eight ^ (ones * '"')) | zero(eight ^ (ones * '\\'));
    };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, 8);
        if (special(eight) != 0) {
            append_json_string(out, text);
            return;
        }
    }
    for (; at < text.size(); ++at) {
        auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x20 || c == '"' || c == '\\') {
            append_json_string(out, text);
            return;
        }
    }
    out += '"';
    out += text;
    out += '"';
}

void append_json_cell(std::string& out, const OutCell& cell, CellKind kind) {
    if (!cell) {
        out += "null";
    } else if (kind == CellKind::boolean) {
        out += is_true(*cell) ? "true" : "false";
    } else if (kind == CellKind::json || (kind == CellKind::number && is_json_number(*cell))) {
        out += *cell;
    } else {
        append_json_text(out, *cell);
    }
}

class CsvWriter final : public RowWriter {
public:
    CsvWriter(std::vector<OutColumn> columns, CsvOptions options)
        : columns_(std::move(columns)), options_(std::move(options)), plain_(options_.encoding == "UTF-8") {}

    void begin(std::string& out) override {
        if (options_.byte_order_mark && plain_) {
            out += "\xEF\xBB\xBF";
        }
        if (!options_.header) {
            return;
        }
        line_.clear();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const auto& column = columns_[i];
            put(i, options_.labels && !column.label.empty() ? column.label : column.name, CellKind::text);
        }
        flush(out);
    }
    void row(std::span<const OutCell> cells, std::string& out) override {
        line_.clear();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            CellKind kind = i < columns_.size() ? columns_[i].kind : CellKind::text;
            put(i, cells[i].value_or(""), kind);
        }
        // A single empty cell would be a blank line, which readers leave out.
        if (cells.size() == 1 && line_.empty()) {
            line_ = "\"\"";
        }
        flush(out);
    }
    void end(std::string&) override {}
    [[nodiscard]] std::string_view content_type() const override {
        return plain_ ? "text/csv; charset=utf-8" : "text/csv";
    }

private:
    void put(std::size_t place, std::string_view text, CellKind kind) {
        if (place > 0) {
            line_.push_back(options_.delimiter);
        }
        if (options_.neutralise && kind == CellKind::text && is_formula_like(text)) {
            safe_.assign("'").append(text);
            text = safe_;
        }
        append_csv_cell(line_, text, options_.delimiter);
    }
    void flush(std::string& out) {
        line_ += options_.line_end;
        out += plain_ ? line_ : encode_text(line_, options_.encoding);
    }

    std::vector<OutColumn> columns_;
    CsvOptions options_;
    bool plain_;
    std::string line_;
    std::string safe_;
};

class JsonWriter final : public RowWriter {
public:
    explicit JsonWriter(ObjectShape object) : object_(std::move(object)) {}
    void begin(std::string& out) override { out += "["; }
    void row(std::span<const OutCell> cells, std::string& out) override {
        out += std::exchange(first_, false) ? "\n" : ",\n";
        object_.append(cells, out);
    }
    void end(std::string& out) override { out += first_ ? "]\n" : "\n]\n"; }
    [[nodiscard]] std::string_view content_type() const override { return "application/json"; }

private:
    ObjectShape object_;
    bool first_ = true;
};

class NdjsonWriter final : public RowWriter {
public:
    explicit NdjsonWriter(ObjectShape object) : object_(std::move(object)) {}
    void begin(std::string&) override {}
    void row(std::span<const OutCell> cells, std::string& out) override {
        object_.append(cells, out);
        out.push_back('\n');
    }
    void end(std::string&) override {}
    [[nodiscard]] std::string_view content_type() const override { return "application/x-ndjson"; }

private:
    ObjectShape object_;
};

class GeojsonWriter final : public RowWriter {
public:
    GeojsonWriter(std::vector<OutColumn> columns, GeoColumns geo)
        : object_(std::move(columns)), left_out_(object_.columns().size()) {
        for (std::size_t i = 0; i < object_.columns().size(); ++i) {
            const std::string& name = object_.columns()[i].name;
            place(name == geo.longitude, i, longitude_);
            place(name == geo.latitude, i, latitude_);
            place(name == geo.geometry, i, geometry_);
            left_out_[i] = geometry_ == i;
        }
    }
    void begin(std::string& out) override { out += "{\"type\":\"FeatureCollection\",\"features\":["; }
    void row(std::span<const OutCell> cells, std::string& out) override {
        out += std::exchange(first_, false) ? "\n" : ",\n";
        out += "{\"type\":\"Feature\",\"geometry\":";
        OutCell longitude = cell(cells, longitude_);
        OutCell latitude = cell(cells, latitude_);
        if (OutCell geometry = cell(cells, geometry_)) {
            out += *geometry;
        } else if (longitude && latitude && is_json_number(*longitude) && is_json_number(*latitude)) {
            out.append("{\"type\":\"Point\",\"coordinates\":[")
                .append(*longitude)
                .append(",")
                .append(*latitude);
            out += "]}";
        } else {
            out += "null";
        }
        out += ",\"properties\":";
        object_.append(cells, out, &left_out_);
        out.push_back('}');
    }
    void end(std::string& out) override { out += "\n]}\n"; }
    [[nodiscard]] std::string_view content_type() const override { return "application/geo+json"; }

private:
    static void place(bool here, std::size_t i, std::optional<std::size_t>& at) {
        if (here) {
            at = i;
        }
    }
    static OutCell cell(std::span<const OutCell> cells, std::optional<std::size_t> at) {
        return at && *at < cells.size() ? cells[*at] : std::nullopt;
    }

    ObjectShape object_;
    std::vector<bool> left_out_;
    std::optional<std::size_t> longitude_, latitude_, geometry_;
    bool first_ = true;
};

}  // namespace

struct ObjectShape::Parts {
    std::vector<OutColumn> columns;
    std::vector<std::string> names;  ///< `"name":`
};

ObjectShape::ObjectShape(std::vector<OutColumn> columns) {
    Parts parts{.columns = std::move(columns)};
    for (const OutColumn& column : parts.columns) {
        std::string& name = parts.names.emplace_back();
        append_json_string(name, column.name);
        name.push_back(':');
    }
    parts_ = std::make_shared<const Parts>(std::move(parts));
}

void ObjectShape::append(std::span<const OutCell> cells, std::string& out,
                         const std::vector<bool>* left_out) const {
    out.push_back('{');
    bool first = true;
    for (std::size_t i = 0; i < cells.size() && i < parts_->columns.size(); ++i) {
        if (left_out != nullptr && (*left_out)[i]) {
            continue;
        }
        if (!std::exchange(first, false)) {
            out.push_back(',');
        }
        out += parts_->names[i];
        append_json_cell(out, cells[i], parts_->columns[i].kind);
    }
    out.push_back('}');
}

const std::vector<OutColumn>& ObjectShape::columns() const {
    return parts_->columns;
}

CellKind kind_of_type(std::string_view letter) {
    if (letter == "N" || letter == "Y" || letter == "I" || letter == "B" || letter == "F") {
        return CellKind::number;
    }
    return letter == "L" ? CellKind::boolean : CellKind::text;
}

std::unique_ptr<RowWriter> csv_writer(std::vector<OutColumn> columns, CsvOptions options) {
    return std::make_unique<CsvWriter>(std::move(columns), std::move(options));
}
std::unique_ptr<RowWriter> json_writer(ObjectShape shape) {
    return std::make_unique<JsonWriter>(std::move(shape));
}
std::unique_ptr<RowWriter> ndjson_writer(ObjectShape shape) {
    return std::make_unique<NdjsonWriter>(std::move(shape));
}
std::unique_ptr<RowWriter> geojson_writer(std::vector<OutColumn> columns, GeoColumns geo) {
    return std::make_unique<GeojsonWriter>(std::move(columns), std::move(geo));
}

bool is_formula_like(std::string_view text) {
    bool narrow = !text.empty() && std::string_view("=+-@\t\r\n").find(text[0]) != std::string_view::npos;
    // Chinese and Japanese versions of Excel take the full-width signs for the same.
    bool wide = text.starts_with("\uFF1D") || text.starts_with("\uFF0B") || text.starts_with("\uFF0D") ||
                text.starts_with("\uFF20");
    if (!narrow && !wide) {
        return false;
    }
    // A plain number runs nothing.
    return !to_double(text[0] == '+' ? text.substr(1) : text);
}

void append_csv_cell(std::string& out, std::string_view text, char delimiter) {
    bool quote = text.find_first_of("\"\r\n") != std::string_view::npos ||
                 text.find(delimiter) != std::string_view::npos ||
                 (!text.empty() && (text.front() == ' ' || text.back() == ' '));
    if (!quote) {
        out += text;
        return;
    }
    out.push_back('"');
    for (char c : text) {
        if (c == '"') {
            out.push_back('"');
        }
        out.push_back(c);
    }
    out.push_back('"');
}

std::string encode_text(std::string_view utf8, const std::string& encoding) {
    if (encoding == "UTF-8") {
        return std::string(utf8);
    }
    UErrorCode status = U_ZERO_ERROR;
    bool chinese = encoding == "GBK" || encoding == "GB2312";
    UConverter* to = ucnv_open(chinese ? "GB18030" : encoding.c_str(), &status);
    UConverter* from = ucnv_open("UTF-8", &status);
    if (U_FAILURE(status)) {
        ucnv_close(to);
        throw ProblemError(problem::unknown_encoding.because("没有名为 " + encoding + " 的编码",
                                                             "there is no encoding called " + encoding));
    }
    ucnv_setSubstChars(to, "?", 1, &status);
    status = U_ZERO_ERROR;
    std::string out(utf8.size() * 2 + 16, '\0');
    char* target = out.data();
    const char* source = utf8.data();
    ucnv_convertEx(to, from, &target, out.data() + out.size(), &source, utf8.data() + utf8.size(), nullptr,
                   nullptr, nullptr, nullptr, true, true, &status);
    out.resize(static_cast<std::size_t>(target - out.data()));
    ucnv_close(to);
    ucnv_close(from);
    return out;
}

}  // namespace pengcheng::formats
