#pragma once

#include "formats/xlsx_cells.hpp"
#include "formats/xlsx_package.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::formats {

/// Strings kept end to end in one buffer: a workbook may have millions.
class SharedTexts {
public:
    void add(std::string_view text) {
        texts_.append(text);
        ends_.push_back(texts_.size());
    }
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    [[nodiscard]] std::size_t bytes() const { return texts_.size() + ends_.size() * sizeof(std::size_t); }
    [[nodiscard]] std::string_view at(std::size_t index) const {
        std::size_t start = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(texts_).substr(start, ends_[index] - start);
    }

private:
    std::string texts_;
    std::vector<std::size_t> ends_;
};

/// What the sheets of a workbook share.
struct Workbook {
    struct SheetPart {
        Sheet sheet;
        std::string part;  ///< xl/worksheets/sheet1.xml
    };
    std::vector<SheetPart> sheets;  ///< worksheets only, in order
    bool epoch_1904 = false;
    std::vector<NumberLook> looks;  ///< by style index
    SharedTexts texts;
};

/// Refuses files that are no workbook, saying which part is missing.
Workbook open_workbook(const std::filesystem::path& path, const ReadLimits& limits);

}  // namespace pengcheng::formats
