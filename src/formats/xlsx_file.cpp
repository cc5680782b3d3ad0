#include <pengcheng/formats/writers.hpp>

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>

#include <xlsxwriter.h>

namespace pengcheng::formats {

namespace {

constexpr std::size_t excel_cell_characters_max = 32767;
constexpr std::size_t exact_digits_max = 15;

/// Excel reads _x0041_ as the character of that number: the underscore of such text is written as its own.
void append_escaped(std::string& out, std::string_view text) {
    if (text.find("_x") == std::string_view::npos) {
        out += text;
        return;
    }
    auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string_view rest = text.substr(at, 7);
        bool escape = rest.size() == 7 && rest.starts_with("_x") && rest[6] == '_' &&
                      std::all_of(rest.begin() + 2, rest.begin() + 6, is_hex);
        out += escape ? "_x005F_" : "";
        out += escape ? 'x' : text[at];
        at += escape ? 1 : 0;
    }
}

}  // namespace

struct XlsxFile::Impl {
    std::vector<OutColumn> columns;
    std::filesystem::path path;
    lxw_workbook* book = nullptr;
    lxw_worksheet* sheet = nullptr;
    lxw_row_t next_row = 1;
    std::string text;

    void put(lxw_row_t row, lxw_col_t column, std::string_view cell, CellKind kind) {
        // Excel keeps fifteen digits of a number: longer ones stay text.
        bool short_number = cell.size() <= exact_digits_max && kind == CellKind::number;
        if (auto number = short_number ? to_double(cell) : std::nullopt) {
            worksheet_write_number(sheet, row, column, *number, nullptr);
            return;
        }
        if (kind == CellKind::boolean) {
            worksheet_write_boolean(sheet, row, column, cell == "t" || cell == "true" ? 1 : 0, nullptr);
            return;
        }
        // A string cell is never run as a formula; only saving it as CSV would make it one again.
        text = kind == CellKind::text && is_formula_like(cell) ? "'" : "";
        append_escaped(text, cell);
        if (utf8_length(text) > excel_cell_characters_max) {
            text = utf8_prefix(text, excel_cell_characters_max);  // a longer one the library leaves out
        }
        worksheet_write_string(sheet, row, column, text.c_str(), nullptr);
    }
};

XlsxFile::XlsxFile(const std::filesystem::path& folder, std::vector<OutColumn> columns, std::string sheet)
    : impl_(std::make_unique<Impl>()) {
    impl_->columns = std::move(columns);
    std::filesystem::create_directories(folder);
    impl_->path = folder / ("export-" + random_hex(8) + ".xlsx");
    std::string folder_text = folder.string();
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder_text.data();
    impl_->book = workbook_new_opt(impl_->path.c_str(), &options);
    impl_->sheet = impl_->book == nullptr ? nullptr : workbook_add_worksheet(impl_->book, sheet.c_str());
    if (impl_->sheet == nullptr) {
        throw std::runtime_error("cannot make a workbook in " + folder.string());
    }
    for (std::size_t i = 0; i < impl_->columns.size(); ++i) {
        const auto& column = impl_->columns[i];
        impl_->put(0, static_cast<lxw_col_t>(i), column.label.empty() ? column.name : column.label,
                   CellKind::text);
    }
}

XlsxFile::~XlsxFile() {
    if (impl_->book != nullptr) {
        workbook_close(impl_->book);
    }
    std::error_code ignored;
    std::filesystem::remove(impl_->path, ignored);
}

bool XlsxFile::row(std::span<const OutCell> cells) {
    if (impl_->next_row > rows_max) {
        return false;
    }
    for (std::size_t i = 0; i < cells.size() && i < impl_->columns.size(); ++i) {
        if (cells[i]) {
            impl_->put(impl_->next_row, static_cast<lxw_col_t>(i), *cells[i], impl_->columns[i].kind);
        }
    }
    ++impl_->next_row;
    return true;
}

const std::filesystem::path& XlsxFile::finish() {
    if (impl_->book != nullptr) {
        lxw_error error = workbook_close(std::exchange(impl_->book, nullptr));
        if (error != LXW_NO_ERROR) {
            throw std::runtime_error(std::string("cannot write the workbook: ") + lxw_strerror(error));
        }
    }
    return impl_->path;
}

}  // namespace pengcheng::formats
