#pragma once

#include <pengcheng/formats/table_reader.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct archive;

namespace pengcheng::formats {

[[noreturn]] void broken_workbook(const std::string& zh, const std::string& en);

/// One part of a workbook, unpacked as it is read.
class Part {
public:
    Part(const std::filesystem::path& path, const std::string& name, ReadLimits limits);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    /// False at the end of the part.
    bool read(std::string& piece, std::size_t size);
    [[nodiscard]] std::int64_t unpacked() const { return unpacked_; }

private:
    archive* archive_;
    std::string name_;
    ReadLimits limits_;
    std::int64_t packed_ = 0;
    std::int64_t unpacked_ = 0;
};

/// Names of the parts of a zip file, and their unpacked sizes as the file says (-1 unknown).
std::map<std::string, std::int64_t> list_parts(const std::filesystem::path& path);

/// What expat saw, prefixes of names left out.
class XmlEvents {
public:
    using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;
    virtual ~XmlEvents() = default;
    virtual void start(std::string_view name, const Attributes& attributes) = 0;
    virtual void end(std::string_view name) = 0;
    virtual void text(std::string_view text) = 0;
};

/// Feeds XML piece by piece; a document type declaration is refused (no entities in workbooks).
class XmlFeeder {
public:
    XmlFeeder(XmlEvents& events, std::string part);
    ~XmlFeeder();
    XmlFeeder(const XmlFeeder&) = delete;
    XmlFeeder& operator=(const XmlFeeder&) = delete;
    void feed(std::string_view piece, bool last);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads a whole small part into `events`.
void read_part(const std::filesystem::path& path, const std::string& name, const ReadLimits& limits,
               XmlEvents& events);

std::string_view attribute(const XmlEvents::Attributes& attributes, std::string_view name);

}  // namespace pengcheng::formats
