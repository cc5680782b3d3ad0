#include "services/documents.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/pages/pages.hpp>

namespace pengcheng::services {

namespace {

std::string digest_in(const Case& one, std::string_view kind) {
    if (kind == "receipt") {
        return one.receipt_digest;
    }
    return one.decision.is_null() ? std::string{} : one.decision.at("digest").get<std::string>();
}

Json material_rows(const Item& item, const Case& one) {
    Json rows = Json::array();
    for (const auto& declared : item.definition.at("materials")) {
        int copies = 0;
        for (const auto& handed : one.materials) {
            copies += handed.at("code") == declared.at("code") ? 1 : 0;
        }
        if (copies > 0) {
            rows.push_back({{"name", declared.at("name")}, {"copies", std::to_string(copies)}});
        }
    }
    return rows;
}

}  // namespace

Json receipt_content(const Case& one) {
    return {{"kind", "receipt"},
            {"case_no", one.case_no},
            {"item", one.item},
            {"item_version", one.item_version},
            {"applicant", one.applicant},
            {"organization", one.organization},
            {"submitted_at", one.submitted_at},
            {"received_on", one.received_on}};
}

Json decision_content(const Case& one) {
    return {{"kind", "decision"},
            {"case_no", one.case_no},
            {"item", one.item},
            {"item_version", one.item_version},
            {"applicant", one.applicant},
            {"organization", one.organization},
            {"result", one.decision.at("result")},
            {"reason", one.decision.at("reason")},
            {"at", one.decision.at("at")}};
}

std::string content_digest(const Json& content) {
    return crypto::sha256_hex(content.dump());
}

asio::awaitable<std::string> document_html(db::Pool& db, std::string base_url, Case one, std::string kind) {
    Item item = co_await item_version(db, one.item, one.item_version);
    auto body = co_await organization_name(db, one.organization);
    const std::string digest = digest_in(one, kind);
    const bool decision = kind == "decision";
    Json view{{"case_no", one.case_no},
              {"item_name", one.item_name},
              {"item_code", one.item},
              {"applicant", one.applicant_name},
              {"organization", body},
              {"submitted_at", one.submitted_at.substr(0, 16)},
              {"received_on", one.received_on},
              {"due_date", one.due_date},
              {"promised_days", std::to_string(one.promised_days)},
              {"basis", item.definition.at("basis")},
              {"materials", material_rows(item, one)},
              {"decision", decision},
              {"digest", digest},
              {"digest_short", digest.substr(0, 16)},
              {"verify_url",
               base_url + "/api/v1/services/documents/" + kind + "/" + one.case_no + "?digest=" + digest}};
    if (decision) {
        view["granted"] = one.decision.at("result") == "grant";
        view["reason"] = one.decision.at("reason");
        view["decided_at"] = one.decision.at("at").get<std::string>().substr(0, 10);
    }
    pages::PageContext context;
    context.title = decision ? "决定书" : "收件凭证";
    context.base_url = std::move(base_url);
    context.index = false;
    co_return pages::render_alone("services_document", view, context);
}

bool document_agrees(const Case& one, std::string_view kind, std::string_view digest) {
    const std::string known = digest_in(one, kind);
    const Json content = kind == "receipt" ? receipt_content(one)
                         : known.empty()   ? Json()
                                           : decision_content(one);
    return !known.empty() && crypto::equal(known, digest) && content_digest(content) == known;
}

}  // namespace pengcheng::services
