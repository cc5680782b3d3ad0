#include <pengcheng/http/outgoing.hpp>

#include <gtest/gtest.h>

namespace pengcheng::http {
namespace {

TEST(OutgoingAddresses, AreTakenApart) {
    auto plain = split_url("http://127.0.0.1:8081/keys?x=1");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->tls);
    EXPECT_EQ(plain->host, "127.0.0.1");
    EXPECT_EQ(plain->port, "8081");
    EXPECT_EQ(plain->target, "/keys?x=1");

    auto six = split_url("https://[2001:db8::1]");
    ASSERT_TRUE(six);
    EXPECT_TRUE(six->tls);
    EXPECT_EQ(six->host, "2001:db8::1");
    EXPECT_EQ(six->port, "443");
    EXPECT_EQ(six->target, "/");
}

TEST(OutgoingAddresses, ThatHideWhereTheyLeadAreRefused) {
    for (const char* url :
         {"", "ftp://a/", "https://", "https:///path", "https://user@host/", "https://host:0/",
          "https://host:70000/", "https://host:x/", "https://[::1/", "https://host/#part", "https://host/a b",
          "https://host/\r\nX: y", "//host/", "host"}) {
        EXPECT_FALSE(split_url(url)) << url;
    }
}

TEST(OutgoingAddresses, OfInnerNetworksAreNotPublic) {
    for (const char* inner : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
                              "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
                              "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"}) {
        EXPECT_FALSE(is_public_address(inner)) << inner;
    }
    EXPECT_TRUE(is_public_address("8.8.8.8"));
    EXPECT_TRUE(is_public_address("2400:3200::1"));
}

}  // namespace
}  // namespace pengcheng::http
