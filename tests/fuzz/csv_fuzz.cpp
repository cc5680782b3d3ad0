#include "formats/csv_parser.hpp"
#include "formats/encoding.hpp"

#include <cstdint>
#include <cstdlib>

/// First byte: how the text is cut into pieces; the rest: a file in any encoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace pengcheng::formats;
    if (size < 2) {
        return 0;
    }
    std::size_t step = bytes[0] % 16 + 1;
    std::string_view file(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    try {
        auto encoding = detect_encoding(file, true);
        if (!encoding) {
            return 0;
        }
        Decoder decoder(*encoding);
        std::string text;
        for (std::size_t at = 0; at < file.size(); at += step) {
            std::string_view piece = file.substr(at, step);
            decoder.decode(piece, at + piece.size() == file.size(), text);
        }
        std::size_t given = 0;
        CsvParser parser(
            [&](std::string& piece) {
                piece = text.substr(given, step);
                given += piece.size();
                return !piece.empty();
            },
            sniff_delimiter(text, true), ReadLimits{.cell_bytes_max = 1000, .columns_max = 50});
        std::vector<std::string_view> cells;
        std::int64_t line = 0;
        std::int64_t last = 0;
        while (parser.next(cells, line)) {
            if (line <= last && last != 0) {
                std::abort();
            }
            last = line;
        }
    } catch (const pengcheng::ProblemError&) {
    }
    return 0;
}
