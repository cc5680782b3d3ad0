#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace pengcheng::log {

using Field = std::pair<std::string_view, std::string>;

/// One structured line (JSON) on stderr or the log file: time, level, event and fields. Never give it
/// a secret. Thread-safe.
void debug(std::string_view event, std::initializer_list<Field> fields = {});
void info(std::string_view event, std::initializer_list<Field> fields = {});
void warn(std::string_view event, std::initializer_list<Field> fields = {});
void error(std::string_view event, std::initializer_list<Field> fields = {});

void start(std::string_view level);

}  // namespace pengcheng::log
