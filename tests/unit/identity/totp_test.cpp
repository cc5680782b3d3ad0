#include "identity/totp.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pengcheng::identity {
namespace {

const std::string secret = "12345678901234567890";  // RFC 6238, appendix B

TEST(Totp, AnswersTheVectorsOfTheRfc) {
    struct Row {
        std::int64_t seconds;
        const char* code;  // the last six of the eight digits in the RFC
    };
    for (const Row& row : std::vector<Row>{{59, "287082"},
                                           {1111111109, "081804"},
                                           {1111111111, "050471"},
                                           {1234567890, "005924"},
                                           {2000000000, "279037"},
                                           {20000000000, "353130"}}) {
        Time at{std::chrono::seconds(row.seconds)};
        EXPECT_EQ(totp_code(secret, totp_step(at)), row.code) << row.seconds;
        EXPECT_EQ(matching_step(secret, row.code, at), totp_step(at));
    }
}

TEST(Totp, TakesTheNeighbouringStepsAndNoOthers) {
    Time at{std::chrono::seconds(1234567890)};
    for (int aside : {-2, -1, 0, 1, 2}) {
        std::string code = totp_code(secret, totp_step(at) + aside);
        EXPECT_EQ(matching_step(secret, code, at).has_value(), std::abs(aside) <= 1) << aside;
    }
    for (const char* bad : {"", "5924", "0059241", "abcdef", "00592 "}) {
        EXPECT_FALSE(matching_step(secret, bad, at)) << bad;
    }
}

TEST(Totp, WritesBase32OfTheRfc) {
    // RFC 4648 §10, without padding.
    for (const auto& [plain, text] : std::map<std::string, std::string>{{"", ""},
                                                                        {"f", "MY"},
                                                                        {"fo", "MZXQ"},
                                                                        {"foo", "MZXW6"},
                                                                        {"foob", "MZXW6YQ"},
                                                                        {"fooba", "MZXW6YTB"},
                                                                        {"foobar", "MZXW6YTBOI"}}) {
        EXPECT_EQ(base32(plain), text);
    }
    EXPECT_EQ(otpauth_uri("彭城", "a b", "foobar"),
              "otpauth://totp/%E5%BD%AD%E5%9F%8E:a%20b?secret=MZXW6YTBOI&issuer=%E5%BD%AD%E5%9F%8E"
              "&algorithm=SHA1&digits=6&period=30");
}

TEST(RecoveryCodes, AreTenDifferentOnes) {
    std::set<std::string> codes;
    for (const std::string& code : make_recovery_codes()) {
        EXPECT_EQ(code.size(), 11U) << code;
        EXPECT_EQ(plain_code(code).size(), 10U) << code;
        codes.insert(code);
    }
    EXPECT_EQ(codes.size(), 10U);
    EXPECT_EQ(plain_code(" K3FWQ - 7hxda "), "k3fwq7hxda");
}

}  // namespace
}  // namespace pengcheng::identity
