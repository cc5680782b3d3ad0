#include <pengcheng/formats/writers.hpp>

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>

#include <xlsxwriter.h>

namespace pengcheng::formats {

namespace {

constexpr std::size_t excel_cell_characters_max = 32767;
constexpr std::size_t exact_digits_max = 15;

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
        text = utf8_length(cell) > excel_cell_characters_max ? utf8_prefix(cell, excel_cell_characters_max)
                                                             : std::string(cell);
        if (kind == CellKind::text && is_formula_like(text)) {
            text.insert(0, "'");
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
