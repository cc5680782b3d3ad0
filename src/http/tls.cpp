// Asio's TLS compiles separately, once, here; nothing else of the tree includes it.
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>

#include "http/transport.hpp"

#include <pengcheng/base/problem.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

namespace pengcheng::http {

namespace {

constexpr ProblemType bad_tls{"http.bad-tls", 400, "The TLS certificate or key cannot be used",
                              "TLS 证书或私钥无法使用"};

class Secured : public Transport {
public:
    Secured(asio::ip::tcp::socket socket, asio::ssl::context& context)
        : stream_(std::move(socket), context) {}

    asio::awaitable<boost::system::error_code> handshake() override {
        boost::system::error_code error;
        co_await stream_.next_layer().async_wait(asio::ip::tcp::socket::wait_read,
                                                 asio::redirect_error(asio::use_awaitable, error));
        // A TLS record starts with 22; a letter means that somebody speaks plain HTTP to this port.
        char first = 0;
        ssize_t got =
            error ? 0 : ::recv(stream_.next_layer().native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got == 1 && first >= 'A' && first <= 'Z') {
            co_return boost::system::error_code(
                boost::system::errc::make_error_code(boost::system::errc::protocol_not_supported));
        }
        if (!error) {
            co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                             asio::redirect_error(asio::use_awaitable, error));
        }
        co_return error;
    }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into,
                                           boost::system::error_code& error) override {
        return stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    }

    asio::awaitable<boost::system::error_code> write(Pieces pieces) override {
        boost::system::error_code error;
        co_await asio::async_write(stream_, pieces, asio::redirect_error(asio::use_awaitable, error));
        co_return error;
    }

    std::size_t write_now(const Pieces&) override { return 0; }

    asio::awaitable<void> finish() override {
        boost::system::error_code ignored;
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    }

    asio::ip::tcp::socket& socket() override { return stream_.next_layer(); }

private:
    asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

int choose_http11(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                  unsigned length, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, in, length) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

class LoadedTls : public Tls {
public:
    LoadedTls() : context_(asio::ssl::context::tls_server) {}

    [[nodiscard]] std::unique_ptr<Transport> wrap(asio::ip::tcp::socket socket) const override {
        return std::make_unique<Secured>(std::move(socket), context_);
    }

    /// SSL objects count their use of the context, but Asio's streams want it mutable.
    mutable asio::ssl::context context_;
};

void check(const boost::system::error_code& error, const std::filesystem::path& file) {
    if (error) {
        throw ProblemError(
            bad_tls.because(file.string() + "：" + error.message(), file.string() + ": " + error.message()));
    }
}

}  // namespace

std::shared_ptr<const Tls> Tls::load(const std::filesystem::path& certificate,
                                     const std::filesystem::path& key, const std::string& version_min) {
    auto loaded = std::make_shared<LoadedTls>();
    SSL_CTX* context = loaded->context_.native_handle();
    SSL_CTX_set_min_proto_version(context, version_min == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Forward secrecy and AEAD only; TLS 1.3 has no others.
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(context, choose_http11, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // A key with a pass phrase is refused: without this OpenSSL would ask for it on the terminal.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
    boost::system::error_code error;
    loaded->context_.use_certificate_chain_file(certificate.string(), error);
    check(error, certificate);
    loaded->context_.use_private_key_file(key.string(), asio::ssl::context::pem, error);
    check(error, key);
    if (SSL_CTX_check_private_key(context) != 1) {
        throw ProblemError(bad_tls.because(key.string() + " 不是 " + certificate.string() + " 的私钥",
                                           key.string() + " is not the key of " + certificate.string()));
    }
    return loaded;
}

}  // namespace pengcheng::http
