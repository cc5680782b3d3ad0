#include "portal/checks.hpp"
#include "portal/problems.hpp"
#include "portal/proposals.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/catalogue/search_text.hpp>
#include <pengcheng/quality/quality.hpp>

namespace pengcheng::portal {

namespace {

constexpr db::Statement put_sql{"portal.put_dataset", R"sql(
    INSERT INTO portal.dataset
        (slug, resource, organization, organization_name, title, abstract, open_type, items, licence, theme,
         keywords, update_cycle, region_scope, time_from, time_to, synthetic, source_note, contact, proposal,
         grams, title_text, search_text)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11::text[], $12, $13, $14, $15, $16::boolean,
            $17, $18, $19::uuid, $20::text[], $21, $22)
    ON CONFLICT (slug) DO UPDATE
       SET version = dataset.version + 1, organization = excluded.organization,
           organization_name = excluded.organization_name, title = excluded.title,
           abstract = excluded.abstract,
           open_type = excluded.open_type, items = excluded.items, licence = excluded.licence,
           theme = excluded.theme, keywords = excluded.keywords, update_cycle = excluded.update_cycle,
           region_scope = excluded.region_scope, time_from = excluded.time_from, time_to = excluded.time_to,
           synthetic = excluded.synthetic, source_note = excluded.source_note, contact = excluded.contact,
           proposal = excluded.proposal, updated_at = now(), grams = excluded.grams,
           title_text = excluded.title_text, search_text = excluded.search_text
     WHERE dataset.resource = excluded.resource
 RETURNING version
)sql"};

constexpr db::Statement keep_version_sql{"portal.keep_version", R"sql(
    INSERT INTO portal.dataset_version (slug, version, proposal, published_by, content)
    SELECT slug, version, proposal, $2,
           jsonb_build_object('title', title, 'abstract', abstract, 'open_type', open_type, 'items', items,
                              'licence', licence, 'theme', theme, 'keywords', to_jsonb(keywords),
                              'update_cycle', update_cycle, 'synthetic', synthetic)
      FROM portal.dataset
     WHERE slug = $1
)sql"};

/// The opened items with what readers need of the entry's: a data set stays readable on its own.
Json described_items(const Proposal& proposal, const catalogue::Resource& resource) {
    Json out = Json::array();
    for (const auto& open : proposal.items) {
        for (const auto& item : resource.items) {
            if (item.column == open.column) {
                out.push_back({{"column", item.column},
                               {"mask", open.mask},
                               {"name", item.name},
                               {"type", item.type},
                               {"unit", item.unit},
                               {"code_list", item.code_list},
                               {"element", item.element},
                               {"description", item.description}});
            }
        }
    }
    return out;
}

std::string search_text(const Proposal& proposal, const catalogue::Resource& resource, const Json& items) {
    std::string text = proposal.title;
    for (const auto& keyword : proposal.keywords) {
        text += "\x1f" + keyword;
    }
    for (const auto& item : items) {
        text += "\x1f" + item.at("name").get<std::string>();
    }
    text += "\x1f" + resource.provider_name + "\x1f" + proposal.abstract + "\x1f" + proposal.slug;
    return catalogue::search_form(text);
}

std::optional<Problem> failures_of(const std::vector<Check>& checks) {
    Problem failed = problem::check_failed.plain();
    for (const auto& point : checks) {
        if (!point.passed) {
            // The title says what ought to hold; the detail, where there is one, why it does not.
            bool told = !point.detail_zh.empty();
            failed.also("/checks/" + point.code, told ? point.detail_zh : "未满足：" + point.title_zh,
                        told ? point.detail_en : "not met: " + point.title_en, point.code);
        }
    }
    return failed.errors.empty() ? std::nullopt : std::optional(failed);
}

}  // namespace

asio::awaitable<std::vector<Check>> check(db::Pool& db, Principal who, Proposal proposal) {
    auto resource = co_await catalogue::find_published(db, proposal.resource);
    auto table = co_await store::current(db, proposal.resource);
    auto run = co_await quality::latest(db, proposal.resource);
    Release release{.proposal = proposal,
                    .signer = who,
                    .resource = std::move(resource),
                    .mounted = table.has_value(),
                    .score = run ? run->score : std::nullopt};
    co_return release_checks(release);
}

asio::awaitable<Result<Proposal>> approve(db::Pool& db, Principal who, std::string id) {
    auto seen = co_await find_proposal(db, id);
    if (!seen) {
        co_return problem::no_proposal.plain();
    }
    if (!who.id.empty() && (who.id == seen->proposed_by || who.id == seen->submitted_by)) {
        co_return problem::own_approval.plain();
    }
    if (seen->state != "submitted") {
        co_return problem::wrong_state.because("只有已提交的申请可以签发",
                                               "Only a submitted proposal can be signed");
    }
    auto checks = co_await check(db, who, *seen);
    if (auto failed = failures_of(checks)) {
        co_return *failed;
    }
    auto tx = co_await db.begin();
    auto current = co_await lock_proposal(tx, id);
    auto resource = co_await catalogue::find_published(tx, seen->resource);
    if (!current || current->version != seen->version || !resource) {
        co_return problem::stale.plain();
    }
    co_await put_dataset(tx, who, *current, *resource);
    co_await mark_published(tx, who, id);
    Json detail{{"slug", current->slug}, {"resource", current->resource}};
    co_await audit::record(tx, who, "portal.proposal.approve", id, detail);
    // Read before the commit: what is done must not be answered as failed.
    auto published = co_await lock_proposal(tx, id);
    co_await tx.commit();
    co_return std::move(*published);
}

asio::awaitable<void> put_dataset(db::Transaction& tx, const Principal& who, const Proposal& proposal,
                                  const catalogue::Resource& resource) {
    Json items = described_items(proposal, resource);
    std::string text = search_text(proposal, resource, items);
    // An office's landline is public; a person's mobile is not.
    std::string contact = resource.provider_name;
    if (resource.contact_phone.starts_with("0")) {
        contact += " " + resource.contact_phone;
    }
    co_await tx.one<int>(put_sql, proposal.slug, proposal.resource, resource.organization,
                         resource.provider_name, proposal.title, proposal.abstract, proposal.open_type, items,
                         proposal.licence, proposal.theme, proposal.keywords, resource.update_cycle,
                         resource.region_scope, resource.time_from, resource.time_to, resource.synthetic,
                         resource.source_note, contact, proposal.id, catalogue::grams_of(text),
                         catalogue::search_form(proposal.title), text);
    co_await tx.run(keep_version_sql, proposal.slug, who.id);
}

PENGCHENG_STATEMENTS(put_sql, keep_version_sql);

}  // namespace pengcheng::portal
