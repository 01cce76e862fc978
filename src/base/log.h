#pragma once

#include <fmt/format.h>

#include <string_view>

namespace meetinity {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One line a message on standard error: time, level, room, text. Control characters are escaped, so that what a client
// sent cannot forge a line. Thread-safe; a line is written whole.
void WriteLog(LogLevel level, std::string_view room, std::string_view text);
void SetLogLevel(LogLevel least);
bool LogEnabled(LogLevel level);

template <class... Args>
void Log(LogLevel level, std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  if (LogEnabled(level)) WriteLog(level, room, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace meetinity
