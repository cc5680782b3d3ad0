#pragma once

#include "http/chunks.hpp"
#include "http/head.hpp"
#include "http/meter.hpp"
#include "http/wire.hpp"

#include <optional>

namespace pengcheng::http {

/// The body of one request after another, as it arrives.
class BodyReader {
public:
    BodyReader(Wire& wire, Meter& meter) : wire_(wire), meter_(meter) {}

    /// A request whose head was taken off the wire; each 64 KiB may take `time`.
    void begin(const Head& head, std::chrono::milliseconds time);
    /// The head was refused: where its body would end is not known.
    void drop();

    [[nodiscard]] bool whole() const { return !chunks_ && left_ == 0; }
    [[nodiscard]] bool broken() const { return broken_; }
    /// -> bytes, 0 at the end. Throws ProblemError for a body cut short, too slow or of wrong form: nothing
    /// after it can be read.
    asio::awaitable<std::size_t> read(std::span<char> into);

private:
    asio::awaitable<std::size_t> read_counted(std::span<char> into);
    asio::awaitable<std::size_t> read_chunked(std::span<char> into);
    [[noreturn]] void fail(Problem problem);
    [[noreturn]] void cut_short();

    Wire& wire_;
    Meter& meter_;
    std::chrono::milliseconds time_{};
    std::int64_t left_ = 0;
    std::optional<ChunkReader> chunks_;
    std::size_t paced_bytes_ = 0;
    bool continued_ = false;
    bool broken_ = false;
};

}  // namespace pengcheng::http
