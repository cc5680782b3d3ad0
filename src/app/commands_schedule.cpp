#include "app/cli.hpp"

#include <pengcheng/jobs/schedule.hpp>
#include <pengcheng/packs/packs.hpp>

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::app {

namespace {

namespace asio = boost::asio;

constexpr int upcoming_shown = 5;

/// A command knows no calendar until it has read the database.
asio::awaitable<Runtime> with_calendar(db::Pool& db, Runtime runtime) {
    runtime.calendar = co_await packs::load_calendar(db);
    co_return runtime;
}

asio::awaitable<Result<Json>> list_schedules(db::Pool& db) {
    Json items = Json::array();
    for (const jobs::Schedule& schedule : co_await jobs::schedules(db)) {
        items.push_back(jobs::to_json(schedule));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> add(db::Pool& db, Runtime plain, Principal who, jobs::ScheduleInput input) {
    Runtime runtime = co_await with_calendar(db, std::move(plain));
    auto made = co_await jobs::add_schedule(db, runtime, who, std::move(input));
    if (!made) {
        co_return made.error();
    }
    co_return jobs::to_json(*made);
}

asio::awaitable<Result<Json>> pause(db::Pool& db, Runtime plain, Principal who, std::string code,
                                    bool paused) {
    Runtime runtime = co_await with_calendar(db, std::move(plain));
    auto changed = co_await jobs::pause_schedule(db, runtime, who, std::move(code), paused);
    if (!changed) {
        co_return changed.error();
    }
    co_return jobs::to_json(*changed);
}

asio::awaitable<Result<Json>> run_now(db::Pool& db, Principal who, std::string code) {
    auto job = co_await jobs::run_schedule(db, who, std::move(code));
    if (!job) {
        co_return job.error();
    }
    co_return Json{{"job_id", *job}};
}

asio::awaitable<Result<Json>> remove(db::Pool& db, Principal who, std::string code) {
    auto removed = co_await jobs::remove_schedule(db, who, code);
    if (!removed) {
        co_return removed.error();
    }
    co_return Json{{"removed", code}};
}

asio::awaitable<Result<Json>> show_upcoming(db::Pool& db, Runtime plain, jobs::ScheduleInput input) {
    Runtime runtime = co_await with_calendar(db, std::move(plain));
    auto times = jobs::upcoming(runtime, input, upcoming_shown);
    if (!times) {
        co_return times.error();
    }
    co_return Json{{"due", *times}};
}

std::string schedule_line(const Json& schedule) {
    auto text = [&schedule](const char* name) {
        return schedule[name].is_string() ? schedule[name].get<std::string>() : "-";
    };
    std::string days = text("days");
    if (days == "nth_working") {
        days += ":" + schedule["nth"].dump();
    }
    bool paused = schedule["paused"].get<bool>();
    return text("code") + "  [" + text("cron") + "] " + days + "  " + text("kind") + "  " + text("missed") +
           (paused ? "  paused" : "  next " + text("next_due")) + "  " + text("title") + "\n";
}

std::string schedules_text(const Json& page) {
    std::string out;
    for (const Json& schedule : page["items"]) {
        out += schedule_line(schedule);
    }
    return out;
}

std::string upcoming_text(const Json& shown) {
    std::string out;
    for (const Json& due : shown["due"]) {
        out += due.get<std::string>() + "\n";
    }
    return out;
}

void add_rule_options(CLI::App& command, jobs::ScheduleInput& input) {
    command.add_option("--cron", input.cron, "分 时 日 月 星期 / minute hour day month weekday")->required();
    command.add_option("--days", input.days, "any working nth_working last_working")->capture_default_str();
    command.add_option("--nth", input.nth, "第几个工作日 / which working day, with nth_working");
}

void add_add(CLI::App& parent, Cli& cli) {
    auto input = std::make_shared<jobs::ScheduleInput>();
    CLI::App* command = parent.add_subcommand("add", "新建 / add one");
    command->add_option("code", input->code, "代码 / code")->required();
    command->add_option("--title", input->title, "名称 / title")->required();
    command->add_option("--kind", input->kind, "任务种类 / kind of job")->required();
    command->add_option("--object", input->object, "资源 / resource ref, where the kind needs one");
    command->add_option("--organization", input->organization, "部门 / department");
    add_rule_options(*command, *input);
    command->add_option("--missed", input->missed, "skip run_once run_all")->capture_default_str();
    command->add_option("--missed-max", input->missed_max, "run_all 至多补几次 / the last so many");
    command->callback([&cli, input] {
        auto work = [&cli, input](db::Pool& db, Principal who) {
            return add(db, cli.runtime(), std::move(who), *input);
        };
        cli.run(work, schedule_line);
    });
}

void add_upcoming(CLI::App& parent, Cli& cli) {
    auto input = std::make_shared<jobs::ScheduleInput>();
    CLI::App* command = parent.add_subcommand("upcoming", "下几次时间 / the next times of an expression");
    add_rule_options(*command, *input);
    command->callback([&cli, input] {
        auto work = [&cli, input](db::Pool& db, Principal) {
            return show_upcoming(db, cli.runtime(), *input);
        };
        cli.run(work, upcoming_text);
    });
}

using Named = std::function<asio::awaitable<Result<Json>>(db::Pool&, Principal, std::string)>;

void add_named(CLI::App& parent, Cli& cli, const std::string& name, const std::string& about, Named what,
               std::function<std::string(const Json&)> human) {
    auto code = std::make_shared<std::string>();
    CLI::App* command = parent.add_subcommand(name, about);
    command->add_option("code", *code, "代码 / code")->required();
    command->callback([&cli, code, what = std::move(what), human = std::move(human)] {
        auto work = [code, what](db::Pool& db, Principal who) { return what(db, std::move(who), *code); };
        cli.run(work, human);
    });
}

}  // namespace

void add_schedule_commands(CLI::App& job, Cli& cli) {
    CLI::App* schedule = job.add_subcommand("schedule", "定时任务 / schedules");
    schedule->require_subcommand(1);
    CLI::App* list = schedule->add_subcommand("list", "定时任务列表 / schedules");
    list->callback(
        [&cli] { cli.run([](db::Pool& db, Principal) { return list_schedules(db); }, schedules_text); });
    add_add(*schedule, cli);
    add_upcoming(*schedule, cli);
    auto dumped = [](const Json& shown) { return shown.dump() + "\n"; };
    auto set_paused = [&cli](bool paused) -> Named {
        return [&cli, paused](db::Pool& db, Principal who, std::string code) {
            return pause(db, cli.runtime(), std::move(who), std::move(code), paused);
        };
    };
    add_named(*schedule, cli, "pause", "暂停 / pause", set_paused(true), schedule_line);
    add_named(*schedule, cli, "resume", "恢复 / go on", set_paused(false), schedule_line);
    add_named(*schedule, cli, "run", "立即执行一次 / run now", run_now, dumped);
    add_named(*schedule, cli, "remove", "删除 / remove", remove, dumped);
}

}  // namespace pengcheng::app
