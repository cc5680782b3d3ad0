#pragma once

#include "http/meter.hpp"
#include "http/request.hpp"

#include <chrono>

namespace pengcheng::http {

/// The lines of answered requests, of one I/O thread. Under flood it samples: the first `log_lines_per_s` of
/// a second are written; beyond them only failures (5xx) and requests over a second, up to as many again.
/// What is left out is counted, and one line a second says how many.
class AccessLog {
public:
    explicit AccessLog(Meter& meter) : meter_(meter) {}
    void answered(const Request& request, int status, std::uint64_t us, std::uint64_t bytes,
                  std::chrono::steady_clock::time_point now);
    /// Once a second: tells what was left out even when no request comes any more.
    void tick(std::chrono::steady_clock::time_point now);

private:
    bool admit(bool telling, int most);
    void roll(std::chrono::steady_clock::time_point now);

    Meter& meter_;
    std::chrono::steady_clock::time_point second_;
    int written_ = 0;
    int telling_written_ = 0;
    std::uint64_t left_out_ = 0;
    std::string members_;  ///< kept: no allocation a line
};

}  // namespace pengcheng::http
