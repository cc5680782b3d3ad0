#include "catalogue/checks.hpp"
#include "catalogue/code.hpp"
#include "catalogue/editions.hpp"
#include "catalogue/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

namespace {

constexpr db::Statement next_sequence_sql{"catalogue.next_sequence", R"sql(
    INSERT INTO catalogue.code_sequence AS s (front, last) VALUES ($1, 1)
    ON CONFLICT (front) DO UPDATE SET last = s.last + 1
    RETURNING last
)sql"};

constexpr db::Statement add_resource_sql{"catalogue.add_resource", R"sql(
    INSERT INTO catalogue.resource (ref, code, organization, version, created_by, created_by_name)
    VALUES ($1, $2, $3, 0, $4, $5)
)sql"};

// Answers whose name it is: the row that stood, or ours. Waits for a rival transaction's outcome.
constexpr db::Statement claim_name_sql{"catalogue.claim_name", R"sql(
    INSERT INTO catalogue.resource_name AS n (organization, name, ref) VALUES ($1, $2, $3)
    ON CONFLICT (organization, name) DO UPDATE SET ref = n.ref
    RETURNING ref
)sql"};

constexpr db::Statement release_names_sql{"catalogue.release_names", R"sql(
    DELETE FROM catalogue.resource_name n
     WHERE n.ref = $1
       AND NOT EXISTS (SELECT FROM catalogue.edition e
                        WHERE e.ref = n.ref AND e.name = n.name AND e.state <> 'retired')
)sql"};

constexpr db::Statement delete_working_sql{"catalogue.delete_working", R"sql(
    DELETE FROM catalogue.edition WHERE ref = $1 AND slot = 'working'
)sql"};

constexpr db::Statement delete_resource_sql{"catalogue.delete_resource", R"sql(
    DELETE FROM catalogue.resource WHERE ref = $1
)sql"};

Problem refused(const ProblemType& type, Faults faults) {
    Problem out = type.plain();
    out.errors = std::move(faults);
    return out;
}

Problem duplicate_name() {
    return problem::duplicate_name.at("/name", "请换一个名称，或修改已有的目录",
                                      "Choose another name, or edit the entry that is there");
}

bool acts_for_all(const Principal& who) {
    return who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
}

asio::awaitable<bool> claim_name(db::Transaction& tx, const Resource& resource) {
    auto owner =
        co_await tx.one<std::string>(claim_name_sql, resource.organization, resource.name, resource.ref);
    co_return owner == resource.ref;
}

}  // namespace

asio::awaitable<void> release_names(db::Transaction& tx, std::string ref) {
    co_await tx.run(release_names_sql, std::move(ref));
}

asio::awaitable<Result<Resource>> create(db::Transaction& tx, const Principal& who, ResourceInput input) {
    if (input.organization.empty()) {
        input.organization = who.organization;
    }
    if (input.organization != who.organization && !acts_for_all(who)) {
        co_return problem::other_provider.at("/organization");
    }
    settle(input);
    if (auto faults = form_faults(input); !faults.empty()) {
        co_return refused(problem::invalid, std::move(faults));
    }
    auto provider = co_await identity::organization(tx, input.organization);
    if (!provider) {
        co_return problem::invalid.at("/organization", "没有这个提供部门", "There is no such organization");
    }
    auto front = front_of(input, input.organization, provider->kind);
    if (!front) {
        co_return front.error();
    }
    input.classification = *front;
    auto sequence = co_await tx.one<long>(next_sequence_sql, *front);
    Edition edition;
    Resource& resource = edition.resource;
    static_cast<ResourceInput&>(resource) = std::move(input);
    resource.code = code_of(*front, sequence);
    resource.ref = ref_of(resource.code);
    resource.provider_name = provider->name;
    resource.state = "draft";
    resource.created_by = who.display_name.empty() ? who.name : who.display_name;
    edition.slot = "working";
    edition.edited_by = actor_of(who);
    co_await tx.run(add_resource_sql, resource.ref, resource.code, resource.organization, actor_of(who),
                    resource.created_by);
    if (!co_await claim_name(tx, resource)) {
        co_return duplicate_name();
    }
    co_await save(tx, edition);
    co_return co_await note_step(tx, who, edition, "create", "");
}

asio::awaitable<Result<Resource>> update(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version, ResourceInput input) {
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (!acts_for_all(who) && resource.organization != who.organization) {
        co_return problem::other_provider.plain();
    }
    if (!input.organization.empty() && input.organization != resource.organization) {
        co_return problem::invalid.at("/organization", "提供方不可更改",
                                      "The provider of an entry never changes");
    }
    if (resource.state == "submitted" || resource.state == "retired") {
        co_return problem::wrong_state.at("/state", "审核中或已下架的目录不能修改",
                                          "An entry under review or retired cannot be edited");
    }
    input.organization = resource.organization;
    if (input.classification.empty()) {
        input.classification = resource.classification;
    }
    settle(input);
    if (auto faults = form_faults(input); !faults.empty()) {
        co_return refused(problem::invalid, std::move(faults));
    }
    static_cast<ResourceInput&>(resource) = std::move(input);
    edition.slot = "working";
    if (resource.state != "returned") {
        resource.state = "draft";
    }
    edition.edited_by = actor_of(who);
    edition.submitted_by.clear();
    resource.submitted_by.clear();
    if (!co_await claim_name(tx, resource)) {
        co_return duplicate_name();
    }
    co_await save(tx, edition);
    co_await release_names(tx, ref);
    co_return co_await note_step(tx, who, edition, "update", "");
}

asio::awaitable<Result<void>> remove(db::Transaction& tx, const Principal& who, std::string ref,
                                     std::optional<std::int64_t> version) {
    auto editions = co_await lock_editions(tx, ref);
    if (editions.empty() || !sees_drafts(who, editions.front().resource.organization)) {
        co_return problem::no_resource.plain();
    }
    const Edition& newest = editions.front();
    const Resource& resource = newest.resource;
    if (!acts_for_all(who) && resource.organization != who.organization) {
        co_return problem::other_provider.plain();
    }
    if (version && *version != resource.version) {
        co_return pengcheng::problem::stale.at("/version");
    }
    if (newest.slot != "working" || (resource.state != "draft" && resource.state != "returned")) {
        co_return problem::wrong_state.at(
            "/state", "只有草稿或被退回的版本可以删除；已发布的请下架",
            "Only a draft or returned version can be deleted; retire a published one");
    }
    bool alone = editions.size() == 1;
    if (alone && resource.record_count.value_or(0) > 0) {
        co_return problem::holds_rows.plain();
    }
    co_await note_step(tx, who, newest, "delete", "");
    co_await tx.run(delete_working_sql, ref);
    if (alone) {
        co_await tx.run(delete_resource_sql, ref);
    } else {
        co_await release_names(tx, ref);
    }
    co_return Result<void>();
}

PENGCHENG_STATEMENTS(next_sequence_sql, add_resource_sql, claim_name_sql, release_names_sql,
                     delete_working_sql, delete_resource_sql);

}  // namespace pengcheng::catalogue
