#include "formats/byte_source.hpp"
#include "formats/csv_parser.hpp"
#include "formats/encoding.hpp"
#include "formats/problems.hpp"
#include "formats/readers.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::formats {

namespace {

/// JSON by its first character: no CSV of people starts with a bracket at the very front and a quote or
/// bracket after it.
bool looks_like_json(const std::filesystem::path& path, const ReadOptions& options) {
    std::string name = lower_ascii(options.file_name.empty() ? path.filename().string() : options.file_name);
    bool named = name.ends_with(".json") || name.ends_with(".ndjson") || name.ends_with(".jsonl") ||
                 name.ends_with(".json.gz") || name.ends_with(".geojson");
    if (named) {
        return true;
    }
    if (name.ends_with(".csv") || name.ends_with(".tsv") || name.ends_with(".txt")) {
        return false;
    }
    std::string start = file_magic(path, 64);
    std::string_view text =
        trim(start.starts_with("\xEF\xBB\xBF") ? std::string_view(start).substr(3) : start);
    if (text.empty() || (text[0] != '[' && text[0] != '{')) {
        return false;
    }
    std::string_view rest = trim(text.substr(1));
    return rest.empty() || rest[0] == '{' || rest[0] == '"';
}

}  // namespace

std::string_view name_of(Format format) {
    switch (format) {
        case Format::csv:
            return "csv";
        case Format::xlsx:
            return "xlsx";
        case Format::json:
            return "json";
    }
    return "csv";
}

bool TableReader::next(std::vector<std::string>& cells, std::int64_t& line) {
    if (!next(views_, line)) {
        return false;
    }
    cells.resize(views_.size());
    for (std::size_t i = 0; i < views_.size(); ++i) {
        cells[i].assign(views_[i]);
    }
    return true;
}

std::unique_ptr<TableReader> open_table(const std::filesystem::path& path, ReadOptions options) {
    std::string magic = file_magic(path, 8);
    if (magic.empty()) {
        throw ProblemError(
            problem::empty_file.because("请检查导出是否完成，再上传", "check the export and send it again"));
    }
    if (magic.starts_with("PK\x03\x04") || magic.starts_with("PK\x05\x06")) {
        return open_xlsx(path, options);
    }
    if (magic.starts_with("\xD0\xCF\x11\xE0")) {
        throw ProblemError(problem::unsupported.because(
            "这是旧版 .xls 或加密的工作簿，请用 Excel 或 WPS 去除密码并另存为 .xlsx 后上传",
            "this is an old .xls or an encrypted workbook; save it as .xlsx without a password"));
    }
    if (magic.starts_with("%PDF")) {
        throw ProblemError(problem::unsupported.because("这是 PDF 文件，请上传 CSV、XLSX 或 JSON",
                                                        "this is a PDF; send CSV, XLSX or JSON"));
    }
    if (looks_like_json(path, options)) {
        return open_json(path, options);
    }
    return open_csv(path, options);
}

}  // namespace pengcheng::formats
