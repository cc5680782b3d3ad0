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

/// A line at level info whose members after `event` the caller wrote as JSON (`,"status":200`): for lines of
/// every request.
void info_members(std::string_view event, std::string_view members);

/// From here on lines go through a bounded buffer to a thread that writes them to stderr: a slow reader of
/// the log never stops the server; what does not fit is dropped and counted. Before it, lines are written at
/// once.
void start(std::string_view level);
void set_level(std::string_view level);  ///< debug, info, warn, err
void flush();                            ///< returns when all lines so far are written
std::int64_t dropped();                  ///< lines that did not fit, since the start

}  // namespace pengcheng::log
