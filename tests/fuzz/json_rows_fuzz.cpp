#include "support.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/formats/table_reader.hpp>

/// A JSON, NDJSON or GeoJSON file read to its end, with small limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace pengcheng;
    fuzz::MemoryFile file(fuzz::text_of(bytes, size));
    formats::ReadOptions options{.file_name = "a.json"};
    options.limits = {.cell_bytes_max = 10'000, .columns_max = 50, .unpacked_bytes_max = 4 << 20};
    try {
        auto table = formats::open_table(file.path(), options);
        std::vector<std::string> cells;
        std::int64_t line = 0;
        for (std::int64_t last = 0; table->next(cells, line); last = line) {
            fuzz::require(line > last);
            fuzz::require(table->fault() != nullptr || cells.size() == table->header().size());
            for (const std::string& cell : cells) {
                fuzz::require(valid_utf8(cell));
            }
        }
    } catch (const ProblemError& error) {
        fuzz::require(valid_utf8(error.problem().detail_zh));
    }
    return 0;
}
