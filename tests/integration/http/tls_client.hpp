#pragma once

#include "wire.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>

namespace pengcheng::test {

namespace asio = boost::asio;

/// server.pem and server.key in `folder`, of a new key, each put in place at once.
inline void make_certificate(const std::filesystem::path& folder, const std::string& name) {
    std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + (folder / "next.key").string() + " -out " + (folder / "next.pem").string() +
        " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    // A server started as root reads it as an ordinary user.
    std::filesystem::permissions(folder / "next.key", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    std::filesystem::rename(folder / "next.key", folder / "server.key");
    std::filesystem::rename(folder / "next.pem", folder / "server.pem");
}

/// The common name that the server shows, and its reply; "" when the handshake fails.
struct Secure {
    std::string name, reply, version;
};

inline Secure ask(int port, const std::string& path, int version_max = TLS1_3_VERSION) {
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_max_proto_version(context.native_handle(), version_max);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.next_layer().connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::client, error);
    Secure out;
    if (error) {
        return out;
    }
    std::array<char, 200> name{};
    X509* certificate = SSL_get_peer_certificate(stream.native_handle());
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
    X509_free(certificate);
    out.name = name.data();
    out.version = SSL_get_version(stream.native_handle());
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    asio::write(stream, asio::buffer(request), error);
    while (!error) {
        std::array<char, 4096> piece{};
        out.reply.append(piece.data(), stream.read_some(asio::buffer(piece), error));
    }
    EXPECT_EQ(error, asio::error::eof) << "the end is said, not only made: " << error.message();
    return out;
}

}  // namespace pengcheng::test
