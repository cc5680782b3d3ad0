#include "http/session.hpp"

#include "http/problems.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace pengcheng::http {

namespace {

namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

std::string_view reason(int status) {
    auto text = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
    return {text.data(), text.size()};
}

bool has_no_body(int status) {
    return status == 204 || status == 304;
}

class Session : public BodyWriter {
public:
    Session(SessionGround& ground, asio::ip::tcp::socket socket)
        : ground_(ground), stream_(std::move(socket)), buffer_(static_cast<std::size_t>(2 * 1024 * 1024)) {
        boost::system::error_code ignored;
        stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        auto peer = stream_.socket().remote_endpoint(ignored);
        address_ = ignored ? "" : peer.address().to_string();
    }

    asio::awaitable<void> run() {
        while (co_await serve_one()) {
        }
        boost::system::error_code ignored;
        stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }

    asio::awaitable<void> write(std::string_view bytes) override {
        if (bytes.empty() || head_only_) {
            co_return;
        }
        if (ground_.draining && event_stream_) {
            throw std::runtime_error("the server is stopping");
        }
        arm(ground_.runtime.config.idle_ms_max);
        if (!chunked_) {
            co_await asio::async_write(stream_, asio::buffer(bytes), asio::use_awaitable);
            co_return;
        }
        std::array<char, 24> size{};
        int length = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
        const std::array<asio::const_buffer, 3> parts{
            asio::buffer(size.data(), static_cast<std::size_t>(length)), asio::buffer(bytes),
            asio::buffer("\r\n", 2)};
        co_await asio::async_write(stream_, parts, asio::use_awaitable);
    }

private:
    /// One request and its reply; -> whether another may follow on this connection.
    asio::awaitable<bool> serve_one() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(ground_.runtime.config.header_bytes_max));
        parser_->body_limit(boost::none);
        boost::system::error_code error = co_await read_head();
        if (error == beast::http::error::header_limit) {
            co_return co_await refuse(problem::header_too_large.plain());
        }
        if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() &&
            error != beast::http::error::end_of_stream && error != beast::http::error::partial_message) {
            co_return co_await refuse(problem::bad_request.because(error.message(), error.message()));
        }
        if (error) {
            co_return false;
        }
        auto request = take_request();
        if (ambiguous_length()) {
            co_return co_await refuse(
                problem::bad_request.because("不能同时给出 Content-Length 和 Transfer-Encoding",
                                             "both Content-Length and Transfer-Encoding"));
        }
        auto began = std::chrono::steady_clock::now();
        std::optional<Reply> file = ground_.files.find(*request);
        Reply reply = file ? std::move(*file) : co_await ground_.dispatcher.handle(ground_.db, request);
        bool whole = co_await send(*request, reply);
        account(*request, reply, began);
        co_return whole && request->keep_alive;
    }

    asio::awaitable<boost::system::error_code> read_head() {
        ground_.idle.insert(&stream_.socket());
        arm(ground_.runtime.config.idle_ms_max);
        boost::system::error_code error;
        co_await beast::http::async_read_header(stream_, buffer_, *parser_,
                                                asio::redirect_error(asio::use_awaitable, error));
        ground_.idle.erase(&stream_.socket());
        co_return error;
    }

    std::shared_ptr<Request> take_request() {
        auto request = std::make_shared<Request>();
        const auto& head = parser_->get();
        request->method = std::string_view(head.method_string().data(), head.method_string().size());
        request->target = std::string_view(head.target().data(), head.target().size());
        request->path = request->target.substr(0, request->target.find('?'));
        for (const auto& field : head) {
            request->headers.emplace_back(
                std::string_view(field.name_string().data(), field.name_string().size()),
                std::string_view(field.value().data(), field.value().size()));
        }
        request->http10 = head.version() < 11;
        request->keep_alive = head.keep_alive() && !ground_.draining;
        if (auto length = parser_->content_length()) {
            request->content_length = static_cast<std::int64_t>(*length);
        }
        request->has_body = !parser_->is_done();
        request->address = address_;
        request->request_id = new_id();
        request->base_url = base_url(*request);
        request->read_some = [this, request = request.get()](std::span<char> into) {
            return read_body(*request, into);
        };
        return request;
    }

    /// The configured address, or what the client called us when that is a plain host.
    [[nodiscard]] std::string base_url(const Request& request) const {
        const Config& config = ground_.runtime.config;
        std::string_view host = request.header("Host");
        bool plain =
            !host.empty() && host.size() < 256 &&
            host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
                std::string_view::npos;
        return config.public_url.empty() && plain ? "http://" + std::string(host) : config.base_url();
    }

    [[nodiscard]] bool ambiguous_length() const {
        const auto& head = parser_->get();
        return head.count(beast::http::field::content_length) +
                   head.count(beast::http::field::transfer_encoding) >
               1;
    }

    asio::awaitable<std::size_t> read_body(Request& request, std::span<char> into) {
        if (parser_->is_done()) {
            request.body_done = true;
            co_return 0;
        }
        if (!continued_ && starts_with_ci(request.header("Expect"), "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(stream_, asio::buffer(go_on), asio::use_awaitable);
        }
        continued_ = true;
        auto& body = parser_->get().body();
        body.data = into.data();
        body.size = into.size();
        arm(ground_.runtime.config.idle_ms_max);
        boost::system::error_code error;
        co_await beast::http::async_read(stream_, buffer_, *parser_,
                                         asio::redirect_error(asio::use_awaitable, error));
        if (error && error != beast::http::error::need_buffer) {
            Problem cut = problem::truncated.plain();
            cut.close_connection = true;
            throw ProblemError(std::move(cut));
        }
        std::size_t got = into.size() - body.size;
        request.body_done = got == 0;
        co_return got;
    }

    /// Writes the reply; -> whether it went out whole and the connection is clean for the next request.
    asio::awaitable<bool> send(Request& request, Reply& reply) {
        bool unread = !parser_->is_done();
        request.keep_alive = request.keep_alive && !unread && !ground_.draining;
        head_only_ = request.method == "HEAD";
        chunked_ = reply.stream && !request.http10;
        event_stream_ = reply.content_type.starts_with("text/event-stream");
        if (reply.stream && request.http10) {
            request.keep_alive = false;
        }
        std::string head = head_of(request, reply);
        try {
            arm(ground_.runtime.config.idle_ms_max);
            const std::array<asio::const_buffer, 2> parts{
                asio::buffer(head), head_only_ ? asio::const_buffer{} : asio::buffer(reply.body)};
            co_await asio::async_write(stream_, parts, asio::use_awaitable);
            if (reply.stream && !head_only_) {
                co_await reply.stream(*this);
                if (chunked_) {
                    co_await asio::async_write(stream_, asio::buffer("0\r\n\r\n", 5), asio::use_awaitable);
                }
            }
        } catch (const std::exception& caught) {
            // The head is out: the missing last chunk tells the client that the rest is missing.
            log::info("http.reply-cut", {{"request", request.request_id}, {"error", caught.what()}});
            co_return false;
        }
        if (unread) {
            co_await discard_rest(request);
        }
        co_return true;
    }

    /// A client still sending would meet a reset before it reads the reply: take some of it first.
    asio::awaitable<void> discard_rest(Request& request) {
        boost::system::error_code ignored;
        stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        std::vector<char> sink(64 * 1024);
        continued_ = true;
        try {
            for (int i = 0; i < 256 && !parser_->is_done(); ++i) {
                co_await read_body(request, sink);
            }
        } catch (const std::exception& caught) {
            log::debug("http.rest", {{"request", request.request_id}, {"error", caught.what()}});
        }
    }

    static std::string head_of(const Request& request, const Reply& reply) {
        std::string head =
            "HTTP/1.1 " + std::to_string(reply.status) + " " + std::string(reason(reply.status)) + "\r\n";
        auto line = [&head](std::string_view name, std::string_view value) {
            head.append(name).append(": ").append(value).append("\r\n");
        };
        bool has_cache = false;
        for (const auto& [name, value] : reply.headers) {
            line(name, value);
            has_cache = has_cache || starts_with_ci(name, "cache-control");
        }
        if (!reply.content_type.empty()) {
            line("Content-Type", reply.content_type);
        }
        if (reply.stream) {
            if (!request.http10) {
                line("Transfer-Encoding", "chunked");
            }
        } else if (!has_no_body(reply.status)) {
            line("Content-Length", std::to_string(reply.body.size()));
        }
        if (!request.keep_alive) {
            line("Connection", "close");
        } else if (request.http10) {
            line("Connection", "keep-alive");
        }
        line("X-Request-Id", request.request_id);
        line("X-Content-Type-Options", "nosniff");
        if (!has_cache) {
            line("Cache-Control", "no-store");
        }
        if (reply.content_type.starts_with("text/html")) {
            line("Content-Security-Policy",
                 "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
                 "data:; "
                 "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
                 "frame-ancestors 'none'");
            line("Referrer-Policy", "same-origin");
        }
        head += "\r\n";
        return head;
    }

    asio::awaitable<bool> refuse(Problem problem) {
        Request request;
        request.keep_alive = false;
        request.request_id = new_id();
        Json body = {{"type", "/problems/" + std::string(problem.type->code)},
                     {"title", problem.type->title_zh},
                     {"status", problem.type->status},
                     {"detail", problem.detail_en},
                     {"instance", ""},
                     {"request_id", request.request_id}};
        Reply reply = Reply::ok(body);
        reply.status = problem.type->status;
        reply.content_type = "application/problem+json; charset=utf-8";
        std::string bytes = head_of(request, reply) + reply.body;
        boost::system::error_code ignored;
        co_await asio::async_write(stream_, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, ignored));
        ++ground_.counters.refused;
        co_return false;
    }

    void account(const Request& request, const Reply& reply, std::chrono::steady_clock::time_point began) {
        ++ground_.counters.requests;
        ground_.counters.refused += reply.status >= 400 && reply.status < 500 ? 1 : 0;
        ground_.counters.failed += reply.status >= 500 ? 1 : 0;
        auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
        log::info("http.request", {{"request", request.request_id},
                                   {"method", request.method},
                                   {"path", request.path},
                                   {"status", std::to_string(reply.status)},
                                   {"us", std::to_string(took.count())},
                                   {"who", request.who.name}});
    }

    void arm(int ms) { stream_.expires_after(std::chrono::milliseconds(ms)); }

    SessionGround& ground_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::string address_;
    bool continued_ = false;
    bool chunked_ = false;
    bool head_only_ = false;
    bool event_stream_ = false;
};

}  // namespace

asio::awaitable<void> serve_connection(SessionGround& ground, asio::ip::tcp::socket socket) {
    ++ground.open;
    ++ground.counters.connections;
    auto leave = [&ground](void*) {
        --ground.open;
        --ground.counters.connections;
    };
    std::unique_ptr<void, decltype(leave)> guard(&ground, leave);
    Session session(ground, std::move(socket));
    co_await session.run();
}

}  // namespace pengcheng::http
