#include "app/cli.hpp"

#include <pengcheng/jobs/jobs.hpp>

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::app {

namespace {

namespace asio = boost::asio;

constexpr ProblemType no_job{"app.no-job", 404, "There is no such job", "没有这个任务"};

asio::awaitable<Result<Json>> list_jobs(db::Pool& db, jobs::Filter filter) {
    auto found = co_await jobs::list(db, std::move(filter));
    Json items = Json::array();
    for (const jobs::Job& job : found) {
        items.push_back(jobs::to_json(job));
    }
    co_return Json{{"items", std::move(items)}};
}

asio::awaitable<Result<Json>> show_job(db::Pool& db, std::string id) {
    auto job = co_await jobs::find(db, std::move(id));
    if (!job) {
        co_return no_job.plain();
    }
    co_return jobs::to_json(*job);
}

using Change = asio::awaitable<Result<jobs::Job>> (*)(db::Pool&, const Principal&, std::string);

asio::awaitable<Result<Json>> change_job(db::Pool& db, Principal who, Change change, std::string id) {
    auto changed = co_await change(db, who, std::move(id));
    if (!changed) {
        co_return changed.error();
    }
    co_return jobs::to_json(*changed);
}

std::string job_line(const Json& job) {
    auto text = [&job](const char* name) {
        return job[name].is_string() ? job[name].get<std::string>() : "";
    };
    std::string out = text("id") + "  " + text("state") + "  " + text("kind") + "  " + text("object");
    if (job["total"].get<std::int64_t>() > 0) {
        out += "  " + text("stage") + " " + job["done"].dump() + "/" + job["total"].dump();
    }
    if (job["seconds_left"].is_number()) {
        out += "  " + job["seconds_left"].dump() + " s";
    }
    return out + "  " + text("created_at") + "\n";
}

std::string job_text(const Json& job, bool chinese) {
    std::string out = job_line(job);
    if (job["error"].is_object()) {
        out += job["error"][chinese ? "zh" : "en"].get<std::string>() + "\n";
    }
    if (job["result"].is_object()) {
        out += job["result"].dump(2) + "\n";
    }
    return out;
}

std::string jobs_text(const Json& page) {
    std::string out;
    for (const Json& job : page["items"]) {
        out += job_line(job);
    }
    return out;
}

/// Jobs that were given up, each with its reason.
std::string dead_text(const Json& page, bool chinese) {
    std::string out;
    for (const Json& job : page["items"]) {
        out += job_line(job);
        if (job["error"].is_object()) {
            out += "    " + job["error"][chinese ? "zh" : "en"].get<std::string>() + "\n";
        }
    }
    return out;
}

void add_dead(CLI::App& job, Cli& cli) {
    auto filter = std::make_shared<jobs::Filter>();
    filter->state = "dead";
    CLI::App* dead = job.add_subcommand("dead", "多次失败后放弃的任务及原因 / jobs given up, and why");
    dead->add_option("--kind", filter->kind, "类型 / kind");
    dead->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 1000));
    dead->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_jobs(db, *filter); };
        cli.run(work, [&cli](const Json& page) { return dead_text(page, cli.chinese); });
    });
}

void add_one(CLI::App& job, Cli& cli, const std::string& name, const std::string& about, Change change) {
    auto id = std::make_shared<std::string>();
    CLI::App* command = job.add_subcommand(name, about);
    command->add_option("id", *id, "任务号 / id of the job")->required();
    command->callback([&cli, id, change] {
        auto work = [id, change](db::Pool& db, Principal who) {
            return change == nullptr ? show_job(db, *id) : change_job(db, std::move(who), change, *id);
        };
        cli.run(work, [&cli](const Json& shown) { return job_text(shown, cli.chinese); });
    });
}

}  // namespace

void add_job_commands(CLI::App& app, Cli& cli) {
    CLI::App* job = app.add_subcommand("job", "后台任务 / background jobs");
    job->require_subcommand(1);

    auto filter = std::make_shared<jobs::Filter>();
    CLI::App* list = job->add_subcommand("list", "任务列表，新的在前 / jobs, newest first");
    list->add_option("--kind", filter->kind, "类型 / kind");
    list->add_option("--object", filter->object, "对象 / object");
    list->add_option("--state", filter->state, "queued running done failed cancelled dead")
        ->check(CLI::IsMember({"queued", "running", "done", "failed", "cancelled", "dead"}));
    list->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 1000));
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_jobs(db, *filter); };
        cli.run(work, jobs_text);
    });

    add_dead(*job, cli);
    add_one(*job, cli, "show", "一个任务 / one job", nullptr);
    add_one(*job, cli, "cancel", "取消 / cancel", jobs::cancel);
    add_one(*job, cli, "retry", "失败的任务重新执行 / run a failed job again", jobs::retry);
    add_schedule_commands(*job, cli);
}

}  // namespace pengcheng::app
