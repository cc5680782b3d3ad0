#pragma once

#include "staff.hpp"

namespace pengcheng::test {

inline constexpr const char* allowance = "1132030000000022XY3320522001001";  ///< 高龄津贴, civil affairs
inline constexpr const char* food = "1132030000000040613320140001001";  ///< 食品经营许可, market supervision

/// The smallest PNG that says what it is.
inline const std::string png{"\x89PNG\r\n\x1a\n....IHDR", 16};

/// Registers a person; the signed-in client.
inline Client citizen(Server& server, const std::string& username, const std::string& name,
                      const std::string& id) {
    Json body{{"username", username},
              {"password", password},
              {"display_name", name},
              {"id_number", id},
              {"phone", "13800000000"}};
    Reply reply = server.anonymous().post("/api/v1/accounts", body);
    if (reply.status != 201) {
        throw std::runtime_error("register: " + reply.body);
    }
    return server.as(username);
}

inline std::string attach(const Client& client, const std::string& name = "card.png",
                          const std::string& bytes = png) {
    Reply reply =
        client.post_bytes("/api/v1/services/attachments?name=" + name, bytes, "application/octet-stream");
    if (reply.status != 201) {
        throw std::runtime_error("attach: " + reply.body);
    }
    return reply.json["id"];
}

inline Json allowance_form() {
    return {{"name", "王老五"},           {"sex", "1"},
            {"birth_date", "1940-05-06"}, {"address", "江苏省徐州市鼓楼区示例一路1号"},
            {"phone", "13800000000"},     {"account", "6217000000000000004"},
            {"bank", "示例银行"},         {"living", "family"},
            {"promise", {"true"}}};
}

inline Json application(const Client& client) {
    return {{"item", allowance},
            {"form", allowance_form()},
            {"materials", {{{"code", "bank_card"}, {"attachment_id", attach(client)}}}},
            {"consent", true}};
}

inline Json apply(const Client& client) {
    Reply reply = client.post("/api/v1/services/cases", application(client));
    if (reply.status != 201) {
        throw std::runtime_error("apply: " + reply.body);
    }
    return reply.json;
}

inline std::string url_of(const Json& one) {
    return "/api/v1/services/cases/" + one["case_no"].get<std::string>();
}

}  // namespace pengcheng::test
