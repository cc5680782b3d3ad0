#include "http/session.hpp"

#include "http/chunks.hpp"
#include "http/conditional.hpp"
#include "http/finish.hpp"
#include "http/problems.hpp"
#include "http/reply_head.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace pengcheng::http {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t first_buffer_bytes = 4096;
constexpr std::size_t kept_buffer_bytes = 16 * 1024;
/// A body or reply must move this much within body_ms_max or write_ms_max.
constexpr std::size_t pace_bytes = 64 * 1024;
/// Replies up to here are copied behind their head: one buffer is cheaper than two for the kernel.
constexpr std::size_t joined_bytes_max = 4096;
/// What a stream may have in the kernel unsent: a reader who stops must be noticed.
constexpr int unsent_bytes_max = 256 * 1024;
/// Work longer than this is looked after: is its client still there?
constexpr std::chrono::milliseconds watched_after{200};
constexpr std::chrono::seconds goodbye_time{2};

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

/// The client's id of a request counts only from a trusted proxy and when it can stand in a log line.
bool is_plain_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 &&
           id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               id.npos;
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
          transport_(std::move(transport)),
          peer_(std::move(address)),
          https_(https),
          refusal_(std::move(refusal)),
          in_(first_buffer_bytes) {
        boost::system::error_code ignored;
        transport_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        ground_.sessions.insert(this);
    }
    ~Connection() override { ground_.sessions.erase(this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    asio::cancellation_slot slot() override { return signal_.slot(); }

    asio::awaitable<void> run() override {
        phase(Phase::head, ground_.limits->head_max);
        boost::system::error_code error = co_await transport_->handshake();
        if (error == boost::system::errc::protocol_not_supported) {
            transport_ = Transport::plain(std::move(transport_->socket()));
            refusal_ = problem::needs_tls.plain();
        } else if (error) {
            co_return;
        }
        while (co_await serve_one()) {
        }
        if (!broken_) {
            phase(Phase::end, goodbye_time);
            co_await transport_->finish();
        }
    }

    void tick(SteadyTime now) override {
        if (now >= deadline_) {
            deadline_ = SteadyTime::max();
            expired_ = true;
            if (phase_ == Phase::work) {
                stop_work();
            } else {
                transport_->stop();
            }
            return;
        }
        bool working = phase_ == Phase::work || phase_ == Phase::stream;
        if (working && !client_gone_ && now - phase_began_ > watched_after && peer_has_left()) {
            client_gone_ = true;
            Meter::add(ground_.meter.client_gone, 1);
            if (request_ && request_->is_read()) {
                stop_work();
            }
        }
    }

    void drain() override {
        bool waiting = phase_ == Phase::idle || (phase_ == Phase::head && in_begin_ == in_end_);
        if (waiting) {
            transport_->stop();
        } else if (phase_ == Phase::stream && endless_) {
            stop_work();
        }
    }

    void cut() override {
        cut_ = true;
        transport_->stop();
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
            co_await put({asio::buffer(bytes)});
            co_return;
        }
        std::array<char, 24> size{};
        int length = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
        co_await put({asio::buffer(size.data(), static_cast<std::size_t>(length)), asio::buffer(bytes),
                      asio::buffer("\r\n", 2)});
    }

private:
    enum class Phase { idle, head, body, work, stream, write, end };

    void phase(Phase next, std::chrono::steady_clock::duration most) {
        phase_ = next;
        expired_ = false;
        phase_began_ = std::chrono::steady_clock::now();
        deadline_ = phase_began_ + most;
    }

    /// Ends the coroutine's wait, wherever it is: a statement, a timer, another lane.
    void stop_work() {
        if (request_) {
            request_->stopped = true;
        }
        stopped_ = true;
        signal_.emit(asio::cancellation_type::terminal);
    }

    bool peer_has_left() {
        pollfd state{.fd = transport_->socket().native_handle(), .events = POLLRDHUP, .revents = 0};
        if (::poll(&state, 1, 0) <= 0) {
            return false;
        }
        if ((state.revents & (POLLERR | POLLHUP)) != 0) {
            return true;
        }
        // Half closed: gone, unless more requests lie in the socket.
        char byte = 0;
        return (state.revents & POLLRDHUP) != 0 && in_begin_ == in_end_ &&
               ::recv(state.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
    }

    // ---- reading ----------------------------------------------------------------------------------------

    [[nodiscard]] std::string_view unread() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }

    /// Reads more behind what is there; -> bytes, 0 at an error or the end.
    asio::awaitable<std::size_t> fill() {
        if (in_begin_ == in_end_) {
            in_begin_ = in_end_ = 0;
        } else if (in_end_ == in_.size() && in_begin_ > 0) {
            std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_),
                      in_.begin() + static_cast<std::ptrdiff_t>(in_end_), in_.begin());
            in_end_ -= in_begin_;
            in_begin_ = 0;
        }
        if (in_end_ == in_.size()) {
            in_.resize(in_.size() * 2);
        }
        boost::system::error_code error;
        std::size_t got =
            co_await transport_->read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_), error);
        in_end_ += error ? 0 : got;
        co_return error ? 0 : got;
    }

    /// -> whether a head was read whole; otherwise the connection ends, refused or not.
    asio::awaitable<bool> read_whole_head() {
        limits_ = ground_.limits;
        head_ = Head{.fields = std::move(head_.fields)};
        head_.fields.clear();
        HeadReading reading = read_head(unread(), limits_->head, head_);
        phase(unread().empty() ? Phase::idle : Phase::head,
              unread().empty() && !refusal_ ? limits_->idle_max : limits_->head_max);
        while (reading.state == HeadReading::State::incomplete) {
            if (unread().empty() && ground_.draining) {
                co_return false;
            }
            bool was_empty = unread().empty();
            std::size_t got = co_await fill();
            if (got == 0) {
                if (expired_ && phase_ == Phase::head) {
                    Meter::add(ground_.meter.cut_slow, 1);
                    co_await refuse(problem::slow_request.plain());
                }
                co_return false;
            }
            if (was_empty) {
                phase(Phase::head, limits_->head_max);
            }
            reading = read_head(unread(), limits_->head, head_, reading.searched);
        }
        if (reading.state == HeadReading::State::refused) {
            co_await refuse(problem_of(reading.fault));
            co_return false;
        }
        in_begin_ += head_.size;
        co_return true;
    }

    [[nodiscard]] std::shared_ptr<Request> take_request() const {
        auto request = std::make_shared<Request>();
        request->limits = limits_;
        request->method = head_.method;
        request->target = head_.target;
        request->path = head_.path;
        request->headers.reserve(head_.fields.size());
        for (const HeadField& field : head_.fields) {
            request->headers.emplace_back(field.name, field.value);
        }
        request->http10 = head_.minor == 0;
        request->keep_alive = head_.keep_alive && !ground_.draining && !refusal_;
        request->content_length = head_.content_length;
        request->has_body = head_.chunked || head_.content_length.value_or(0) > 0;
        request->https = https_;
        std::string_view host = head_.host;
        Caller caller;
        bool proxied = limits_->trusted.contains(peer_);
        if (proxied) {
            caller = caller_of(peer_, head_.fields, limits_->trusted);
            request->https = caller.proto.empty() ? https_ : caller.proto == "https";
            host = caller.host.empty() ? host : std::string_view(caller.host);
        }
        request->address = proxied ? caller.address : peer_;
        std::string_view id = proxied ? head_.field("X-Request-Id") : std::string_view{};
        request->request_id = is_plain_id(id) ? std::string(id) : new_id();
        if (std::string_view parent = head_.field("traceparent"); !parent.empty()) {
            request->trace = parse_traceparent(parent);
        }
        request->base_url = base_url(request->https, host);
        request->chinese = wants_chinese(*request);
        return request;
    }

    /// The configured address, or what the client called us when that is a plain host.
    [[nodiscard]] std::string base_url(bool https, std::string_view host) const {
        const Config& config = ground_.runtime.config;
        bool plain =
            !host.empty() && host.size() < 256 &&
            host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
                std::string_view::npos;
        return config.public_url.empty() && plain ? (https ? "https://" : "http://") + std::string(host)
                                                  : config.base_url();
    }

    void begin_body() {
        body_left_ = head_.chunked ? 0 : head_.content_length.value_or(0);
        chunks_.reset();
        if (head_.chunked) {
            chunks_.emplace();
        }
        paced_bytes_ = 0;
        continued_ = !head_.expects_continue;
    }

    [[nodiscard]] bool body_whole() const { return !chunks_ && body_left_ == 0; }

    [[noreturn]] void broken_body() {
        bool slow = expired_ && !cut_;
        if (slow) {
            Meter::add(ground_.meter.cut_slow, 1);
        }
        Problem cut = slow ? problem::slow_request.plain() : problem::truncated.plain();
        cut.close_connection = true;
        body_broken_ = true;
        throw ProblemError(std::move(cut));
    }

    asio::awaitable<std::size_t> read_body(std::span<char> into) {
        if (body_whole() || into.empty()) {
            co_return 0;
        }
        if (!continued_) {
            continued_ = true;
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await put({asio::buffer(go_on)});
        }
        if (paced_bytes_ == 0 || paced_bytes_ >= pace_bytes) {
            phase(Phase::body, limits_->body_max);
            paced_bytes_ = 0;
        }
        std::size_t got = chunks_ ? co_await read_chunked(into) : co_await read_counted(into);
        paced_bytes_ += std::max<std::size_t>(got, 1);
        if (body_whole()) {
            phase(Phase::work, work_time());
        }
        co_return got;
    }

    asio::awaitable<std::size_t> read_counted(std::span<char> into) {
        std::size_t wanted = std::min(into.size(), static_cast<std::size_t>(body_left_));
        std::size_t got = std::min(wanted, unread().size());
        std::copy_n(unread().begin(), got, into.begin());
        in_begin_ += got;
        if (got == 0) {
            boost::system::error_code error;
            got = co_await transport_->read_some(asio::buffer(into.data(), wanted), error);
            if (error || got == 0) {
                broken_body();
            }
        }
        body_left_ -= static_cast<std::int64_t>(got);
        co_return got;
    }

    asio::awaitable<std::size_t> read_chunked(std::span<char> into) {
        while (true) {
            ChunkReader::Step step = chunks_->step(unread(), into);
            in_begin_ += step.taken;
            if (step.state == ChunkReader::State::bad) {
                body_broken_ = true;
                Problem bad =
                    problem::bad_request.because("分块长度或分块格式有误", "a chunk's size or form is wrong");
                bad.close_connection = true;
                throw ProblemError(std::move(bad));
            }
            if (step.state == ChunkReader::State::done) {
                chunks_.reset();
                co_return step.given;
            }
            if (step.given > 0) {
                co_return step.given;
            }
            if (co_await fill() == 0) {
                broken_body();
            }
        }
    }

    // ---- one request ------------------------------------------------------------------------------------

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
        begin_body();
        request_ = take_request();
        std::shared_ptr<Request> request = request_;
        request->read_some = [this](std::span<char> into) { return read_body(into); };
        phase(Phase::work, work_time());
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
            bool by_proxy = request.address != own.peer_;
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
            auto rate = own.ground_.addresses.count(request.address, most, own.phase_began_);
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
        ground_.meter.answered(ground_.dispatcher.row_of(request), status, us, sent_bytes_);
        ground_.log.answered(request, status, us, sent_bytes_, now);
        sent_bytes_ = 0;
    }

    void shrink() {
        if (in_.size() > kept_buffer_bytes && unread().empty()) {
            in_ = std::vector<char>(first_buffer_bytes);
            in_begin_ = in_end_ = 0;
        }
        if (out_.capacity() > kept_buffer_bytes) {
            out_ = {};
        }
    }

    // ---- the reply --------------------------------------------------------------------------------------

    /// Writes the reply; -> whether it went out whole and the connection is clean for the next request.
    asio::awaitable<bool> send(Request& request, Reply& reply) {
        bool rest = !body_whole();
        bool closes = rest || ground_.draining || body_broken_ || reply_closes(reply);
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
            if (expired_ && !cut_) {
                Meter::add(ground_.meter.cut_slow, 1);
                cut = "the client reads too slowly";
            }
            log::info("http.reply-cut", {{"request", request.request_id}, {"error", cut}});
            reset_on_close();
            co_return false;
        }
        if (rest && !body_broken_) {
            co_await discard_rest();
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
        if (!put_now(pieces)) {
            co_await put(pieces);
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
        bound_unsent();
        co_await put({asio::buffer(out_)});
        if (!head_only) {
            phase(Phase::stream, std::chrono::hours(24));
            if (coding == Coding::identity) {
                co_await reply.stream(*this);
            } else {
                CodedWriter coded(coding, *this);
                co_await reply.stream(coded);
                co_await coded.end();
            }
            if (chunked_) {
                co_await put({asio::buffer("0\r\n\r\n", 5)});
            }
        }
        endless_ = false;
    }

    bool put_now(Pieces& pieces) {
        std::size_t all = asio::buffer_size(pieces);
        std::size_t taken = transport_->write_now(pieces);
        sent_bytes_ += taken;
        take_off(pieces, taken);
        return taken == all;
    }

    static void take_off(Pieces& pieces, std::size_t bytes) {
        for (asio::const_buffer& piece : pieces) {
            std::size_t part = std::min(bytes, piece.size());
            piece += part;
            bytes -= part;
        }
    }

    /// Writes it all, each 64 KiB within write_ms_max. Throws when the client is gone or too slow.
    asio::awaitable<void> put(Pieces pieces) {
        Phase before = phase_;
        while (asio::buffer_size(pieces) > 0) {
            if (put_now(pieces)) {
                break;
            }
            Pieces part{};
            std::size_t room = pace_bytes;
            for (std::size_t i = 0; i < pieces.size(); ++i) {
                part[i] = asio::buffer(pieces[i], room);
                room -= part[i].size();
            }
            phase(Phase::write, limits_->write_max);
            boost::system::error_code error = co_await transport_->write(part);
            if (error) {
                throw std::runtime_error(error.message());
            }
            sent_bytes_ += asio::buffer_size(part);
            take_off(pieces, asio::buffer_size(part));
        }
        phase(before == Phase::stream ? before : Phase::work, std::chrono::hours(24));
    }

    /// Without this the kernel takes megabytes for a client that reads nothing, and the statement waits on.
    void bound_unsent() {
        if (!unsent_bounded_) {
            int bytes = unsent_bytes_max;
            ::setsockopt(transport_->socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes,
                         sizeof bytes);
            unsent_bounded_ = true;
        }
    }

    /// What lies unsent in the kernel goes with the connection, and the client sees a break, not an end.
    void reset_on_close() {
        boost::system::error_code ignored;
        transport_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
        broken_ = true;
    }

    /// A client still sending would meet a reset before it reads the reply: take what comes until it closes
    /// too, for a moment.
    asio::awaitable<void> discard_rest() {
        constexpr std::size_t most = 16 * 1024 * 1024;
        boost::system::error_code error;
        phase(Phase::end, goodbye_time);
        transport_->socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
        std::vector<char> sink(pace_bytes);
        for (std::size_t taken = 0; !error && taken < most;) {
            taken += co_await transport_->socket().async_read_some(
                asio::buffer(sink), asio::redirect_error(asio::use_awaitable, error));
        }
        broken_ = true;
    }

    asio::awaitable<void> refuse(Problem problem) {
        Request request;
        request.limits = limits_;
        request.keep_alive = false;
        request.request_id = new_id();
        request.address = peer_;
        for (const HeadField& field : head_.fields) {
            request.headers.emplace_back(field.name, field.value);
        }
        request.chinese = wants_chinese(request);
        auto began = std::chrono::steady_clock::now();
        Reply reply = problem_reply(problem, request);
        body_left_ = 0;
        chunks_.reset();
        phase(Phase::write, limits_->write_max);
        co_await send(request, reply);
        account(request, reply.status, began);
        co_await discard_rest();
    }

    SessionGround& ground_;
    std::unique_ptr<Transport> transport_;
    std::string peer_;
    bool https_;
    std::optional<Problem> refusal_;
    std::shared_ptr<const Limits> limits_ = ground_.limits;
    std::shared_ptr<Request> request_;
    asio::cancellation_signal signal_;

    std::vector<char> in_;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    std::string out_;
    Head head_;

    Phase phase_ = Phase::idle;
    SteadyTime phase_began_;
    SteadyTime deadline_ = SteadyTime::max();
    bool expired_ = false;  ///< the deadline ended the wait
    bool client_gone_ = false;
    bool stopped_ = false;  ///< stop_work() was called: the coroutine's cancellation must be taken back
    bool cut_ = false;

    std::int64_t body_left_ = 0;
    std::optional<ChunkReader> chunks_;
    std::size_t paced_bytes_ = 0;
    bool continued_ = false;
    bool body_broken_ = false;

    bool chunked_ = false;
    bool endless_ = false;
    bool unsent_bounded_ = false;
    bool broken_ = false;  ///< nothing more is said on the connection
    std::uint64_t sent_bytes_ = 0;
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
