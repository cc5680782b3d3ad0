#pragma once

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/portal/proposal.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::portal {

void decode(std::optional<std::string_view> cell, std::vector<OpenItem>& out);
Json items_json(const std::vector<OpenItem>& items);

constexpr auto describe(db::RowOf<Proposal>) {
    return db::columns(
        db::column("id", &Proposal::id), db::column("resource", &Proposal::resource),
        db::column("resource_name", &Proposal::resource_name),
        db::column("organization", &Proposal::organization),
        db::column("organization_name", &Proposal::organization_name), db::column("slug", &Proposal::slug),
        db::column("title", &Proposal::title), db::column("abstract", &Proposal::abstract),
        db::column("open_type", &Proposal::open_type), db::column("items", &Proposal::items),
        db::column("licence", &Proposal::licence), db::column("theme", &Proposal::theme),
        db::column("keywords", &Proposal::keywords), db::column("state", &Proposal::state),
        db::column("version", &Proposal::version), db::column("return_reason", &Proposal::return_reason),
        db::column("proposed_by", &Proposal::proposed_by),
        db::column("proposed_by_name", &Proposal::proposed_by_name),
        db::column("submitted_by", &Proposal::submitted_by),
        db::column("submitted_by_name", &Proposal::submitted_by_name),
        db::column("decided_by_name", &Proposal::decided_by_name),
        db::column("created_at", &Proposal::created_at), db::column("updated_at", &Proposal::updated_at));
}

extern const db::Statement proposal_owner_sql;

/// The row, locked until the transaction ends.
asio::awaitable<std::optional<Proposal>> lock_proposal(db::Transaction& tx, std::string id);

asio::awaitable<void> mark_published(db::Transaction& tx, const Principal& who, std::string id);

struct ProposalFilter {
    std::string organization;  ///< empty: all
    std::string state;         ///< empty: all
    std::string before_id;
    int limit = 50;
};
asio::awaitable<std::vector<Proposal>> list_proposals(db::Pool& db, ProposalFilter filter);

/// Makes or renews the data set of an approved proposal.
asio::awaitable<void> put_dataset(db::Transaction& tx, const Principal& who, const Proposal& proposal,
                                  const catalogue::Resource& resource);

ProposalInput input_from_json(const Json& body);

}  // namespace pengcheng::portal
