#include "rows/encode.hpp"

#include "rows/problems.hpp"

namespace pengcheng::rows {

Result<Encoder> Encoder::make(const Plan& plan, Format format, bool download) {
    std::unique_ptr<formats::RowWriter> writer;
    switch (format) {
        case Format::csv:
            // A file is opened in a spreadsheet: Excel must see UTF-8, and no cell may run. A system that
            // asks by Accept gets the exact text.
            writer = formats::csv_writer(plan.columns, {.byte_order_mark = download, .neutralise = download});
            break;
        case Format::geojson: {
            auto geo = geo_columns(plan);
            if (geo.longitude.empty()) {
                return problem::of(problem::not_acceptable, "PGRST107",
                                   "没有经度、纬度字段，不能给出 GeoJSON",
                                   "None of these media types are available: application/geo+json");
            }
            writer = formats::geojson_writer(plan.columns, std::move(geo));
            break;
        }
        case Format::ndjson:
        case Format::object:
            writer = formats::ndjson_writer(plan.columns);
            break;
        case Format::json:
        case Format::xlsx:
            writer = formats::json_writer(plan.columns);
            break;
    }
    return Encoder(std::move(writer), plan, format);
}

Encoder Encoder::of_objects(const Plan& plan, formats::ObjectShape objects, Format format) {
    auto writer = format == Format::json ? formats::json_writer(std::move(objects))
                                         : formats::ndjson_writer(std::move(objects));
    return {std::move(writer), plan, format};
}

void Encoder::end(std::string& out) {
    writer_->end(out);
    while (format_ == Format::object && out.ends_with('\n')) {
        out.pop_back();
    }
}

}  // namespace pengcheng::rows
