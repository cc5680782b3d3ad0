#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

/// Jobs that the clock starts: cron expressions on the city's clock and working calendar.
namespace pengcheng::jobs {

namespace asio = boost::asio;

struct ScheduleInput {
    std::string code;    ///< [a-z0-9-], fixed
    std::string title;   ///< for people
    std::string kind;    ///< one of schedulable()
    std::string object;  ///< resource ref, where the kind needs one
    std::string organization;
    std::string cron;
    std::string days = "any";         ///< any, working, nth_working, last_working
    int nth = 0;                      ///< of nth_working
    std::string missed = "run_once";  ///< skip, run_once, run_all
    int missed_max = 1;               ///< of run_all: the last so many
};

struct Schedule : ScheduleInput {
    bool paused = false;
    std::string next_due, last_due;  ///< RFC 3339, or empty
    std::string last_job;            ///< id, or empty
    std::string last_state;          ///< of that job
    std::int64_t version = 1;
};

struct Schedulable {
    std::string kind;
    bool needs_object = false;
    std::string title_zh, title_en;
};

asio::awaitable<std::vector<Schedule>> schedules(db::Pool& db);
asio::awaitable<std::vector<Schedulable>> schedulable(db::Pool& db);
Json to_json(const Schedule& schedule);

/// The changes of people; each leaves its audit event. Refusals name the place in the input.
asio::awaitable<Result<Schedule>> add_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                               ScheduleInput input);
asio::awaitable<Result<Schedule>> change_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                                  std::int64_t version, ScheduleInput input);
asio::awaitable<Result<void>> remove_schedule(db::Pool& db, const Principal& who, std::string code);
/// Going on again counts from now: what was due meanwhile is not run.
asio::awaitable<Result<Schedule>> pause_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                                 std::string code, bool paused);
/// A job of it at once, beside its times -> job id.
asio::awaitable<Result<std::string>> run_schedule(db::Pool& db, const Principal& who, std::string code);

/// The next `count` due times of an expression that is not kept yet, as RFC 3339.
Result<std::vector<std::string>> upcoming(const Runtime& runtime, const ScheduleInput& input, int count);

/// Puts a job in the queue for every due time that has come, once however many processes look -> how many.
/// Reads the clock and the calendar of `runtime`. Every runner calls it once a second.
asio::awaitable<int> fire_due(db::Pool& db, const Runtime& runtime);

}  // namespace pengcheng::jobs
