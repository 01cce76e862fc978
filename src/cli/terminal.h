#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meetinity::cli {

enum class Style { kPlain, kBold, kQuiet, kGood, kBad };

// `text` in a style where standard output is a terminal that wants colours (NO_COLOR is honoured), else as it is.
std::string Styled(Style style, std::string_view text);

// A count of bytes as people read it: "512 B", "1.5 KiB", "3.0 MiB".
std::string Bytes(uint64_t count);

// Rows in columns as wide as they need to be, two spaces apart.
std::string Table(const std::vector<std::vector<std::string>>& rows);

// "error: …" on standard error; always returns 1, a command's exit status for failure.
int Fail(std::string_view message);

}  // namespace meetinity::cli
