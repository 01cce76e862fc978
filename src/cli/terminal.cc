#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace meetinity::cli {
namespace {

bool WantsColours(int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && (refused == nullptr || *refused == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

std::string_view Code(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "1";
    case Style::kQuiet:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kBad:
      return "31";
  }
  return "";
}

// Columns a terminal shows, taking each UTF-8 sequence for one.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string Styled(Style style, std::string_view text) {
  static const bool colours = WantsColours(STDOUT_FILENO);
  if (!colours || style == Style::kPlain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", Code(style), text);
}

std::string Bytes(uint64_t count) {
  constexpr double kKiB = 1'024, kMiB = 1'024 * kKiB, kGiB = 1'024 * kMiB;
  const auto bytes = static_cast<double>(count);
  if (bytes < kKiB) return fmt::format("{} B", count);
  if (bytes < kMiB) return fmt::format("{:.1f} KiB", bytes / kKiB);
  if (bytes < kGiB) return fmt::format("{:.1f} MiB", bytes / kMiB);
  return fmt::format("{:.1f} GiB", bytes / kGiB);
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    out += line + "\n";
  }
  return out;
}

int Fail(std::string_view message) {
  const std::string_view prefix = WantsColours(STDERR_FILENO) ? "\x1b[31merror:\x1b[0m " : "error: ";
  std::fputs(fmt::format("{}{}\n", prefix, message).c_str(), stderr);
  return 1;
}

}  // namespace meetinity::cli
