// TLS by Asio's own client.
#include "tls_client.hpp"

#include <pengcheng/base/text.hpp>

#include <fstream>

namespace pengcheng::test {

TEST_F(HttpTest, SpeaksTls12And13AndNothingOlder) {
    make_certificate(folder_, "one.example");
    runtime_.config.tls_certificate = folder_ / "server.pem";
    runtime_.config.tls_key = folder_ / "server.key";
    start();
    Secure newest = ask(port(), "/test/caller");
    EXPECT_EQ(newest.version, "TLSv1.3");
    EXPECT_EQ(newest.name, "one.example");
    EXPECT_NE(newest.reply.find("https://x"), std::string::npos);
    EXPECT_EQ(ask(port(), "/healthz", TLS1_2_VERSION).version, "TLSv1.2");
    EXPECT_EQ(ask(port(), "/healthz", TLS1_1_VERSION).version, "");
    std::string large = ask(port(), "/test/text?limit=50000").reply;
    EXPECT_EQ(header_of(large, "Content-Length"), std::to_string(body_of(large).size()));
    EXPECT_NE(ask(port(), "/test/pieces?limit=50").reply.find("\r\n0\r\n\r\n"), std::string::npos);

    std::string plain = get("/healthz", "Accept-Language: en\r\n");
    EXPECT_EQ(status_line(plain), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(Json::parse(body_of(plain))["title"], "This port speaks TLS: use https://");

    server_here_.reset();
    runtime_.config.tls_version_min = "1.3";
    start();
    EXPECT_EQ(ask(port(), "/healthz", TLS1_2_VERSION).version, "");
    EXPECT_EQ(ask(port(), "/healthz").version, "TLSv1.3");
}

TEST_F(HttpTest, TakesANewCertificateWithoutARestart) {
    make_certificate(folder_, "one.example");
    runtime_.config.tls_certificate = folder_ / "server.pem";
    runtime_.config.tls_key = folder_ / "server.key";
    start();
    EXPECT_EQ(ask(port(), "/healthz").name, "one.example");
    make_certificate(folder_, "two.example");
    server_here_->reload_changed_certificate();
    EXPECT_EQ(ask(port(), "/healthz").name, "two.example");
    std::ofstream(folder_ / "server.pem") << "rubbish";
    std::filesystem::last_write_time(folder_ / "server.pem",
                                     std::filesystem::file_time_type::clock::now() + std::chrono::seconds(9));
    server_here_->reload_changed_certificate();
    EXPECT_EQ(ask(port(), "/healthz").name, "two.example") << "what cannot be read replaces nothing";
    EXPECT_THROW(server_here_->reload(runtime_.config), ProblemError);
    server_here_.reset();
    EXPECT_THROW(start(), ProblemError);
}

}  // namespace pengcheng::test
