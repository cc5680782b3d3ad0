#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pengcheng::http {

/// Content codings (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
enum class Coding { identity, gzip, brotli, zstd };

std::string_view to_text(Coding coding);

/// The client's first choice among `offered`, by its weights; of equal ones the first offered. identity when
/// it takes none of them.
Coding choose_coding(std::string_view accept_encoding, std::span<const Coding> offered);

/// Whether a body of this type grows smaller at all: text, JSON, XML, CSV, SVG; not images, archives, events.
bool is_compressible(std::string_view content_type);

/// One body in a coding. CPU: give it at most a slice (64 KiB) at a time on an I/O thread, about 1 ms.
class Compressor {
public:
    static std::unique_ptr<Compressor> make(Coding coding);
    virtual ~Compressor() = default;
    enum class After { more, flush, end };
    /// Appends the coded form of `in` to `out`. flush: all so far can be decoded. end: the last call.
    virtual void add(std::string_view in, After after, std::string& out) = 0;
};

}  // namespace pengcheng::http
