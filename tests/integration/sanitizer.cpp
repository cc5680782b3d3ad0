#include "sanitizer.hpp"

#include "harness.hpp"

#include <cstdlib>

namespace pengcheng::test {

namespace fs = std::filesystem;

fs::path SanitizerReports::folder_;

SanitizerReports::SanitizerReports() {
    std::string pattern = "/tmp/pcz-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    fs::permissions(folder_, fs::perms::all);  // the server is another user
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        const char* given = std::getenv(name);
        std::string options = given == nullptr ? "" : std::string(given) + ":";
        options += "log_path=" + (folder_ / "report").string();
        setenv(name, options.c_str(), 1);
    }
}

SanitizerReports::~SanitizerReports() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string SanitizerReports::take() {
    std::string text;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        text += entry.path().filename().string() + ":\n" + read_file(entry.path());
        fs::remove(entry.path());
    }
    return text;
}

void SanitizerReports::fail_on_reports() {
    std::string text = take();
    if (!text.empty()) {
        ADD_FAILURE() << "a sanitizer found something in a process of this test\n" << text;
    }
}

}  // namespace pengcheng::test
