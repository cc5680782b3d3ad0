#include "jobs/priority.hpp"

#include <fstream>
#include <string>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pengcheng::jobs {

namespace {

constexpr int nice_of_jobs = 10;

/// A number from another machine or container could be any process of ours.
bool is_backend(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    std::string line;
    std::getline(file, line);
    return line.starts_with("postgres: ");
}

}  // namespace

void give_way() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice_of_jobs);
    sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);
}

void make_backend_give_way(int pid) {
    if (is_backend(pid)) {
        setpriority(PRIO_PROCESS, static_cast<id_t>(pid), nice_of_jobs);
    }
}

}  // namespace pengcheng::jobs
