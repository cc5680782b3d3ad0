#pragma once

#include "services/items.hpp"

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>

#include <optional>
#include <string>
#include <vector>

/// 异议: a person says that a value read from a register is wrong; the register's department answers.
namespace pengcheng::services {

struct NewObjection {
    std::string item;
    std::string field;
    std::string shown;
    std::string right;
    std::string note;
};

struct Objection {
    std::string id, account, item, item_name, field, label;
    std::string resource;  ///< ref, or empty
    std::string resource_name, provider, provider_name;
    std::string shown, right, note;
    std::string state;  ///< raised, corrected, confirmed_right
    std::string due_on, answer, answered_by;
    std::optional<std::string> answered_at;
    std::string created_at;
    std::int64_t version = 1;
};

/// What `who` is told of the person: the register's department needs name and ID number, in part, to find the
/// record; null for anybody else.
asio::awaitable<Json> person_json(db::Pool& db, Principal who, Objection objection);
Json objection_json(const Runtime& runtime, const Objection& objection, Json person);

/// Stores "this is wrong" and tells the provider of the data.
asio::awaitable<Result<Objection>> object_to(db::Pool& db, const Runtime& runtime, Principal who,
                                             NewObjection input);

struct ObjectionFilter {
    std::string state;
    std::string before;  ///< id of the last one seen
    int limit = 20;
};
/// Newest first: a citizen's own, those of the department's registers, every one for the bureau.
asio::awaitable<std::vector<Objection>> list_objections(db::Pool& db, const Principal& who,
                                                        ObjectionFilter filter);
asio::awaitable<std::optional<Objection>> find_objection(db::Pool& db, std::string id);

struct ObjectionAnswer {
    std::string id;
    std::int64_t version = 0;
    bool mended = false;  ///< the person was right, and the register says so now
    std::string text;     ///< what was mended, or why nothing was
};
/// Once only; the person gets a notice.
asio::awaitable<Result<Objection>> answer_objection(db::Pool& db, Principal who, ObjectionAnswer answer);

/// Route ownership: $1 = id -> provider, account.
extern const db::Statement objection_owner_sql;

}  // namespace pengcheng::services
