#include "http/session.hpp"

#include "http/body.hpp"
#include "http/conditional.hpp"
#include "http/finish.hpp"
#include "http/incoming.hpp"
#include "http/problems.hpp"
#include "http/reply_head.hpp"
#include "http/wire.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace pengcheng::http {

namespace {

constexpr std::size_t kept_buffer_bytes = 16 * 1024;
/// Replies up to here are copied behind their head: one buffer is cheaper than two for the kernel.
constexpr std::size_t joined_bytes_max = 4096;
/// Work longer than this is looked after: is its client still there?
constexpr std::chrono::milliseconds watched_after{200};

/// The problem that a refused head is answered with.
Problem problem_of(HeadFault fault) {
    std::string zh(text_of(fault, true));
    std::string en(text_of(fault, false));
    switch (status_of(fault)) {
        case 417:
            return problem::unknown_expectation.because(zh, en);
        case 431:
            return problem::header_too_large.because(zh, en);
        case 501:
            return problem::unknown_coding.because(zh, en);
        case 505:
            return problem::unknown_version.because(zh, en);
        default:
            return problem::bad_request.because(zh, en);
    }
}

/// A streamed body on its way: coded if the client asked for it, then written through `next`.
class CodedWriter : public BodyWriter {
public:
    CodedWriter(Coding coding, BodyWriter& next) : compressor_(Compressor::make(coding)), next_(next) {}

    asio::awaitable<void> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            std::string_view slice = bytes.substr(0, pace_bytes);
            bytes.remove_prefix(slice.size());
            compressor_->add(slice, bytes.empty() ? Compressor::After::flush : Compressor::After::more,
                             coded_);
            // Writing suspends; with nothing to write yet, others still get their turn between two slices.
            if (coded_.empty()) {
                co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            }
            co_await next_.write(coded_);
            coded_.clear();
        }
    }

    asio::awaitable<void> end() {
        compressor_->add({}, Compressor::After::end, coded_);
        co_await next_.write(coded_);
    }

private:
    std::unique_ptr<Compressor> compressor_;
    BodyWriter& next_;
    std::string coded_;
};

class Connection : public Session, public BodyWriter {
public:
    Connection(SessionGround& ground, std::unique_ptr<Transport> transport, std::string address, bool https,
               std::optional<Problem> refusal)
        : ground_(ground),
          entrance_{.config = ground.runtime.config, .peer = std::move(address), .https = https},
          refusal_(std::move(refusal)),
          wire_(std::move(transport)),
          body_(wire_, ground.meter) {
        ground_.sessions.insert(this);
    }
    ~Connection() override { ground_.sessions.erase(this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    asio::cancellation_slot slot() override { return signal_.slot(); }

    asio::awaitable<void> run() override {
        wire_.enter(Phase::head, ground_.limits->head_max);
        boost::system::error_code error = co_await wire_.transport().handshake();
        if (error == boost::system::errc::protocol_not_supported) {
            wire_.speak_plainly();
            refusal_ = problem::needs_tls.plain();
        } else if (error) {
            co_return;
        }
        while (co_await serve_one()) {
        }
        co_await wire_.finish();
    }

    void tick(SteadyTime now) override {
        if (wire_.expire(now)) {
            if (wire_.phase() == Phase::work) {
                stop_work();
            } else {
                wire_.transport().stop();
            }
            return;
        }
        bool working = wire_.phase() == Phase::work || wire_.phase() == Phase::stream;
        if (working && !client_gone_ && now - wire_.phase_began() > watched_after && wire_.peer_has_left()) {
            client_gone_ = true;
            Meter::add(ground_.meter.client_gone, 1);
            if (request_ && request_->is_read()) {
                stop_work();
            }
        }
    }

    void drain() override {
        bool waiting =
            wire_.phase() == Phase::idle || (wire_.phase() == Phase::head && wire_.unread().empty());
        if (waiting) {
            wire_.transport().stop();
        } else if (wire_.phase() == Phase::stream && endless_) {
            stop_work();
        }
    }

    void cut() override {
        cut_ = true;
        wire_.transport().stop();
        stop_work();
    }

    asio::awaitable<void> write(std::string_view bytes) override {
        if (bytes.empty()) {
            co_return;
        }
        if ((ground_.draining && endless_) || client_gone_) {
            throw std::runtime_error(client_gone_ ? "the client is gone" : "the server is stopping");
        }
        if (!chunked_) {
            co_await wire_.put({asio::buffer(bytes)});
            co_return;
        }
        std::array<char, 24> size{};
        int length = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
        co_await wire_.put({asio::buffer(size.data(), static_cast<std::size_t>(length)), asio::buffer(bytes),
                            asio::buffer("\r\n", 2)});
    }

private:
    /// Ends the coroutine's wait, wherever it is: a statement, a timer, another lane.
    void stop_work() {
        if (request_) {
            request_->stopped = true;
        }
        stopped_ = true;
        signal_.emit(asio::cancellation_type::terminal);
    }

    // ---- one request ------------------------------------------------------------------------------------

    /// -> whether a head was read whole; otherwise the connection ends, refused or not.
    asio::awaitable<bool> read_whole_head() {
        limits_ = ground_.limits;
        wire_.set_write_time(limits_->write_max);
        head_ = Head{.fields = std::move(head_.fields)};
        head_.fields.clear();
        HeadReading reading = read_head(wire_.unread(), limits_->head, head_);
        wire_.enter(wire_.unread().empty() ? Phase::idle : Phase::head,
                    wire_.unread().empty() && !refusal_ ? limits_->idle_max : limits_->head_max);
        while (reading.state == HeadReading::State::incomplete) {
            if (wire_.unread().empty() && ground_.draining) {
                co_return false;
            }
            bool was_empty = wire_.unread().empty();
            std::size_t got = co_await wire_.fill();
            if (got == 0) {
                if (wire_.expired() && wire_.phase() == Phase::head) {
                    Meter::add(ground_.meter.cut_slow, 1);
                    co_await refuse(problem::slow_request.plain());
                }
                co_return false;
            }
            if (was_empty) {
                wire_.enter(Phase::head, limits_->head_max);
            }
            reading = read_head(wire_.unread(), limits_->head, head_, reading.searched);
        }
        if (reading.state == HeadReading::State::refused) {
            co_await refuse(problem_of(reading.fault));
            co_return false;
        }
        wire_.take(head_.size);
        co_return true;
    }

    asio::awaitable<std::size_t> read_body(std::span<char> into) {
        if (body_.whole()) {
            co_return 0;
        }
        std::size_t got = co_await body_.read(into);
        if (body_.whole()) {
            wire_.enter(Phase::work, work_time());
        }
        co_return got;
    }

    /// Reads that go on for too long are stopped; a write's outcome must be known, so its statement's own
    /// time limit ends it.
    [[nodiscard]] std::chrono::steady_clock::duration work_time() const {
        return request_ && !request_->is_read() ? std::chrono::hours(24)
                                                : std::chrono::milliseconds(limits_->request_max);
    }

    /// One request and its reply; -> whether another may follow on this connection.
    asio::awaitable<bool> serve_one() {
        if (!co_await read_whole_head()) {
            co_return false;
        }
        auto began = std::chrono::steady_clock::now();
        body_.begin(head_, limits_->body_max);
        request_ = make_request(head_, limits_, entrance_);
        request_->keep_alive = request_->keep_alive && !ground_.draining && !refusal_;
        std::shared_ptr<Request> request = request_;
        request->read_some = [this](std::span<char> into) { return read_body(into); };
        wire_.enter(Phase::work, work_time());
        Admission admission(*this);
        Reply reply;
        if (admission.reply) {
            reply = std::move(*admission.reply);
        } else if (std::optional<Reply> file = ground_.files.find(*request)) {
            reply = std::move(*file);
        } else {
            reply = co_await ground_.dispatcher.handle(ground_.db, request);
        }
        if (stopped_) {
            // Here and not in a function of its own: awaiting that would throw already.
            co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
            stopped_ = false;
            if (client_gone_ || cut_) {
                account(*request, 499, began);
                co_return false;
            }
            reply = problem_reply(problem::timeout.plain(), *request);
        }
        bool whole = co_await send(*request, reply);
        account(*request, reply.status, began);
        bool more = whole && request->keep_alive;
        request_.reset();
        shrink();
        co_return more;
    }

    /// A request's place within the limits of its address, or the refusal of it.
    struct Admission {
        explicit Admission(Connection& own) : own(own) {
            const Request& request = *own.request_;
            if (own.refusal_) {
                reply = problem_reply(*own.refusal_, request);
                return;
            }
            bool by_proxy = request.address != own.entrance_.peer;
            if (by_proxy) {
                placed = own.ground_.addresses.enter(request.address, own.limits_->per_address_max);
                if (!placed) {
                    Problem refusal = problem::too_many_of_address.plain();
                    refusal.retry_after_s = 1;
                    reply = problem_reply(refusal, request);
                    Meter::add(own.ground_.meter.refused_connections, 1);
                    return;
                }
                address = request.address;
            }
            if (own.limits_->requests_per_s > 0) {
                count(request);
            }
        }
        ~Admission() {
            if (placed) {
                own.ground_.addresses.leave(address);
            }
        }
        Admission(const Admission&) = delete;
        Admission& operator=(const Admission&) = delete;

        void count(const Request& request) {
            int most = own.limits_->requests_per_s;
            auto rate = own.ground_.addresses.count(request.address, most, own.wire_.phase_began());
            own.rate_headers_ = {{"RateLimit-Limit", std::to_string(most)},
                                 {"RateLimit-Remaining", std::to_string(rate.remaining)},
                                 {"RateLimit-Reset", std::to_string(rate.reset_s)}};
            if (!rate.allowed) {
                Problem refusal = problem::too_many_requests.plain();
                refusal.retry_after_s = 1;
                reply = problem_reply(refusal, request);
                Meter::add(own.ground_.meter.refused_requests, 1);
            }
        }
        Connection& own;
        std::optional<Reply> reply;
        std::string address;
        bool placed = false;
    };

    void account(const Request& request, int status, SteadyTime began) {
        auto now = std::chrono::steady_clock::now();
        auto us = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now - began).count());
        std::uint64_t sent = wire_.take_sent();
        ground_.meter.answered(ground_.dispatcher.row_of(request), status, us, sent);
        ground_.log.answered(request, status, us, sent, now);
    }

    void shrink() {
        wire_.shrink();
        if (out_.capacity() > kept_buffer_bytes) {
            out_ = {};
        }
    }

    // ---- the reply --------------------------------------------------------------------------------------

    /// Writes the reply; -> whether it went out whole and the connection is clean for the next request.
    asio::awaitable<bool> send(Request& request, Reply& reply) {
        bool rest = !body_.whole();
        bool closes = rest || ground_.draining || body_.broken() || reply_closes(reply);
        request.keep_alive = request.keep_alive && !closes;
        Coding coding = finish(request, reply);
        add_rate(reply);
        bool head_only = request.method == "HEAD";
        bool fine = false;
        std::string cut;
        try {
            if (reply.stream) {
                co_await send_stream(request, reply, coding, head_only);
            } else {
                co_await send_whole(request, reply, coding, head_only);
            }
            fine = true;
        } catch (const std::exception& caught) {
            cut = caught.what();
        }
        if (stopped_) {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
            stopped_ = false;
        }
        if (!fine) {
            // The head is out: the missing end tells the client that the rest is missing.
            if (wire_.expired() && !cut_) {
                Meter::add(ground_.meter.cut_slow, 1);
                cut = "the client reads too slowly";
            }
            log::info("http.reply-cut", {{"request", request.request_id}, {"error", cut}});
            wire_.reset_on_close();
            co_return false;
        }
        if (rest && !body_.broken()) {
            co_await wire_.discard_rest();
        }
        co_return true;
    }

    /// Where requests of an address are counted, its standing goes with every reply.
    void add_rate(Reply& reply) {
        for (auto& header : rate_headers_) {
            std::erase_if(reply.headers, [&header](const auto& one) { return one.first == header.first; });
            reply.headers.push_back(std::move(header));
        }
        rate_headers_.clear();
    }

    static bool reply_closes(const Reply& reply) {
        for (const auto& [name, value] : reply.headers) {
            if (name == "Connection" && value == "close") {
                return true;
            }
        }
        return false;
    }

    asio::awaitable<void> send_whole(const Request& request, Reply& reply, Coding coding, bool head_only) {
        std::string coded;
        if (coding != Coding::identity) {
            coded = co_await coded_body(content_of(reply), coding);
        }
        std::string_view content = coding != Coding::identity ? std::string_view(coded) : content_of(reply);
        out_.clear();
        append_head(out_, request, reply, content.size(), ground_.date.now());
        bool bare = head_only || has_no_body(reply.status);
        if (bare) {
            content = {};
        } else if (content.size() <= joined_bytes_max) {
            out_ += content;
            content = {};
        }
        Pieces pieces{asio::buffer(out_), asio::buffer(content)};
        // Nearly always the socket has room: no wait, no turn of the event loop.
        if (!wire_.put_now(pieces)) {
            co_await wire_.put(pieces);
        }
    }

    static asio::awaitable<std::string> coded_body(std::string_view content, Coding coding) {
        auto compressor = Compressor::make(coding);
        std::string out;
        while (content.size() > pace_bytes) {
            compressor->add(content.substr(0, pace_bytes), Compressor::After::more, out);
            content.remove_prefix(pace_bytes);
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        }
        compressor->add(content, Compressor::After::end, out);
        co_return out;
    }

    asio::awaitable<void> send_stream(Request& request, Reply& reply, Coding coding, bool head_only) {
        std::optional<std::uint64_t> length;
        if (reply.stream_bytes) {
            length = static_cast<std::uint64_t>(*reply.stream_bytes);
        }
        chunked_ = !length && !request.http10;
        endless_ = reply.content_type.starts_with("text/event-stream");
        request.keep_alive = request.keep_alive && (length || chunked_);
        out_.clear();
        append_head(out_, request, reply, length, ground_.date.now());
        wire_.bound_unsent();
        co_await wire_.put({asio::buffer(out_)});
        if (!head_only) {
            wire_.enter(Phase::stream, std::chrono::hours(24));
            if (coding == Coding::identity) {
                co_await reply.stream(*this);
            } else {
                CodedWriter coded(coding, *this);
                co_await reply.stream(coded);
                co_await coded.end();
            }
            if (chunked_) {
                co_await wire_.put({asio::buffer("0\r\n\r\n", 5)});
            }
        }
        endless_ = false;
    }

    asio::awaitable<void> refuse(Problem problem) {
        Request request;
        request.limits = limits_;
        request.keep_alive = false;
        request.request_id = new_id();
        request.address = entrance_.peer;
        for (const HeadField& field : head_.fields) {
            request.headers.emplace_back(field.name, field.value);
        }
        request.chinese = wants_chinese(request);
        auto began = std::chrono::steady_clock::now();
        Reply reply = problem_reply(problem, request);
        body_.drop();
        wire_.enter(Phase::write, limits_->write_max);
        co_await send(request, reply);
        account(request, reply.status, began);
        co_await wire_.discard_rest();
    }

    SessionGround& ground_;
    Entrance entrance_;
    std::optional<Problem> refusal_;
    std::shared_ptr<const Limits> limits_ = ground_.limits;
    std::shared_ptr<Request> request_;
    asio::cancellation_signal signal_;

    Wire wire_;
    BodyReader body_;
    std::string out_;
    Head head_;

    bool client_gone_ = false;
    bool stopped_ = false;  ///< stop_work() was called: the coroutine's cancellation must be taken back
    bool cut_ = false;

    bool chunked_ = false;
    bool endless_ = false;
    Headers rate_headers_;
};

}  // namespace

std::string_view DateText::now() {
    std::time_t now = std::time(nullptr);
    if (now != second_) {
        second_ = now;
        text_ = to_http_date(now);
    }
    return text_;
}

std::shared_ptr<Session> Session::make(SessionGround& ground, std::unique_ptr<Transport> transport,
                                       std::string address, bool https, std::optional<Problem> refusal) {
    return std::make_shared<Connection>(ground, std::move(transport), std::move(address), https,
                                        std::move(refusal));
}

}  // namespace pengcheng::http
