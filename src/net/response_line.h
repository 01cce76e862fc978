#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meetinity::net {

// "HTTP/1.1 200 OK\r\n", appended; a status without a registered phrase gets an empty one.
void AppendStatusLine(std::string& out, int status);

std::string_view ReasonPhrase(int status);

// Appended without going through a locale or a temporary.
void AppendDecimal(std::string& out, uint64_t number);
void AppendHex(std::string& out, uint64_t number);

}  // namespace meetinity::net
