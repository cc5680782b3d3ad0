#include <boost/asio/ssl.hpp>

#include <pengcheng/http/outgoing.hpp>

#include "http/addresses.hpp"

#include <pengcheng/base/text.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace pengcheng::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr ProblemType refused{"http.outgoing-refused", 502, "This address may not be called from here",
                              "不允许从本服务访问该地址"};
constexpr ProblemType failed{"http.outgoing-failed", 502, "The other service did not answer as it should",
                             "对方服务没有正常应答"};

using Stream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Message = beast::http::request<beast::http::string_body>;

/// The first address of the host that the limits allow.
asio::awaitable<std::optional<asio::ip::tcp::endpoint>> allowed_endpoint(UrlParts url, std::string networks) {
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    auto found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    Networks listed(networks);
    for (const auto& entry : found) {
        std::string address = entry.endpoint().address().to_string();
        bool allowed = listed.empty() ? is_public_address(address) : listed.contains(address);
        bool here = entry.endpoint().address().is_loopback();
        if (allowed && (url.tls || here)) {
            co_return entry.endpoint();
        }
    }
    co_return std::nullopt;
}

template <class S>
asio::awaitable<OutgoingReply> exchange(S& stream, const Message& message, std::size_t bytes_max) {
    co_await beast::http::async_write(stream, message, asio::use_awaitable);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(bytes_max);
    co_await beast::http::async_read(stream, buffer, parser, asio::use_awaitable);
    auto& got = parser.get();
    co_return OutgoingReply{.status = static_cast<int>(got.result_int()),
                            .content_type = std::string(got[beast::http::field::content_type]),
                            .body = std::move(got.body())};
}

asio::ssl::context& authorities() {
    static asio::ssl::context context = [] {
        asio::ssl::context made(asio::ssl::context::tls_client);
        made.set_default_verify_paths();
        made.set_verify_mode(asio::ssl::verify_peer);
        SSL_CTX_set_min_proto_version(made.native_handle(), TLS1_2_VERSION);
        return made;
    }();
    return context;
}

Message message_of(const OutgoingRequest& request, const UrlParts& url) {
    Message message;
    message.method_string(request.method);
    message.target(url.target);
    message.version(11);
    bool usual = url.port == (url.tls ? "443" : "80");
    message.set(beast::http::field::host, usual ? url.host : url.host + ":" + url.port);
    message.set(beast::http::field::user_agent, "pengcheng");
    message.set(beast::http::field::connection, "close");
    for (const auto& [name, value] : request.headers) {
        message.set(name, value);
    }
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

asio::awaitable<OutgoingReply> call(UrlParts url, asio::ip::tcp::endpoint endpoint, Message message,
                                    OutgoingLimits limits) {
    auto executor = co_await asio::this_coro::executor;
    auto deadline = std::chrono::milliseconds(limits.ms_max);
    if (!url.tls) {
        Stream stream(executor);
        stream.expires_after(deadline);
        co_await stream.async_connect(endpoint, asio::use_awaitable);
        co_return co_await exchange(stream, message, limits.bytes_max);
    }
    TlsStream stream(executor, authorities());
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    beast::get_lowest_layer(stream).expires_after(deadline);
    co_await beast::get_lowest_layer(stream).async_connect(endpoint, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return co_await exchange(stream, message, limits.bytes_max);
}

}  // namespace

Result<UrlParts> split_url(std::string_view url) {
    UrlParts parts;
    auto refuse = [&] {
        return refused.because("地址无效：" + std::string(url), "not an address: " + std::string(url));
    };
    if (url.starts_with("https://")) {
        url.remove_prefix(8);
    } else if (url.starts_with("http://")) {
        parts.tls = false;
        url.remove_prefix(7);
    } else {
        return refuse();
    }
    bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
    std::size_t slash = std::min(url.find_first_of("/?"), url.size());
    std::string_view authority = url.substr(0, slash);
    std::string_view rest = url.substr(slash);
    parts.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
    if (bracket == std::string_view::npos) {
        return refuse();
    }
    std::size_t colon = authority.find(':', bracket);
    parts.host = authority.substr(0, colon);
    if (parts.host.starts_with('[')) {
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    }
    parts.port = colon == std::string_view::npos ? (parts.tls ? "443" : "80")
                                                 : std::string(authority.substr(colon + 1));
    auto port = to_int(parts.port);
    bool whole = printable && !parts.host.empty() && port && *port > 0 && *port < 65536 &&
                 authority.find('@') == std::string_view::npos && rest.find('#') == std::string_view::npos;
    if (!whole) {
        return refuse();
    }
    return parts;
}

bool is_public_address(std::string_view address) {
    static const Networks inner(
        "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, "
        "192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3, ::/128, ::1/128, fc00::/7, fe80::/10, ff00::/8, "
        "64:ff9b::/96");
    return !inner.contains(address);
}

asio::awaitable<Result<OutgoingReply>> send_out(OutgoingRequest request, OutgoingLimits limits) {
    auto url = split_url(request.url);
    if (!url) {
        co_return url.error();
    }
    std::string reason;
    try {
        auto endpoint = co_await allowed_endpoint(*url, limits.networks);
        if (!endpoint) {
            co_return refused.because(url->host + " 不在允许的网络内",
                                      url->host + " is in no allowed network");
        }
        co_return co_await call(*url, *endpoint, message_of(request, *url), limits);
    } catch (const boost::system::system_error& error) {
        reason = error.code().message();
    }
    co_return failed.because(url->host + ":" + reason, url->host + ": " + reason);
}

}  // namespace pengcheng::http
