#include <pengcheng/base/log.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

#include <unistd.h>

namespace pengcheng {

/// stderr is a pipe here that is read only when a test says so.
class LogLines : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(pipe(pipe_), 0);
        log::flush();
        before_ = dup(STDERR_FILENO);
        dup2(pipe_[1], STDERR_FILENO);
        close(pipe_[1]);
        log::start("info");
    }

    /// Takes the lines, gives stderr back.
    std::string lines() {
        std::string out;
        std::thread reader([&] {
            char piece[65536];
            for (ssize_t got = 0; (got = read(pipe_[0], piece, sizeof piece)) > 0;) {
                out.append(piece, static_cast<std::size_t>(got));
            }
        });
        log::flush();
        dup2(before_, STDERR_FILENO);
        reader.join();
        close(before_);
        close(pipe_[0]);
        return out;
    }

    int pipe_[2] = {};
    int before_ = -1;
};

TEST_F(LogLines, AreJsonOfTheLevelsAskedFor) {
    log::debug("quiet");
    log::info("one", {{"text", "a\"b\n徐州\xff"}});
    log::set_level("warn");
    log::info("quiet");
    log::warn("two");
    log::set_level("info");
    log::info_members("three", ",\"status\":200");
    std::string text = lines();
    std::vector<nlohmann::json> all;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = text.find('\n', at);
        all.push_back(nlohmann::json::parse(text.substr(at, end - at)));
        at = end + 1;
    }
    ASSERT_EQ(all.size(), 3U) << text;
    EXPECT_EQ(all[0]["text"], "a\"b\n徐州\xef\xbf\xbd");
    EXPECT_EQ(all[1]["level"], "warning");
    EXPECT_EQ(all[2]["status"], 200);
}

TEST_F(LogLines, AreDroppedAndCountedRatherThanWaitedFor) {
    std::int64_t before = log::dropped();
    std::string long_text(1000, 'x');
    // Twenty megabytes into a pipe that nobody reads: a writer that waits would stand here for ever.
    for (int i = 0; i < 20000; ++i) {
        log::info("flood", {{"text", long_text}});
    }
    std::int64_t lost = log::dropped() - before;
    EXPECT_GT(lost, 1000);
    std::string text = lines();
    auto written = static_cast<std::int64_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_NE(text.find("\"event\":\"log.dropped\""), std::string::npos);
    std::int64_t told = 0;
    for (std::size_t at = 0; (at = text.find("\"event\":\"log.dropped\"", at)) != std::string::npos; ++at) {
        ++told;
    }
    EXPECT_EQ(written - told + lost, 20000);
}

}  // namespace pengcheng
