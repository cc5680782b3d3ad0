#include "app/var_lock.hpp"

#include <pengcheng/base/problem.hpp>

#include <fcntl.h>
#include <sys/file.h>

namespace pengcheng::app {

namespace {

constexpr ProblemType var_in_use{"app.var-in-use", 500, "Another server runs with this folder",
                                 "另一个服务正在使用该数据目录"};

}  // namespace

void lock_var(const std::filesystem::path& var) {
    int lock = open((var / "server.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
        throw ProblemError(
            var_in_use.because(var.string() + "：请先停止它，或换一个 PENGCHENG_VAR",
                               var.string() + ": stop it first or choose another PENGCHENG_VAR"));
    }
}

}  // namespace pengcheng::app
