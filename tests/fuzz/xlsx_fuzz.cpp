#include "support.hpp"

#include <pengcheng/formats/table_reader.hpp>

/// A workbook (or any other file) read to its end, with small limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace pengcheng::formats;
    pengcheng::fuzz::MemoryFile file(pengcheng::fuzz::text_of(bytes, size));
    try {
        ReadOptions options{.file_name = "a.xlsx"};
        options.limits = {.cell_bytes_max = 10'000,
                          .columns_max = 100,
                          .unpacked_bytes_max = 4 << 20,
                          .unpack_ratio_max = 100,
                          .shared_text_bytes_max = 1 << 20};
        auto table = open_table(file.path(), options);
        std::vector<std::string> cells;
        std::int64_t line = 0;
        while (table->next(cells, line)) {
        }
    } catch (const pengcheng::ProblemError&) {
    }
    return 0;
}
