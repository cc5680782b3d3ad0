#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace pengcheng::catalogue {

namespace asio = boost::asio;

/// An information item 信息项: one column of a resource (guide 2017 no. 1272, element 8).
struct Item {
    int no = 0;          ///< 1..n, given by order
    std::string name;    ///< Chinese title
    std::string column;  ///< `^[a-z][a-z0-9_]{0,62}$`, unique within the resource
    std::string type;    ///< one of C N Y D T L M G B I F
    std::optional<int> length;
    std::optional<int> scale;
    bool nullable = true;
    bool primary_key = false;
    std::string unit;
    std::string code_list;  ///< code of a CodeList, or empty
    std::string
        element;  ///< id_number credit_code mobile landline plate bank_card email region person_name address
    bool sensitive = false;
    int grade = 1;           ///< 1..4, at most the resource's
    std::string share_type;  ///< empty: as the resource; never laxer than it
    std::string open_type;   ///< empty: as the resource; never laxer than it
    std::string mask;        ///< mask kind others see by default, or empty
    std::string description;
};

/// 保密审查, 个人信息保护影响评估, 负责人同意: who looked, when (YYYY-MM-DD), with what result.
struct Review {
    std::string who;
    std::string when;
    std::string result;
};

/// What a person (or a pack) writes into an entry. Everything else is made by the system.
struct ResourceInput {
    std::string
        organization;  ///< provider's code; empty: the caller's own. Others only by operator and system
    std::string resource_class;  ///< base | theme | department
    std::string classification;  ///< front part of the code, `^[1-3]\d{5}\d*$`; empty: derived at creation
    std::string name;
    std::string provider_code;  ///< unified social credit code of the provider, or empty
    std::string abstract;
    std::string format_class;  ///< "1".."7"
    std::string format;        ///< csv, xlsx, postgresql, ...
    std::string share_type;    ///< unconditional | conditional | denied
    std::string share_condition;
    std::string share_mode;  ///< api | database | file | mail | disc | media
    bool open_flag = false;
    std::string open_condition;
    std::string open_type;     ///< unconditional | conditional | denied
    std::string update_cycle;  ///< "1".."9"
    std::string publish_date;  ///< YYYY-MM-DD; empty: the day it is published here
    std::vector<std::string> related_codes;
    int grade = 1;
    std::string domain;          ///< "01".."21", "99"
    std::string subject_object;  ///< person | enterprise | matter | vehicle | place | thing
    std::string region_scope;
    std::string time_from;
    std::string time_to;
    std::vector<std::string> keywords;
    std::string source_system;
    std::string source_kind;
    std::string contact_name;
    std::string contact_phone;
    std::optional<Review> secrecy_review;
    std::optional<Review> pia_review;
    std::optional<Review> head_consent;
    bool synthetic = false;  ///< made up; shown wherever the rows are
    std::string source_note;
    std::vector<Item> items;
};

/// One edition of an entry: the published one, or the working version beside it.
struct Resource : ResourceInput {
    std::string ref;   ///< slash-free, fixed: 303017-000041
    std::string code;  ///< 303017/000041
    std::string provider_name;
    std::string state;  ///< draft | submitted | returned | approved | published | retired
    std::int64_t version = 0;
    std::string return_reason;
    std::string created_by;    ///< name shown
    std::string submitted_by;  ///< name shown
    std::string created_at;    ///< RFC 3339
    std::string updated_at;
    std::string published_at;                  ///< empty: never
    std::optional<std::int64_t> record_count;  ///< empty: nothing mounted
    std::string last_data_time;                ///< RFC 3339, or empty
};

/// 代码表.
struct CodeList {
    struct Value {
        std::string value;
        std::string label;
        std::string parent;  ///< value of the level above, or empty
    };
    std::string code;
    std::string name;
    std::unordered_map<std::string, std::string> values;  ///< value -> label
    std::vector<Value> ordered;                           ///< as listed
};

Json to_json(const Item& item);
Json to_json(const Resource& resource);

/// The body of POST/PUT as ResourceInput. Absent members keep their defaults.
/// Refuses unknown members and wrong types with pointers: packs read files that no route has validated.
Result<ResourceInput> input_from_json(const Json& body);

/// Newest edition in any state: the working version where there is one. Rights are the caller's matter.
asio::awaitable<std::optional<Resource>> find(db::Pool& db, std::string ref);
asio::awaitable<std::optional<Resource>> find(db::Transaction& tx, std::string ref);
/// The published edition; nothing when never published or retired.
asio::awaitable<std::optional<Resource>> find_published(db::Pool& db, std::string ref);
asio::awaitable<std::optional<Resource>> find_published(db::Transaction& tx, std::string ref);

/// ref of the entry that `organization` calls `name`: how packs, which cannot know refs, name a resource.
asio::awaitable<std::optional<std::string>> find_ref(db::Pool& db, std::string organization,
                                                     std::string name);
asio::awaitable<std::optional<std::string>> find_ref(db::Transaction& tx, std::string organization,
                                                     std::string name);

/// Rows now stored under the entry and when they came; called in the transaction that switches the load.
asio::awaitable<void> set_mounted(db::Transaction& tx, std::string ref, std::int64_t rows, Time at);

asio::awaitable<std::optional<CodeList>> code_list(db::Pool& db, std::string code);
asio::awaitable<std::optional<CodeList>> code_list(db::Transaction& tx, std::string code);
/// Adds or replaces a code list from `ordered`; the same list again changes nothing.
asio::awaitable<void> put_code_list(db::Transaction& tx, const Principal& who, CodeList list);

/// Route ownership: $1 = ref -> organization, account (always NULL).
extern const db::Statement resource_owner_sql;

// The life of an entry. Each runs in the caller's transaction, leaves its audit event and history, and
// does not commit. `version` is the edition the caller saw: another answers base.stale (412).

/// A new draft with code and ref. Checks the form of what is there, not completeness.
asio::awaitable<Result<Resource>> create(db::Transaction& tx, const Principal& who, ResourceInput input);
/// Replaces the content of a draft, returned or approved version; editing a published entry makes a
/// working version beside it.
asio::awaitable<Result<Resource>> update(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version, ResourceInput input);
/// Deletes a draft. Beside a published edition only the working version goes.
asio::awaitable<Result<void>> remove(db::Transaction& tx, const Principal& who, std::string ref,
                                     std::optional<std::int64_t> version);
/// Draft or returned -> submitted, when every check before review passes (law art. 13-15).
asio::awaitable<Result<Resource>> submit(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version);
/// Submitted -> approved; refused to whoever made or submitted the version.
asio::awaitable<Result<Resource>> approve(db::Transaction& tx, const Principal& who, std::string ref,
                                          std::int64_t version);
/// Submitted -> returned, with the reason the officer sees.
asio::awaitable<Result<Resource>> return_for_mending(db::Transaction& tx, const Principal& who,
                                                     std::string ref, std::int64_t version,
                                                     std::string reason);
/// Approved -> published; replaces the edition published before.
asio::awaitable<Result<Resource>> publish(db::Transaction& tx, const Principal& who, std::string ref,
                                          std::int64_t version, Day today);
/// Published -> retired. The code is never used again.
asio::awaitable<Result<Resource>> retire(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::int64_t version, std::string reason);

/// Whether `who` sees drafts of `organization`: own department's staff and the data bureau's reviewers.
bool sees_drafts(const Principal& who, const std::string& organization);

}  // namespace pengcheng::catalogue
