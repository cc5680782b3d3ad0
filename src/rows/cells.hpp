#pragma once

#include "rows/mask_text.hpp"

#include <pengcheng/db/value.hpp>
#include <pengcheng/formats/writers.hpp>

#include <span>
#include <string>
#include <vector>

namespace pengcheng::rows {

/// The cells of a plan's rows as they may leave: the only way to read them, for the masks that the statement
/// left to us are put on here.
class Cells {
public:
    /// One entry a column; nothing for those without a mask to be put on here.
    explicit Cells(std::vector<TextMask> masks) : masks_(std::move(masks)), cells_(masks_.size()) {}

    /// Valid until the next call and while `rows` lives.
    std::span<const formats::OutCell> of_row(const db::Rows& rows, int row) {
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            cells_[i] = rows.at(row, static_cast<int>(i));
            if (masks_[i] != nullptr && cells_[i]) {
                masked_.resize(masks_.size());  // most plans mask nothing
                masked_[i].clear();
                masks_[i](*cells_[i], masked_[i]);
                cells_[i] = masked_[i];
            }
        }
        return cells_;
    }

private:
    std::vector<TextMask> masks_;
    std::vector<formats::OutCell> cells_;
    std::vector<std::string> masked_;
};

}  // namespace pengcheng::rows
