#include <pengcheng/base/log.hpp>

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace pengcheng::log {

namespace {

enum class Level { debug, info, warn, error };

/// Lines wait here for the writing thread. Beyond the limit they are dropped: the log may lose lines, the
/// server may not stand still.
constexpr std::size_t waiting_bytes_max = 8 * 1024 * 1024;
/// One write for the lines of this time: a write per line costs more than the line.
constexpr std::chrono::milliseconds gather_time{20};

std::atomic<Level> level_min{Level::info};

void write_out(std::string_view text) {
    while (!text.empty()) {
        ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno == EAGAIN) {
            pollfd room{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
            ::poll(&room, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return;  // nobody can be told that the log is gone
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

class Writer {
public:
    static Writer& get() {
        // Never destroyed: a thread may log while the process ends.
        static auto* writer = new Writer;
        return *writer;
    }

    void start() {
        std::lock_guard lock(mutex_);
        if (running_) {
            return;
        }
        running_ = true;
        // Signals are for the main thread: this one takes none.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        std::thread([this] { run(); }).detach();
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        std::atexit(flush);
    }

    void add(std::string_view line, bool urgent) {
        std::unique_lock lock(mutex_);
        if (!running_) {
            write_out(line);
            return;
        }
        if (waiting_.size() + line.size() > waiting_bytes_max) {
            ++dropped_;
            return;
        }
        bool wake = waiting_.empty() || (urgent && !urgent_);
        waiting_ += line;
        urgent_ = urgent_ || urgent;
        lock.unlock();
        if (wake) {
            arrived_.notify_one();
        }
    }

    void wait_until_written() {
        std::unique_lock lock(mutex_);
        urgent_ = true;
        arrived_.notify_one();
        written_.wait(lock, [this] { return !running_ || (waiting_.empty() && !writing_); });
    }

    [[nodiscard]] std::int64_t dropped() const { return dropped_; }

private:
    void run() {
        std::string lines;
        std::int64_t told = 0;
        std::unique_lock lock(mutex_);
        while (true) {
            arrived_.wait(lock, [this] { return !waiting_.empty(); });
            arrived_.wait_for(lock, gather_time, [this] { return urgent_; });
            lines.swap(waiting_);
            urgent_ = false;
            writing_ = true;
            lock.unlock();
            write_out(lines);
            if (std::int64_t lost = dropped_; lost > told) {
                write_out("{\"at\":\"" + to_rfc3339(Clock{}.now()) +
                          "\",\"level\":\"warning\",\"event\":\"log.dropped\",\"lines\":" +
                          std::to_string(lost - told) + "}\n");
                told = lost;
            }
            lines.clear();
            lock.lock();
            writing_ = false;
            written_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable written_;
    std::string waiting_;
    std::atomic<std::int64_t> dropped_{0};
    bool running_ = false;
    bool urgent_ = false;
    bool writing_ = false;
};

/// to_rfc3339 costs more than the rest of a line; lines of one millisecond share it.
const std::string& time_text() {
    thread_local std::string text;
    thread_local std::chrono::milliseconds last{-1};
    Time now = Clock{}.now();
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    if (ms != last) {
        text = to_rfc3339(now);
        last = ms;
    }
    return text;
}

void begin_line(std::string& line, Level level, std::string_view event) {
    static constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    line.append("{\"at\":\"").append(time_text()).append("\",\"level\":\"");
    line.append(names[static_cast<std::size_t>(level)]).append("\",\"event\":");
    append_json_string(line, event);
}

void end_line(std::string& line, Level level) {
    line += "}\n";
    Writer::get().add(line, level >= Level::warn);
}

/// The thread's own line buffer: after a few lines it allocates no more.
std::string& empty_line() {
    thread_local std::string line;
    line.clear();
    return line;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (level < level_min.load(std::memory_order_relaxed)) {
        return;
    }
    std::string& line = empty_line();
    begin_line(line, level, event);
    for (const Field& field : fields) {
        line += ',';
        append_json_string(line, field.first);
        line += ':';
        append_json_string(line, field.second);
    }
    end_line(line, level);
}

}  // namespace

void debug(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::debug, event, fields);
}
void info(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::info, event, fields);
}
void warn(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::warn, event, fields);
}
void error(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::error, event, fields);
}

void info_members(std::string_view event, std::string_view members) {
    if (level_min.load(std::memory_order_relaxed) > Level::info) {
        return;
    }
    std::string& line = empty_line();
    begin_line(line, Level::info, event);
    line += members;
    end_line(line, Level::info);
}

void start(std::string_view level) {
    set_level(level);
    Writer::get().start();
}

void set_level(std::string_view level) {
    level_min = level == "debug"  ? Level::debug
                : level == "warn" ? Level::warn
                : level == "err"  ? Level::error
                                  : Level::info;
}

void flush() {
    Writer::get().wait_until_written();
}

std::int64_t dropped() {
    return Writer::get().dropped();
}

}  // namespace pengcheng::log
