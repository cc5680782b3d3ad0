#include <pengcheng/base/log.hpp>

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace pengcheng::log {

namespace {

void write(spdlog::level::level_enum level, std::string_view event, std::initializer_list<Field> fields) {
    auto* logger = spdlog::default_logger_raw();
    if (!logger->should_log(level)) {
        return;
    }
    std::string line = "{\"at\":\"" + to_rfc3339(Clock{}.now()) + "\",\"level\":\"";
    line += spdlog::level::to_string_view(level).data();
    line += "\",\"event\":";
    append_json_string(line, event);
    for (const Field& field : fields) {
        line += ',';
        append_json_string(line, field.first);
        line += ':';
        append_json_string(line, field.second);
    }
    line += '}';
    logger->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void debug(std::string_view event, std::initializer_list<Field> fields) {
    write(spdlog::level::debug, event, fields);
}
void info(std::string_view event, std::initializer_list<Field> fields) {
    write(spdlog::level::info, event, fields);
}
void warn(std::string_view event, std::initializer_list<Field> fields) {
    write(spdlog::level::warn, event, fields);
}
void error(std::string_view event, std::initializer_list<Field> fields) {
    write(spdlog::level::err, event, fields);
}

void start(std::string_view level) {
    auto logger = spdlog::stderr_logger_mt("pengcheng");
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::from_str(std::string(level)));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace pengcheng::log
