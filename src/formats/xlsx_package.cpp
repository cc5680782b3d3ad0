#include "formats/xlsx_package.hpp"

#include "formats/byte_source.hpp"
#include "formats/problems.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <expat.h>

#include <algorithm>
#include <exception>

namespace pengcheng::formats {

namespace {

constexpr int parts_max = 10000;
constexpr std::int64_t markup_bytes_max = 4 << 20;

archive* open_zip(const std::filesystem::path& path) {
    archive* zip = archive_read_new();
    archive_read_support_format_zip_seekable(zip);
    if (archive_read_open_filename(zip, path.c_str(), 1 << 16) != ARCHIVE_OK) {
        archive_read_free(zip);
        broken_workbook("文件不是完整的 xlsx（zip）文件，可能没有传完",
                        "the file is not a whole xlsx (zip) file");
    }
    return zip;
}

std::string part_name(archive_entry* entry) {
    const char* name = archive_entry_pathname_utf8(entry);
    name = name != nullptr ? name : archive_entry_pathname(entry);
    std::string out = name != nullptr ? name : "";
    std::replace(out.begin(), out.end(), '\\', '/');
    return out.starts_with("/") ? out.substr(1) : out;
}

std::string_view local_name(const char* name) {
    std::string_view text(name);
    auto colon = text.find(':');
    return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

}  // namespace

void broken_workbook(const std::string& zh, const std::string& en) {
    throw ProblemError(problem::broken_workbook.because(zh + "。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传",
                                                        en + "; open it and save it again as .xlsx"));
}

std::map<std::string, std::int64_t> list_parts(const std::filesystem::path& path) {
    archive* zip = open_zip(path);
    std::map<std::string, std::int64_t> parts;
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    while (parts.size() < parts_max && (status = archive_read_next_header(zip, &entry)) >= ARCHIVE_WARN &&
           status != ARCHIVE_EOF) {
        parts.emplace(part_name(entry), archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1);
    }
    archive_read_free(zip);
    if (status < ARCHIVE_WARN && parts.empty()) {
        broken_workbook("文件不是完整的 xlsx（zip）文件，可能没有传完",
                        "the file is not a whole xlsx (zip) file");
    }
    return parts;
}

Part::Part(const std::filesystem::path& path, const std::string& name, ReadLimits limits)
    : archive_(open_zip(path)),
      name_(name),
      limits_(limits),
      packed_(static_cast<std::int64_t>(std::filesystem::file_size(path))) {
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(archive_, &entry)) >= ARCHIVE_WARN && status != ARCHIVE_EOF) {
        if (part_name(entry) == name) {
            return;
        }
    }
    archive_read_free(archive_);
    broken_workbook("工作簿缺少部件 " + name, "the workbook has no part " + name);
}

Part::~Part() {
    archive_read_free(archive_);
}

bool Part::read(std::string& piece, std::size_t size) {
    piece.resize(size);
    la_ssize_t count = archive_read_data(archive_, piece.data(), size);
    if (count < 0) {
        const char* reason = archive_error_string(archive_);
        broken_workbook(
            "部件 " + name_ + " 已损坏或已加密",
            "part " + name_ + " is damaged or encrypted (" + (reason != nullptr ? reason : "unknown") + ")");
    }
    piece.resize(static_cast<std::size_t>(count));
    unpacked_ += count;
    check_ratio(packed_, unpacked_, limits_);
    return count > 0;
}

struct XmlFeeder::Impl {
    XmlEvents& events;
    std::string part;
    XML_Parser parser;
    std::exception_ptr error;
    XmlEvents::Attributes attributes;
    std::int64_t fed = 0;

    // An exception may not pass through expat's C frames, so it waits in `error`.
    template <class F>
    void guard(F work) {
        if (error) {
            return;
        }
        try {
            work();
        } catch (...) {
            error = std::current_exception();
            XML_StopParser(parser, XML_FALSE);
        }
    }
    static void on_start(void* self, const char* name, const char** raw) {
        auto& impl = *static_cast<Impl*>(self);
        impl.guard([&] {
            impl.attributes.clear();
            for (; *raw != nullptr; raw += 2) {
                impl.attributes.emplace_back(local_name(raw[0]), raw[1]);
            }
            impl.events.start(local_name(name), impl.attributes);
        });
    }
    static void on_end(void* self, const char* name) {
        auto& impl = *static_cast<Impl*>(self);
        impl.guard([&] { impl.events.end(local_name(name)); });
    }
    static void on_text(void* self, const char* text, int length) {
        auto& impl = *static_cast<Impl*>(self);
        impl.guard([&] { impl.events.text(std::string_view(text, static_cast<std::size_t>(length))); });
    }
    static void on_doctype(void* self, const char*, const char*, const char*, int) {
        auto& impl = *static_cast<Impl*>(self);
        impl.guard([&] {
            broken_workbook("部件 " + impl.part + " 含有不允许的 DOCTYPE",
                            "part " + impl.part + " has a DOCTYPE");
        });
    }
};

XmlFeeder::XmlFeeder(XmlEvents& events, std::string part)
    : impl_(new Impl{events, std::move(part), XML_ParserCreate(nullptr), nullptr, {}, 0}) {
    XML_SetUserData(impl_->parser, impl_.get());
    XML_SetElementHandler(impl_->parser, Impl::on_start, Impl::on_end);
    XML_SetCharacterDataHandler(impl_->parser, Impl::on_text);
    XML_SetStartDoctypeDeclHandler(impl_->parser, Impl::on_doctype);
}

XmlFeeder::~XmlFeeder() {
    XML_ParserFree(impl_->parser);
}

void XmlFeeder::feed(std::string_view piece, bool last) {
    auto status = XML_Parse(impl_->parser, piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
    if (impl_->error) {
        std::rethrow_exception(impl_->error);
    }
    // expat keeps a tag until its end has come, however long.
    impl_->fed += static_cast<std::int64_t>(piece.size());
    std::int64_t parsed = XML_GetCurrentByteIndex(impl_->parser);
    if (status == XML_STATUS_OK && !last &&
        impl_->fed - std::max<std::int64_t>(parsed, 0) > markup_bytes_max) {
        broken_workbook("部件 " + impl_->part + " 中有一个标记超过 4 MiB",
                        "part " + impl_->part + " has a tag of over 4 MiB");
    }
    if (status == XML_STATUS_ERROR) {
        std::string line = std::to_string(XML_GetCurrentLineNumber(impl_->parser));
        std::string reason = XML_ErrorString(XML_GetErrorCode(impl_->parser));
        broken_workbook("部件 " + impl_->part + " 第 " + line + " 行不是有效的 XML",
                        "part " + impl_->part + " is not XML at line " + line + " (" + reason + ")");
    }
}

void read_part(const std::filesystem::path& path, const std::string& name, const ReadLimits& limits,
               XmlEvents& events) {
    Part part(path, name, limits);
    XmlFeeder feeder(events, name);
    std::string piece;
    while (part.read(piece, 1 << 16)) {
        feeder.feed(piece, false);
    }
    feeder.feed({}, true);
}

std::string_view attribute(const XmlEvents::Attributes& attributes, std::string_view name) {
    for (const auto& [key, value] : attributes) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

}  // namespace pengcheng::formats
