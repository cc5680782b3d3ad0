#include "identity/sessions.hpp"
#include "identity/tokens.hpp"

#include <pengcheng/base/text.hpp>

#include <gtest/gtest.h>

namespace pengcheng::identity {
namespace {

std::string basic(std::string_view pair) {
    return "Basic " + base64url(pair);
}

TEST(TokenRequests, TakeCredentialsFromBodyOrHeader) {
    auto body = read_token_request("grant_type=client_credentials&client_id=abc&client_secret=s%2Bt", "");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->client_id, "abc");
    EXPECT_EQ(body->secret, "s+t");
    EXPECT_FALSE(body->by_header);

    auto header = read_token_request("grant_type=client_credentials&scope=data", basic("a%20c:s%3At"));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->client_id, "a c");
    EXPECT_EQ(header->secret, "s:t");
    EXPECT_TRUE(header->by_header);
}

TEST(TokenRequests, AnswerTheErrorsOfRfc6749) {
    struct Row {
        std::string form;
        std::string authorization;
        int status;
        std::string_view error;
    };
    const std::vector<Row> rows{
        {"", "", 400, "invalid_request"},
        {"client_id=a&client_secret=b", "", 400, "invalid_request"},
        {"grant_type=password&client_id=a&client_secret=b", "", 400, "unsupported_grant_type"},
        {"grant_type=client_credentials", "", 401, "invalid_client"},
        {"grant_type=client_credentials&client_id=a", "", 401, "invalid_client"},
        {"grant_type=client_credentials&client_id=a&client_id=b&client_secret=c", "", 400, "invalid_request"},
        {"grant_type=client_credentials&client_id=%zz&client_secret=c", "", 400, "invalid_request"},
        {"grant_type=client_credentials&client_id=%00&client_secret=c", "", 400, "invalid_request"},
        {"grant_type=client_credentials&client_id=%ff&client_secret=c", "", 400, "invalid_request"},
        {"grant_type=client_credentials&client_id=a&client_secret=b&scope=all", "", 400, "invalid_scope"},
        {"grant_type=client_credentials", "Basic ???", 401, "invalid_client"},
        {"grant_type=client_credentials", basic("nocolon"), 401, "invalid_client"},
        {"grant_type=client_credentials&client_secret=b", basic("a:b"), 400, "invalid_request"},
        {"grant_type=client_credentials&client_id=b", basic("a:b"), 401, "invalid_client"},
    };
    for (const Row& row : rows) {
        auto request = read_token_request(row.form, row.authorization);
        ASSERT_FALSE(request) << row.form;
        EXPECT_EQ(request.error().error, row.error) << row.form;
        EXPECT_EQ(request.error().status, row.status) << row.form;
    }
}

TEST(CsrfTokens, BelongToOneCookie) {
    EXPECT_EQ(csrf_token_of("a"), csrf_token_of("a"));
    EXPECT_NE(csrf_token_of("a"), csrf_token_of("b"));
    EXPECT_EQ(csrf_token_of("a").size(), 64U);
    EXPECT_EQ(csrf_token_of(""), "");
}

}  // namespace
}  // namespace pengcheng::identity
