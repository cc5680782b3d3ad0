#include "sanitizer.hpp"

#include "harness.hpp"

#include <csignal>

#include <sys/wait.h>

namespace pengcheng::test {

#if defined(PENGCHENG_SANITIZED)

/// A server whose end nobody looks at: what its sanitizer wrote is still seen.
TEST(SanitizedServer, LeavesAReportForItsTest) {
    auto server = Server::start();
    ::kill(server->process, SIGSEGV);
    waitpid(server->process, nullptr, 0);
    server->process = -1;
    EXPECT_NE(SanitizerReports::take().find("SEGV"), std::string::npos);
}

#endif

}  // namespace pengcheng::test
