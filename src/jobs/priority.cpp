#include "jobs/priority.hpp"

#include <cstdint>
#include <fstream>
#include <string>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pengcheng::jobs {

namespace {

/// A number from another machine or container could be any process of ours.
bool is_backend(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    std::string line;
    std::getline(file, line);
    return line.starts_with("postgres: ");
}

/// As sched_setattr(2) has it; the kernel's header and libc's cannot be included together.
struct SchedAttributes {
    std::uint32_t size = sizeof(SchedAttributes);
    std::uint32_t policy = SCHED_BATCH;
    std::uint64_t flags = 0;
    std::int32_t nice = 10;
    std::uint32_t priority = 0;
    std::uint64_t runtime_ns = 100'000'000;  ///< the longest slice there is
    std::uint64_t deadline_ns = 0;
    std::uint64_t period_ns = 0;
};

/// Of a thread (0: this one). Nice gives it less time; SCHED_BATCH lets it preempt nobody when it wakes; and
/// with a long slice (Linux 6.12 and later) whoever has a shorter one need not wait for its end.
void lower(pid_t thread) {
    SchedAttributes how;
    syscall(SYS_sched_setattr, thread, &how, 0);
}

}  // namespace

void give_way() {
    lower(0);
}

void make_backend_give_way(int pid) {
    if (is_backend(pid)) {
        lower(pid);
    }
}

}  // namespace pengcheng::jobs
