#pragma once

#include <pengcheng/audit/sealer.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::audit {

/// All that was recorded between two checkpoints, which prove it.
struct Stretch {
    std::int64_t first = 0;  ///< number of the checkpoint that it follows; 0: it begins with the first record
    std::int64_t last = 0;   ///< of the checkpoint that closes it
    std::string key;         ///< public key of this installation, hexadecimal
    struct Part {
        int chain;
        std::int64_t after, until;  ///< seq, the first not included
    };
    std::vector<Part> parts;
};

/// From the last checkpoint before `from` to the first one after `to` (RFC 3339 or a day; one is signed now
/// if there is none yet). Problem audit.no-stretch: nothing was recorded, or part of it was pruned.
asio::awaitable<Result<Stretch>> find_stretch(db::Pool& db, const Runtime& runtime, std::string from,
                                              std::string to);

/// JSON lines: a head, the checkpoints, the contexts, the events and the evidence. Reads one snapshot, sends
/// a piece at a time; `sink` returns when it is ready for the next. -> records sent.
using ExportSink = std::function<asio::awaitable<void>(std::string_view)>;
asio::awaitable<std::int64_t> send_stretch(db::Pool& db, Stretch stretch, ExportSink sink);

/// Checks such a file without a database. `key`: the public key to believe, hexadecimal; empty: that of the
/// file, which the reader then compares himself. Blocking. Throws ProblemError audit.bad-export.
Verdict verify_file(const std::filesystem::path& file, const std::string& key);

}  // namespace pengcheng::audit
