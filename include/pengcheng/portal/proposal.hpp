#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::portal {

namespace asio = boost::asio;

/// A column to open, in the order shown.
struct OpenItem {
    std::string column;
    std::string mask;  ///< mask kind of rows/view.hpp; empty: plain
};

struct ProposalInput {
    std::string resource;   ///< ref of the catalogue entry
    std::string slug;       ///< `^[a-z0-9][a-z0-9-]{1,79}$`, the data set's address for ever
    std::string title;      ///< empty: the entry's name
    std::string abstract;   ///< empty: the entry's
    std::string open_type;  ///< unconditional | conditional
    std::vector<OpenItem> items;
    std::string licence;  ///< id of licences()
    std::string theme;    ///< data domain "01".."21", "99"; empty: the entry's
    std::vector<std::string> keywords;
};

/// A department's wish to open a resource, with what became of it.
struct Proposal : ProposalInput {
    std::string id;
    std::string organization;  ///< provider's code
    std::string organization_name;
    std::string resource_name;
    std::string state;  ///< draft | submitted | returned | published
    std::int64_t version = 0;
    std::string return_reason;
    std::string proposed_by, proposed_by_name;  ///< account id, name shown
    std::string submitted_by, submitted_by_name;
    std::string decided_by_name;
    std::string created_at, updated_at;  ///< RFC 3339
};
Json to_json(const Proposal& proposal);

/// One point of the release check. `code`: entry, open_type, items, grade, personal, licence, update_cycle,
/// quality, sign_off.
struct Check {
    std::string code;
    std::string title_zh, title_en;
    bool passed = false;
    std::string detail_zh, detail_en;
};

// The life of a proposal: draft -> submitted -> published | returned -> submitted. Each runs in the caller's
// transaction, leaves its audit event, and does not commit.

/// Refuses a resource that is not published or belongs to another department, and a slug of another resource.
asio::awaitable<Result<Proposal>> propose(db::Transaction& tx, const Principal& who, ProposalInput input);
/// Changes a draft or returned proposal.
asio::awaitable<Result<Proposal>> amend(db::Transaction& tx, const Principal& who, std::string id,
                                        std::int64_t version, ProposalInput input);
asio::awaitable<Result<Proposal>> submit(db::Transaction& tx, const Principal& who, std::string id);
asio::awaitable<Result<Proposal>> return_for_mending(db::Transaction& tx, const Principal& who,
                                                     std::string id, std::string reason);
/// Signs off and publishes the data set (a new version where the slug exists), in a transaction of its own.
/// `who` must be another account than the proposer's and submitter's (portal.own-approval), and every check
/// must pass (portal.check-failed).
asio::awaitable<Result<Proposal>> approve(db::Pool& db, Principal who, std::string id);

/// The release check as it stands for `who` signing.
asio::awaitable<std::vector<Check>> check(db::Pool& db, Principal who, Proposal proposal);
asio::awaitable<std::optional<Proposal>> find_proposal(db::Pool& db, std::string id);

/// The newest score a data set must have reached.
inline constexpr double quality_score_min = 60.0;

struct Licence {
    std::string_view id, name_zh, name_en, text_zh, url;
};
const std::vector<Licence>& licences();

}  // namespace pengcheng::portal
