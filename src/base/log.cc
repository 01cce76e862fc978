#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <iterator>
#include <string>

#include "base/clock.h"

namespace meetinity {
namespace {

// What a pipe takes in one piece, so that lines of several processes sharing one never mix.
constexpr size_t kLineBytesMax = PIPE_BUF;
constexpr std::string_view kCut = "...";

std::atomic<LogLevel> least_level{LogLevel::kInfo};

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

// Escapes C0 and DEL, and C1 in its UTF-8 form, which some terminals obey too.
void AppendEscaped(std::string& line, std::string_view text, size_t size_max) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (line.size() >= size_max) {
      line += kCut;
      return;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", next);
      ++i;
    } else {
      line += text[i];
    }
  }
}

}  // namespace

void SetLogLevel(LogLevel least) { least_level.store(least, std::memory_order_relaxed); }

bool LogEnabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }

void WriteLog(LogLevel level, std::string_view room, std::string_view text) {
  if (!LogEnabled(level)) return;
  std::string line = fmt::format("{} {:<7} {}: ", SystemClock().Now().ToIso8601Millis(), NameOf(level), room);
  AppendEscaped(line, text, kLineBytesMax - kCut.size() - 5);  // room for the longest escape and the line's end
  line += '\n';
  // One call a line. A full or closed standard error must not stop the cloud, so what cannot be written is dropped.
  ssize_t written = 0;
  do {
    written = ::write(STDERR_FILENO, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
}

}  // namespace meetinity
