#include "portal/proposals.hpp"

#include "portal/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>

namespace pengcheng::portal {

constexpr db::Statement proposal_owner_sql{"portal.find_proposal_owner", R"sql(
    SELECT organization, NULL::text AS account FROM portal.proposal WHERE id::text = $1
)sql"};

namespace {

constexpr db::Statement find_sql{"portal.find_proposal", R"sql(
    SELECT id, resource, resource_name, organization, organization_name, slug, title, abstract, open_type,
           items, licence, theme, keywords, state, version, return_reason, proposed_by, proposed_by_name,
           submitted_by, submitted_by_name, decided_by_name,
           base.rfc3339(created_at) AS created_at, base.rfc3339(updated_at) AS updated_at
      FROM portal.proposal
     WHERE id::text = $1
)sql"};

constexpr db::Statement lock_sql{"portal.lock_proposal", R"sql(
    SELECT id FROM portal.proposal WHERE id::text = $1 FOR UPDATE
)sql"};

constexpr db::Statement list_sql{"portal.list_proposals", R"sql(
    SELECT id, resource, resource_name, organization, organization_name, slug, title, abstract, open_type,
           items, licence, theme, keywords, state, version, return_reason, proposed_by, proposed_by_name,
           submitted_by, submitted_by_name, decided_by_name,
           base.rfc3339(created_at) AS created_at, base.rfc3339(updated_at) AS updated_at
      FROM portal.proposal
     WHERE ($1::text = '' OR organization = $1) AND ($2::text = '' OR state = $2)
       AND ($3::text = '' OR id < $3::uuid)
     ORDER BY id DESC
     LIMIT $4::int
)sql"};

constexpr db::Statement add_sql{"portal.add_proposal", R"sql(
    INSERT INTO portal.proposal
        (id, resource, resource_name, organization, organization_name, slug, title, abstract, open_type,
         items, licence, theme, keywords, state, proposed_by, proposed_by_name)
    VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13::text[], 'draft', $14, $15)
)sql"};

constexpr db::Statement amend_sql{"portal.amend_proposal", R"sql(
    UPDATE portal.proposal
       SET slug = $2, title = $3, abstract = $4, open_type = $5, items = $6::jsonb, licence = $7, theme = $8,
           keywords = $9::text[], version = version + 1, updated_at = now()
     WHERE id::text = $1
)sql"};

constexpr db::Statement submit_sql{"portal.submit_proposal", R"sql(
    UPDATE portal.proposal
       SET state = 'submitted', submitted_by = $2, submitted_by_name = $3, return_reason = '',
           version = version + 1, updated_at = now()
     WHERE id::text = $1
)sql"};

constexpr db::Statement decide_sql{"portal.decide_proposal", R"sql(
    UPDATE portal.proposal
       SET state = $2, decided_by = $3, decided_by_name = $4, return_reason = $5, version = version + 1,
           updated_at = now()
     WHERE id::text = $1
)sql"};

constexpr db::Statement slug_use_sql{"portal.find_slug_use", R"sql(
    SELECT count(*) FROM (
        SELECT 1 FROM portal.dataset WHERE slug = $1 AND resource <> $2
        UNION ALL
        SELECT 1 FROM portal.proposal WHERE slug = $1 AND state <> 'published' AND id::text <> $3
    ) AS other
)sql"};

std::string shown_name(const Principal& who) {
    return who.display_name.empty() ? who.name : who.display_name;
}

void fill_in(ProposalInput& input, const catalogue::Resource& resource) {
    if (input.title.empty()) {
        input.title = resource.name;
    }
    if (input.abstract.empty()) {
        input.abstract = resource.abstract;
    }
    if (input.theme.empty()) {
        input.theme = resource.domain;
    }
    if (input.keywords.empty()) {
        input.keywords = resource.keywords;
    }
}

bool acts_for_all(const Principal& who) {
    return who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
}

/// The published entry, when `who` may propose to open it and the slug is free for it.
asio::awaitable<Result<catalogue::Resource>> proposable(db::Transaction& tx, const Principal& who,
                                                        std::string ref, std::string slug, std::string id) {
    auto resource = co_await catalogue::find_published(tx, ref);
    if (!resource) {
        co_return problem::no_resource.at("/resource", "请先发布数据资源目录",
                                          "Publish the catalogue entry first");
    }
    if (!acts_for_all(who) && resource->organization != who.organization) {
        co_return problem::not_own.at("/resource");
    }
    auto taken = co_await tx.one<std::int64_t>(slug_use_sql, slug, ref, id);
    if (taken > 0) {
        co_return problem::slug_taken.at("/slug", "请换一个网址标识", "Choose another slug");
    }
    co_return std::move(*resource);
}

}  // namespace

void decode(std::optional<std::string_view> cell, std::vector<OpenItem>& out) {
    Json items;
    db::decode(cell, items);
    out.clear();
    for (const auto& item : items) {
        out.push_back({item.at("column").get<std::string>(), item.value("mask", "")});
    }
}

Json items_json(const std::vector<OpenItem>& items) {
    Json out = Json::array();
    for (const auto& item : items) {
        out.push_back({{"column", item.column}, {"mask", item.mask}});
    }
    return out;
}

ProposalInput input_from_json(const Json& body) {
    ProposalInput input{.resource = body.value("resource", ""),
                        .slug = body.value("slug", ""),
                        .title = body.value("title", ""),
                        .abstract = body.value("abstract", ""),
                        .open_type = body.value("open_type", ""),
                        .licence = body.value("licence", ""),
                        .theme = body.value("theme", ""),
                        .keywords = body.value("keywords", std::vector<std::string>{})};
    for (const auto& item : body.value("items", Json::array())) {
        const Json mask = item.value("mask", Json());
        input.items.push_back(
            {item.at("column").get<std::string>(), mask.is_string() ? mask.get<std::string>() : ""});
    }
    return input;
}

Json to_json(const Proposal& proposal) {
    return {{"id", proposal.id},
            {"resource", {{"ref", proposal.resource}, {"name", proposal.resource_name}}},
            {"organization", {{"code", proposal.organization}, {"name", proposal.organization_name}}},
            {"slug", proposal.slug},
            {"title", proposal.title},
            {"abstract", proposal.abstract},
            {"open_type", proposal.open_type},
            {"items", items_json(proposal.items)},
            {"licence", proposal.licence},
            {"theme", proposal.theme},
            {"keywords", proposal.keywords},
            {"state", proposal.state},
            {"version", proposal.version},
            {"return_reason", proposal.return_reason},
            {"proposed_by", proposal.proposed_by_name},
            {"submitted_by", proposal.submitted_by_name},
            {"decided_by", proposal.decided_by_name},
            {"created_at", proposal.created_at},
            {"updated_at", proposal.updated_at}};
}

asio::awaitable<std::optional<Proposal>> find_proposal(db::Pool& db, std::string id) {
    co_return co_await db.find<Proposal>(find_sql, std::move(id));
}

asio::awaitable<std::optional<Proposal>> lock_proposal(db::Transaction& tx, std::string id) {
    co_await tx.find<std::string>(lock_sql, id);
    co_return co_await tx.find<Proposal>(find_sql, id);
}

asio::awaitable<std::vector<Proposal>> list_proposals(db::Pool& db, ProposalFilter filter) {
    co_return co_await db.all<Proposal>(list_sql, filter.organization, filter.state, filter.before_id,
                                        filter.limit);
}

asio::awaitable<Result<Proposal>> propose(db::Transaction& tx, const Principal& who, ProposalInput input) {
    auto resource = co_await proposable(tx, who, input.resource, input.slug, "");
    if (!resource) {
        co_return resource.error();
    }
    fill_in(input, *resource);
    std::string id = new_id();
    Json items = items_json(input.items);
    co_await tx.run(add_sql, id, input.resource, resource->name, resource->organization,
                    resource->provider_name, input.slug, input.title, input.abstract, input.open_type, items,
                    input.licence, input.theme, input.keywords, who.id, shown_name(who));
    Json detail{{"resource", input.resource}, {"slug", input.slug}};
    co_await audit::record(tx, who, "portal.proposal.create", id, detail);
    auto made = co_await tx.find<Proposal>(find_sql, id);
    co_return std::move(*made);
}

asio::awaitable<Result<Proposal>> amend(db::Transaction& tx, const Principal& who, std::string id,
                                        std::int64_t version, ProposalInput input) {
    auto current = co_await lock_proposal(tx, id);
    if (!current) {
        co_return problem::no_proposal.plain();
    }
    if (current->version != version) {
        co_return problem::stale.at("/version");
    }
    if (current->state != "draft" && current->state != "returned") {
        co_return problem::wrong_state.because("只有草稿和退回的申请可以修改",
                                               "Only a draft or a returned proposal can be changed");
    }
    if (!input.resource.empty() && input.resource != current->resource) {
        co_return problem::invalid_input.at("/resource", "资源不能改换，请另提申请",
                                            "The resource cannot change; make another proposal");
    }
    auto resource = co_await proposable(tx, who, current->resource, input.slug, id);
    if (!resource) {
        co_return resource.error();
    }
    fill_in(input, *resource);
    Json items = items_json(input.items);
    co_await tx.run(amend_sql, id, input.slug, input.title, input.abstract, input.open_type, items,
                    input.licence, input.theme, input.keywords);
    Json detail{{"slug", input.slug}};
    co_await audit::record(tx, who, "portal.proposal.update", id, detail);
    auto changed = co_await tx.find<Proposal>(find_sql, id);
    co_return std::move(*changed);
}

asio::awaitable<Result<Proposal>> submit(db::Transaction& tx, const Principal& who, std::string id) {
    auto current = co_await lock_proposal(tx, id);
    if (!current) {
        co_return problem::no_proposal.plain();
    }
    if (current->state != "draft" && current->state != "returned") {
        co_return problem::wrong_state.because("只有草稿和退回的申请可以提交",
                                               "Only a draft or a returned proposal can be submitted");
    }
    co_await tx.run(submit_sql, id, who.id, shown_name(who));
    co_await audit::record(tx, who, "portal.proposal.submit", id);
    auto changed = co_await tx.find<Proposal>(find_sql, id);
    co_return std::move(*changed);
}

asio::awaitable<Result<Proposal>> return_for_mending(db::Transaction& tx, const Principal& who,
                                                     std::string id, std::string reason) {
    auto current = co_await lock_proposal(tx, id);
    if (!current) {
        co_return problem::no_proposal.plain();
    }
    if (current->state != "submitted") {
        co_return problem::wrong_state.because("只有已提交的申请可以退回",
                                               "Only a submitted proposal can be returned");
    }
    co_await tx.run(decide_sql, id, "returned", who.id, shown_name(who), reason);
    Json detail{{"reason", reason}};
    co_await audit::record(tx, who, "portal.proposal.return", id, detail);
    auto changed = co_await tx.find<Proposal>(find_sql, id);
    co_return std::move(*changed);
}

asio::awaitable<void> mark_published(db::Transaction& tx, const Principal& who, std::string id) {
    co_await tx.run(decide_sql, id, "published", who.id, shown_name(who), "");
}

PENGCHENG_STATEMENTS(proposal_owner_sql, find_sql, lock_sql, list_sql, add_sql, amend_sql, submit_sql,
                     decide_sql, slug_use_sql);

}  // namespace pengcheng::portal
