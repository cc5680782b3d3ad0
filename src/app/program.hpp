#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace pengcheng::app {

/// One end of a pipe or file, closed with its owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        close();
        number_ = std::exchange(other.number_, -1);
        return *this;
    }
    void close();
    [[nodiscard]] int number() const { return number_; }

private:
    int number_ = -1;
};

struct Pipe {
    Descriptor read, write;
};
Pipe make_pipe();

/// A child process. What it reads and writes are descriptors of ours; what it says on stderr is kept for the
/// error. Killed if it still runs when this ends.
class Program {
public:
    using Environment = std::vector<std::pair<std::string, std::string>>;

    /// Takes both ends into the child: -1 is /dev/null.
    Program(std::vector<std::string> command, const Environment& environment, const Descriptor& in,
            const Descriptor& out);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Waits for its end. Throws ProblemError with its own words when it failed.
    void finish();

private:
    std::string name_;
    pid_t child_ = -1;
    Descriptor errors_;
};

}  // namespace pengcheng::app
