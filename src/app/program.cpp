#include "app/program.hpp"

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>

#include <array>
#include <system_error>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pengcheng::app {

namespace {

constexpr ProblemType program_failed{"app.program-failed", 500, "A program of PostgreSQL's failed",
                                     "PostgreSQL 的程序执行失败"};
constexpr std::size_t error_bytes_max = 4000;

std::string text_of(int file) {
    std::string text(error_bytes_max, '\0');
    const ssize_t got = pread(file, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return std::string(trim(text));
}

[[noreturn]] void become(const std::vector<std::string>& command, const Program::Environment& environment,
                         std::array<int, 3> ends) {
    for (int end = 0; end < 3; ++end) {
        dup2(ends[static_cast<std::size_t>(end)], end);
    }
    closefrom(3);
    for (const auto& [name, value] : environment) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<char*> words;
    for (const std::string& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
}

}  // namespace

void Descriptor::close() {
    if (number_ >= 0) {
        ::close(std::exchange(number_, -1));
    }
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    return {.read = Descriptor(ends[0]), .write = Descriptor(ends[1])};
}

Program::Program(std::vector<std::string> command, const Environment& environment, const Descriptor& in,
                 const Descriptor& out)
    : name_(std::filesystem::path(command.front()).filename()), errors_(memfd_create("errors", MFD_CLOEXEC)) {
    const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
    const auto end = [&null](const Descriptor& given) {
        return given.number() < 0 ? null.number() : given.number();
    };
    const std::array<int, 3> ends{end(in), end(out), errors_.number()};
    child_ = fork();
    if (child_ == 0) {
        become(command, environment, ends);
    }
    if (child_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
}

Program::~Program() {
    if (child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
}

void Program::finish() {
    int status = 0;
    waitpid(std::exchange(child_, -1), &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        const std::string said = text_of(errors_.number());
        throw ProblemError(program_failed.because(name_ + "：" + said, name_ + ": " + said));
    }
}

}  // namespace pengcheng::app
