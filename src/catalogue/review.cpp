#include "catalogue/checks.hpp"
#include "catalogue/editions.hpp"
#include "catalogue/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/events/notices.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

namespace {

constexpr db::Statement missing_code_lists_sql{"catalogue.list_missing_code_lists", R"sql(
    SELECT wanted FROM unnest($1::text[]) AS wanted EXCEPT SELECT code FROM catalogue.code_list
)sql"};

constexpr db::Statement drop_published_sql{"catalogue.drop_published", R"sql(
    DELETE FROM catalogue.edition WHERE ref = $1 AND slot = 'published'
)sql"};

constexpr db::Statement move_to_published_sql{"catalogue.move_to_published", R"sql(
    UPDATE catalogue.edition SET slot = 'published', state = 'published' WHERE ref = $1 AND slot = 'working'
)sql"};

constexpr db::Statement stamp_published_sql{"catalogue.stamp_published", R"sql(
    UPDATE catalogue.resource SET published_at = now() WHERE ref = $1
)sql"};

constexpr std::size_t reason_length_max = 500;

Result<void> check_reason(const std::string& reason) {
    if (trim(reason).empty()) {
        return problem::no_reason.at("/reason", "请写明理由，便于对方修改",
                                     "Say why, so that it can be mended");
    }
    if (utf8_length(reason) > reason_length_max) {
        return problem::no_reason.at("/reason", "理由不得超过500个字符", "Keep the reason to 500 characters");
    }
    return {};
}

Problem wrong_state(const std::string& zh, const std::string& en) {
    return problem::wrong_state.at("/state", zh, en);
}

/// Items whose code list does not exist.
asio::awaitable<Faults> code_list_faults(db::Transaction& tx, const Resource& resource) {
    std::vector<std::string> wanted;
    for (const auto& item : resource.items) {
        if (!item.code_list.empty()) {
            wanted.push_back(item.code_list);
        }
    }
    Faults faults;
    if (wanted.empty()) {
        co_return faults;
    }
    auto missing = co_await tx.all<std::string>(missing_code_lists_sql, wanted);
    for (std::size_t i = 0; i < resource.items.size(); ++i) {
        const std::string& list = resource.items[i].code_list;
        if (std::find(missing.begin(), missing.end(), list) != missing.end()) {
            faults.push_back({"/items/" + std::to_string(i) + "/code_list", "catalogue.incomplete",
                              "没有代码表“" + list + "”", "There is no code list \"" + list + "\""});
        }
    }
    co_return faults;
}

asio::awaitable<void> tell(db::Transaction& tx, std::string organization, std::string role,
                           const Resource& resource, std::string what_zh, std::string what_en,
                           std::string text) {
    events::Notice notice;
    notice.organization = std::move(organization);
    notice.role = std::move(role);
    notice.title_zh = "数据目录" + what_zh + "：" + resource.name;
    notice.title_en = "Catalogue entry " + what_en + ": " + resource.name;
    notice.text_zh = text.empty() ? resource.provider_name : text;
    notice.text_en = notice.text_zh;
    notice.link = "/console/catalogue/" + resource.ref;
    co_await events::notify(tx, std::move(notice));
}

}  // namespace

asio::awaitable<Result<Resource>> submit(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version) {
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (resource.state != "draft" && resource.state != "returned") {
        co_return wrong_state("只有草稿或被退回的版本可以提交",
                              "Only a draft or returned version can be submitted");
    }
    Faults faults = completeness_faults(resource);
    Faults lists = co_await code_list_faults(tx, resource);
    faults.insert(faults.end(), lists.begin(), lists.end());
    if (!faults.empty()) {
        Problem refused = problem::incomplete.plain();
        refused.errors = std::move(faults);
        co_return refused;
    }
    resource.state = "submitted";
    resource.return_reason.clear();
    resource.submitted_by = who.display_name.empty() ? who.name : who.display_name;
    edition.submitted_by = actor_of(who);
    co_await save(tx, edition);
    co_await tell(tx, "", "reviewer", resource, "待审核", "waits for review", "");
    co_return co_await note_step(tx, who, edition, "submit", "");
}

asio::awaitable<Result<Resource>> approve(db::Transaction& tx, const Principal& who, std::string ref,
                                          std::int64_t version) {
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (resource.state != "submitted") {
        co_return wrong_state("只有已提交的版本可以审核", "Only a submitted version can be approved");
    }
    std::string reviewer = actor_of(who);
    if (reviewer == edition.created_by || reviewer == edition.edited_by || reviewer == edition.submitted_by) {
        co_return problem::own_approval.because("请由另一位审核人员审核",
                                                "Another reviewer has to approve it");
    }
    resource.state = "approved";
    co_await save(tx, edition);
    co_await tell(tx, resource.organization, "data_officer", resource, "审核通过", "approved", "");
    co_return co_await note_step(tx, who, edition, "approve", "");
}

asio::awaitable<Result<Resource>> return_for_mending(db::Transaction& tx, const Principal& who,
                                                     std::string ref, std::int64_t version,
                                                     std::string reason) {
    if (auto given = check_reason(reason); !given) {
        co_return given.error();
    }
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (resource.state != "submitted") {
        co_return wrong_state("只有已提交的版本可以退回", "Only a submitted version can be returned");
    }
    resource.state = "returned";
    resource.return_reason = reason;
    co_await save(tx, edition);
    co_await tell(tx, resource.organization, "data_officer", resource, "被退回", "returned", reason);
    co_return co_await note_step(tx, who, edition, "return", reason);
}

asio::awaitable<Result<Resource>> publish(db::Transaction& tx, const Principal& who, std::string ref,
                                          std::int64_t version, Day today) {
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (resource.state != "approved") {
        co_return wrong_state("只有审核通过的版本才能发布", "Only an approved version can be published");
    }
    if (resource.publish_date.empty()) {
        resource.publish_date = to_text(today);
    }
    co_await save(tx, edition);
    co_await tx.run(drop_published_sql, ref);
    co_await tx.run(move_to_published_sql, ref);
    co_await tx.run(stamp_published_sql, ref);
    co_await release_names(tx, ref);
    edition.slot = "published";
    resource.state = "published";
    co_await tell(tx, resource.organization, "data_officer", resource, "已发布", "published", "");
    co_return co_await note_step(tx, who, edition, "publish", "", true);
}

asio::awaitable<Result<Resource>> retire(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version, std::string reason) {
    if (auto given = check_reason(reason); !given) {
        co_return given.error();
    }
    auto locked = co_await lock_newest(tx, who, ref, version);
    if (!locked) {
        co_return locked.error();
    }
    Edition edition = std::move(*locked);
    Resource& resource = edition.resource;
    if (edition.slot != "published" || resource.state != "published") {
        co_return wrong_state("只有已发布且没有修订稿的目录可以下架",
                              "Only a published entry without a working version can be retired");
    }
    resource.state = "retired";
    co_await save(tx, edition);
    co_await release_names(tx, ref);
    co_await tell(tx, resource.organization, "data_officer", resource, "已下架", "retired", reason);
    co_return co_await note_step(tx, who, edition, "retire", reason);
}

PENGCHENG_STATEMENTS(missing_code_lists_sql, drop_published_sql, move_to_published_sql, stamp_published_sql);

}  // namespace pengcheng::catalogue
