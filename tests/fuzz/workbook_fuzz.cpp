// The XML within a workbook. A fuzzer cannot see through compression and check sums, so the parts come as
// text and are packed here.
#include "support.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/formats/table_reader.hpp>

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

namespace {

using namespace pengcheng;

constexpr std::string_view relation_kinds =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

std::string relations(std::initializer_list<std::array<std::string_view, 3>> rows) {
    std::string xml = "<Relationships>";
    for (const auto& [id, kind, target] : rows) {
        xml += "<Relationship Id=\"" + std::string(id) + "\" Type=\"" + std::string(relation_kinds) +
               std::string(kind) + "\" Target=\"" + std::string(target) + "\"/>";
    }
    return xml + "</Relationships>";
}

class Package {
public:
    Package() {
        archive_write_set_format_zip(archive_.get());
        archive_write_zip_set_compression_store(archive_.get());
        archive_write_open_memory(archive_.get(), bytes_.data(), bytes_.size(), &used_);
    }
    void add(const char* name, std::string_view text) {
        std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
        archive_entry_set_pathname(entry.get(), name);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        fuzz::require(archive_write_header(archive_.get(), entry.get()) == ARCHIVE_OK);
        archive_write_data(archive_.get(), text.data(), text.size());
    }
    std::string_view finish() {
        fuzz::require(archive_write_close(archive_.get()) == ARCHIVE_OK);
        return std::string_view(bytes_).substr(0, used_);
    }

private:
    std::string bytes_ = std::string(1 << 20, '\0');
    std::size_t used_ = 0;
    std::unique_ptr<archive, int (*)(archive*)> archive_{archive_write_new(), archive_write_free};
};

void read_to_its_end(const std::string& path) {
    formats::ReadOptions options{.file_name = "a.xlsx"};
    options.limits = {.cell_bytes_max = 10'000,
                      .columns_max = 100,
                      .unpacked_bytes_max = 4 << 20,
                      .unpack_ratio_max = 100,
                      .shared_text_bytes_max = 1 << 20};
    try {
        auto table = formats::open_table(path, options);
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
        fuzz::require(valid_utf8(error.problem().detail_zh) && valid_utf8(error.problem().detail_en));
    }
}

}  // namespace

/// A sheet, the shared texts, the styles and the list of sheets, with a zero byte between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size > 100'000) {
        return 0;
    }
    std::array<std::string_view, 4> parts;
    std::string_view rest = fuzz::text_of(bytes, size);
    for (std::string_view& part : parts) {
        std::size_t end = std::min(rest.find('\0'), rest.size());
        part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    Package package;
    package.add("_rels/.rels", relations({{"r1", "officeDocument", "xl/workbook.xml"}}));
    package.add("xl/_rels/workbook.xml.rels", relations({{"r1", "worksheet", "worksheets/sheet1.xml"},
                                                         {"r2", "sharedStrings", "sharedStrings.xml"},
                                                         {"r3", "styles", "styles.xml"}}));
    constexpr std::string_view one_sheet =
        R"(<workbook><sheets><sheet name="a" sheetId="1" r:id="r1" xmlns:r="r"/></sheets></workbook>)";
    package.add("xl/workbook.xml", parts[3].empty() ? one_sheet : parts[3]);
    package.add("xl/worksheets/sheet1.xml", parts[0]);
    package.add("xl/sharedStrings.xml", parts[1].empty() ? "<sst/>" : parts[1]);
    package.add("xl/styles.xml", parts[2].empty() ? "<styleSheet/>" : parts[2]);
    fuzz::MemoryFile file(package.finish());
    read_to_its_end(file.path());
    return 0;
}
