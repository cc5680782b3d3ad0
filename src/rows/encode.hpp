#pragma once

#include "rows/cells.hpp"
#include "rows/plan.hpp"
#include "rows/request.hpp"

#include <pengcheng/db/value.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pengcheng::rows {

/// Rows of a plan straight from PostgreSQL's text into a format's bytes.
class Encoder {
public:
    /// Refuses GeoJSON without coordinates (PGRST107).
    static Result<Encoder> make(const Plan& plan, Format format, bool download);
    /// JSON or NDJSON with the columns' part made before.
    static Encoder of_objects(const Plan& plan, formats::ObjectShape objects, Format format);

    void begin(std::string& out) { writer_->begin(out); }
    void end(std::string& out);
    void row(const db::Rows& rows, int row, std::string& out) { writer_->row(cells_.of_row(rows, row), out); }

private:
    Encoder(std::unique_ptr<formats::RowWriter> writer, const Plan& plan, Format format)
        : writer_(std::move(writer)), cells_(plan.masks), format_(format) {}

    std::unique_ptr<formats::RowWriter> writer_;
    Cells cells_;
    Format format_;
};

}  // namespace pengcheng::rows
