#include "http/access_log.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

#include <charconv>

namespace pengcheng::http {

namespace {

void member(std::string& out, std::string_view name, std::string_view text) {
    out.append(",\"").append(name).append("\":");
    append_json_string(out, text);
}

void member(std::string& out, std::string_view name, std::uint64_t value) {
    std::array<char, 24> text{};
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(",\"").append(name).append("\":").append(text.data(), end);
}

}  // namespace

void AccessLog::answered(const Request& request, int status, std::uint64_t us, std::uint64_t bytes,
                         std::chrono::steady_clock::time_point now) {
    roll(now);
    constexpr std::uint64_t slow_us = 1'000'000;
    if (!admit(status >= 500 || us > slow_us, request.limits->log_lines_per_s)) {
        ++left_out_;
        Meter::add(meter_.log_left_out, 1);
        return;
    }
    members_.clear();
    member(members_, "request", request.request_id);
    if (!request.trace.empty()) {
        member(members_, "trace", request.trace.id);
    }
    member(members_, "method", request.method);
    member(members_, "path", request.path);
    member(members_, "status", static_cast<std::uint64_t>(status));
    member(members_, "us", us);
    member(members_, "bytes", bytes);
    member(members_, "address", request.address);
    member(members_, "who", request.who.name);
    log::info_members("http.request", members_);
}

void AccessLog::tick(std::chrono::steady_clock::time_point now) {
    roll(now);
}

bool AccessLog::admit(bool telling, int most) {
    if (written_ < most) {
        ++written_;
        return true;
    }
    if (telling && telling_written_ < most) {
        ++telling_written_;
        return true;
    }
    return false;
}

void AccessLog::roll(std::chrono::steady_clock::time_point now) {
    if (now - second_ < std::chrono::seconds(1)) {
        return;
    }
    if (left_out_ > 0) {
        log::warn("http.sampled", {{"left_out", std::to_string(left_out_)}});
    }
    second_ = now;
    written_ = 0;
    telling_written_ = 0;
    left_out_ = 0;
}

}  // namespace pengcheng::http
