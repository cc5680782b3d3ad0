#include <pengcheng/audit/sealer.hpp>

#include "audit/checkpoint.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr db::Statement find_newest_body_sql{"audit.find_newest_checkpoint_body", R"sql(
    SELECT body FROM audit.checkpoint ORDER BY number DESC LIMIT 1
)sql"};

constexpr db::Statement find_verification_sql{"audit.find_verification", R"sql(
    SELECT base.rfc3339(at) AS at, verdict::text AS verdict
      FROM audit.verification ORDER BY audit.verification.at DESC LIMIT 1
)sql"};

PENGCHENG_STATEMENTS(find_newest_body_sql, find_verification_sql);

struct Verification {
    std::string at, verdict;
};
constexpr auto describe(db::RowOf<Verification>) {
    return db::columns(db::column("at", &Verification::at), db::column("verdict", &Verification::verdict));
}

Json checkpoint_json(const Statement& said) {
    Json heads = Json::array();
    for (const Head& head : said.heads) {
        heads.push_back({{"chain", head.chain}, {"seq", head.seq}, {"hash", hex_of(head.hash)}});
    }
    return {{"number", said.number}, {"at", said.at}, {"heads", std::move(heads)}};
}

Json verification_json(const Verification& last, bool chinese) {
    Json verdict = Json::parse(last.verdict);
    const Json& broken = verdict["broken"];
    return {{"at", last.at},
            {"ok", verdict["ok"]},
            {"records", verdict["records"]},
            {"break", broken.is_null() ? "" : broken[chinese ? "text_zh" : "text_en"].get<std::string>()}};
}

}  // namespace

asio::awaitable<Json> status(db::Pool& db, bool chinese) {
    Json out = {{"checkpoint", nullptr}, {"verification", nullptr}};
    auto body = co_await db.find<std::string>(find_newest_body_sql);
    auto said = body ? parse_body(*body) : std::nullopt;
    if (said) {
        out["checkpoint"] = checkpoint_json(*said);
    }
    auto last = co_await db.find<Verification>(find_verification_sql);
    if (last) {
        out["verification"] = verification_json(*last, chinese);
    }
    co_return out;
}

}  // namespace pengcheng::audit
