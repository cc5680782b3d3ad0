#include "http/coding.hpp"

#include <pengcheng/base/text.hpp>

#include <array>
#include <stdexcept>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

namespace pengcheng::http {

namespace {

// Levels and windows: on 64 KiB of JSON about 0.3 ms (zstd), 1 ms (gzip, brotli), and half a megabyte each.
constexpr int gzip_level = 5;
constexpr int brotli_quality = 4;
constexpr int zstd_level = 3;
constexpr int window_bits = 18;
constexpr std::size_t piece_bytes = 16 * 1024;

class Gzip : public Compressor {
public:
    Gzip() {
        constexpr int gzip_window = 15 + 16;  // +16: with gzip's head and tail
        if (deflateInit2(&stream_, gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~Gzip() override { deflateEnd(&stream_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    void add(std::string_view in, After after, std::string& out) override {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        stream_.avail_in = static_cast<uInt>(in.size());
        int how = after == After::end ? Z_FINISH : after == After::flush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
        std::array<char, piece_bytes> piece{};
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(piece.size());
            deflate(&stream_, how);
            out.append(piece.data(), piece.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }

private:
    z_stream stream_{};
};

class Brotli : public Compressor {
public:
    Brotli() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), BrotliEncoderDestroyInstance) {
        if (!state_) {
            throw std::bad_alloc();
        }
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, brotli_quality);
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, window_bits);
    }

    void add(std::string_view in, After after, std::string& out) override {
        BrotliEncoderOperation how = after == After::end     ? BROTLI_OPERATION_FINISH
                                     : after == After::flush ? BROTLI_OPERATION_FLUSH
                                                             : BROTLI_OPERATION_PROCESS;
        const auto* next = reinterpret_cast<const std::uint8_t*>(in.data());
        std::size_t left = in.size();
        bool more = true;
        while (more) {
            std::size_t room = 0;
            if (BrotliEncoderCompressStream(state_.get(), how, &left, &next, &room, nullptr, nullptr) ==
                BROTLI_FALSE) {
                throw std::runtime_error("brotli failed");
            }
            std::size_t size = 0;
            const std::uint8_t* made = BrotliEncoderTakeOutput(state_.get(), &size);
            out.append(reinterpret_cast<const char*>(made), size);
            more = left > 0 || BrotliEncoderHasMoreOutput(state_.get()) == BROTLI_TRUE;
        }
    }

private:
    std::unique_ptr<BrotliEncoderState, void (*)(BrotliEncoderState*)> state_;
};

class Zstd : public Compressor {
public:
    Zstd() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
        if (!context_) {
            throw std::bad_alloc();
        }
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, zstd_level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, window_bits);
    }

    void add(std::string_view in, After after, std::string& out) override {
        ZSTD_EndDirective how = after == After::end     ? ZSTD_e_end
                                : after == After::flush ? ZSTD_e_flush
                                                        : ZSTD_e_continue;
        ZSTD_inBuffer from{in.data(), in.size(), 0};
        std::array<char, piece_bytes> piece{};
        bool more = true;
        while (more) {
            ZSTD_outBuffer to{piece.data(), piece.size(), 0};
            std::size_t left = ZSTD_compressStream2(context_.get(), &to, &from, how);
            if (ZSTD_isError(left) != 0) {
                throw std::runtime_error(ZSTD_getErrorName(left));
            }
            out.append(piece.data(), to.pos);
            more = how == ZSTD_e_continue ? from.pos < from.size : left > 0;
        }
    }

private:
    std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
};

/// q of a list entry "gzip;q=0.5": 1 without, 0 for what cannot be read.
double weight_of(std::string_view parameters) {
    for (std::string_view one : split(parameters, ';')) {
        one = trim(one);
        if (one.starts_with("q=") || one.starts_with("Q=")) {
            double q = to_double(one.substr(2)).value_or(0);
            return q < 0 || q > 1 ? 0 : q;
        }
    }
    return 1;
}

}  // namespace

std::string_view to_text(Coding coding) {
    switch (coding) {
        case Coding::gzip:
            return "gzip";
        case Coding::brotli:
            return "br";
        case Coding::zstd:
            return "zstd";
        case Coding::identity:
            return "identity";
    }
    return "";
}

Coding choose_coding(std::string_view accept_encoding, std::span<const Coding> offered) {
    constexpr double unnamed = -1;
    if (accept_encoding.empty()) {
        return Coding::identity;
    }
    std::array<double, 4> weights{unnamed, unnamed, unnamed, unnamed};
    double any = unnamed;
    for (std::string_view entry : split(accept_encoding, ',')) {
        entry = trim(entry);
        std::size_t end = std::min(entry.find(';'), entry.size());
        std::string name = lower_ascii(trim(entry.substr(0, end)));
        double weight = weight_of(end < entry.size() ? entry.substr(end + 1) : std::string_view{});
        if (name == "*") {
            any = weight;
        }
        for (Coding coding : {Coding::identity, Coding::gzip, Coding::brotli, Coding::zstd}) {
            if (name == to_text(coding) || (name == "x-gzip" && coding == Coding::gzip)) {
                weights[static_cast<std::size_t>(coding)] = weight;
            }
        }
    }
    auto weight = [&](Coding coding) {
        double named = weights[static_cast<std::size_t>(coding)];
        return named == unnamed ? any : named;
    };
    // identity is always acceptable unless ruled out, but wanted before a coding only where its weight says
    // so.
    Coding best = Coding::identity;
    double best_weight = std::max(0.0, weights[static_cast<std::size_t>(Coding::identity)]);
    bool found = false;
    for (Coding coding : offered) {
        double own = weight(coding);
        if (own > 0 && (own > best_weight || (!found && own == best_weight))) {
            best = coding;
            best_weight = own;
            found = true;
        }
    }
    return best;
}

bool is_compressible(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    if (type.starts_with("text/")) {
        return type != "text/event-stream";
    }
    for (std::string_view ending :
         {"json", "xml", "javascript", "x-ndjson", "+json", "+xml", "x-www-form-urlencoded"}) {
        if (type.ends_with(ending)) {
            return !type.starts_with("application/vnd.openxmlformats");
        }
    }
    return false;
}

std::unique_ptr<Compressor> Compressor::make(Coding coding) {
    switch (coding) {
        case Coding::gzip:
            return std::make_unique<Gzip>();
        case Coding::brotli:
            return std::make_unique<Brotli>();
        case Coding::zstd:
            return std::make_unique<Zstd>();
        case Coding::identity:
            break;
    }
    return nullptr;
}

}  // namespace pengcheng::http
