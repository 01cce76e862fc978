#pragma once

#include <string>
#include <string_view>

#include "wire/shape.h"

// Scalars as text, for the protocols where they are: XML, query parameters, headers, URIs.
namespace meetinity::wire {

// The format that holds: the member's, else its shape's, else the protocol's.
TimestampFormat FormatOf(const Shape& shape, TimestampFormat of_member, TimestampFormat of_protocol);

// False when the text is no such value. `shape` is a scalar.
bool DecodeText(const Shape& shape, TimestampFormat format, std::string_view text, void* value);

void AppendText(const Shape& shape, TimestampFormat format, const void* value, std::string& out);
std::string ToText(const Shape& shape, TimestampFormat format, const void* value);

// "1700000000" or "1700000000.123": what JSON has for a timestamp.
void AppendUnixSeconds(Instant at, std::string& out);
Instant FromUnixSeconds(double seconds);
void AppendDouble(double value, std::string& out);

}  // namespace meetinity::wire
