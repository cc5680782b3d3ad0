#include "http/body.hpp"

#include "http/problems.hpp"

#include <algorithm>

namespace pengcheng::http {

void BodyReader::begin(const Head& head, std::chrono::milliseconds time) {
    time_ = time;
    left_ = head.chunked ? 0 : head.content_length.value_or(0);
    chunks_.reset();
    if (head.chunked) {
        chunks_.emplace();
    }
    paced_bytes_ = 0;
    continued_ = !head.expects_continue;
}

void BodyReader::drop() {
    left_ = 0;
    chunks_.reset();
}

asio::awaitable<std::size_t> BodyReader::read(std::span<char> into) {
    if (whole() || into.empty()) {
        co_return 0;
    }
    if (!continued_) {
        continued_ = true;
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await wire_.put({asio::buffer(go_on)});
    }
    if (paced_bytes_ == 0 || paced_bytes_ >= pace_bytes) {
        wire_.enter(Phase::body, time_);
        paced_bytes_ = 0;
    }
    std::size_t got = chunks_ ? co_await read_chunked(into) : co_await read_counted(into);
    paced_bytes_ += std::max<std::size_t>(got, 1);
    co_return got;
}

asio::awaitable<std::size_t> BodyReader::read_counted(std::span<char> into) {
    std::size_t wanted = std::min(into.size(), static_cast<std::size_t>(left_));
    std::size_t got = std::min(wanted, wire_.unread().size());
    std::copy_n(wire_.unread().begin(), got, into.begin());
    wire_.take(got);
    if (got == 0) {
        got = co_await wire_.read_some(into.first(wanted));
        if (got == 0) {
            cut_short();
        }
    }
    left_ -= static_cast<std::int64_t>(got);
    co_return got;
}

asio::awaitable<std::size_t> BodyReader::read_chunked(std::span<char> into) {
    while (true) {
        ChunkReader::Step step = chunks_->step(wire_.unread(), into);
        wire_.take(step.taken);
        if (step.state == ChunkReader::State::bad) {
            fail(problem::bad_request.because("分块长度或分块格式有误", "a chunk's size or form is wrong"));
        }
        if (step.state == ChunkReader::State::done) {
            chunks_.reset();
            co_return step.given;
        }
        if (step.given > 0) {
            co_return step.given;
        }
        if (co_await wire_.fill() == 0) {
            cut_short();
        }
    }
}

void BodyReader::fail(Problem problem) {
    problem.close_connection = true;
    broken_ = true;
    throw ProblemError(std::move(problem));
}

void BodyReader::cut_short() {
    if (wire_.expired()) {
        Meter::add(meter_.cut_slow, 1);
        fail(problem::slow_request.plain());
    }
    fail(problem::truncated.plain());
}

}  // namespace pengcheng::http
