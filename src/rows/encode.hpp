#pragma once

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
    static Encoder of_objects(formats::ObjectShape objects, Format format);

    void begin(std::string& out) { writer_->begin(out); }
    void end(std::string& out);
    void row(const db::Rows& rows, int row, std::string& out);

private:
    Encoder(std::unique_ptr<formats::RowWriter> writer, std::size_t width, Format format)
        : writer_(std::move(writer)), cells_(width), format_(format) {}

    std::unique_ptr<formats::RowWriter> writer_;
    std::vector<formats::OutCell> cells_;
    Format format_;
};

}  // namespace pengcheng::rows
