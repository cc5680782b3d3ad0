#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Declarative packs: a folder of YAML files that describe a city (organizations, regions, working
/// calendar, code lists, catalogue entries, quality rules, service items), applied as a whole or not at all.
namespace pengcheng::packs {

namespace asio = boost::asio;

/// One thing that a pack describes, and where.
struct Object {
    std::string kind;  ///< organizations, regions, calendar, code_lists, resources, rules, service_items
    std::string key;   ///< unique within its kind
    Json content;
    std::string file;
    int line = 0;
};

struct Pack {
    std::string name;
    std::vector<Object> objects;  ///< in the order they are applied
};

struct Fault {
    std::string file;
    int line = 0;
    std::string zh;
    std::string en;
};

struct Loaded {
    Pack pack;
    std::vector<Fault> faults;  ///< empty: the pack may be applied
};

/// Reads and checks every .yaml of a folder; needs no database. Blocking.
Loaded load(const std::filesystem::path& folder);

struct Change {
    std::string kind;
    std::string key;
    std::string put;  ///< added, changed, unchanged
};

/// Applies the pack in one transaction under an advisory lock; the same pack again changes nothing.
asio::awaitable<Result<std::vector<Change>>> apply(db::Pool& db, Principal who, Pack pack);
/// Loads and applies a folder; for start-up and the demo. -> {pack, added, changed, unchanged} (counts).
/// Throws ProblemError that names file and line.
asio::awaitable<Json> apply(db::Pool& db, Principal who, std::filesystem::path folder);
/// What apply would do: the same work, rolled back.
asio::awaitable<Result<std::vector<Change>>> plan(db::Pool& db, Principal who, Pack pack);

/// The working calendar as packs brought it; for Runtime at start.
asio::awaitable<WorkCalendar> load_calendar(db::Pool& db);

}  // namespace pengcheng::packs
