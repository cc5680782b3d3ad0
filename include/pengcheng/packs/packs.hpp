#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <map>
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
    Json content;      ///< references (`${env:NAME}`) replaced by what they name
    std::string file;
    int line = 0;
    int column = 0;
    std::map<std::string, std::string>
        references;  ///< JSON pointer -> reference as written; never shown resolved
};

struct Pack {
    std::string name;
    std::string digest;           ///< of its files; empty where references make it depend on more than them
    std::vector<Object> objects;  ///< in the order they are applied
};

struct Fault {
    std::string file;
    int line = 0;
    int column = 0;
    std::string zh;
    std::string en;
    std::string remedy_zh;  ///< what to do, or empty
    std::string remedy_en;
};

struct Loaded {
    Pack pack;
    std::vector<Fault> faults;  ///< empty: the pack may be applied
};

/// Reads and checks every .yaml of a folder; needs no database. Blocking.
Loaded load(const std::filesystem::path& folder);

/// JSON Schema (draft 7) of the files of a kind, for editors; empty for a kind that is none.
std::string_view schema_text(std::string_view kind);
std::vector<std::string> kind_names();

/// One place that differs.
struct Field {
    std::string pointer;  ///< lists of things with a code, column, value or name are addressed by it
    std::string put;      ///< added, changed, removed, moved
    Json from;
    Json to;
};

/// Something outside the pack that a change would hurt.
struct Break {
    std::string zh;
    std::string en;
    bool hard = false;  ///< not even --allow-breaking goes over it
};

struct Change {
    std::string kind;
    std::string key;
    std::string put;  ///< added, changed, removed, unchanged
    std::string file;
    int line = 0;
    std::vector<Field> fields;
    std::vector<Break> breaks;
    bool drift = false;  ///< people changed it since a pack put it
};

struct ApplyOptions {
    bool overwrite_drift = false;  ///< also what people changed and the pack's author did not
    bool allow_breaking = false;   ///< goes over breaks that are not hard
};

/// What apply would do, each refusal of a module included: the same work, rolled back. Where something would
/// break, the work is not tried and the breaks stand in the changes.
asio::awaitable<Result<std::vector<Change>>> plan(db::Pool& db, Principal who, Pack pack,
                                                  ApplyOptions options = {});
/// Brings what the pack's author changed into the database, in one transaction under an advisory lock; the
/// same pack again changes nothing. People have the last word: what they changed stays until the pack's own
/// text changes. What this pack once brought and no longer names is removed. Refuses to break anything.
asio::awaitable<Result<std::vector<Change>>> apply(db::Pool& db, Principal who, Pack pack,
                                                   ApplyOptions options = {});
/// Loads and applies a folder; for start-up and the demo. Nothing is read or done when the files are those
/// applied last. -> {pack, added, changed, removed, unchanged} (counts).
/// Throws ProblemError that names file and line.
asio::awaitable<Json> apply(db::Pool& db, Principal who, std::filesystem::path folder);

/// How the database differs from a pack, or from what packs put last. `put` is seen from the pack: added is
/// what only the database has.
asio::awaitable<std::vector<Change>> diff(db::Pool& db, Pack pack);
asio::awaitable<std::vector<Change>> drift(db::Pool& db);

struct ExportOptions {
    std::filesystem::path folder;
    std::vector<std::string> kinds;  ///< empty: those of the pack there, or all
};
struct Exported {
    std::vector<std::string> written;  ///< files, made anew or changed
    std::vector<std::string> kept;     ///< files that say what the database says
    std::map<std::string, int> objects;
};
/// Writes what the database has as pack files. Into a folder that holds a pack: files that already say so
/// stay byte for byte, others keep their opening comment, their order and their references.
asio::awaitable<Result<Exported>> write_pack(db::Pool& db, ExportOptions options);

/// The working calendar as packs brought it; for Runtime at start.
asio::awaitable<WorkCalendar> load_calendar(db::Pool& db);

}  // namespace pengcheng::packs
