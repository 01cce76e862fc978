#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/dns/name.h"

namespace meetinity::dns {

// The types that zones hold, and those that only questions ask for.
// IANA, "Domain Name System (DNS) Parameters", resource record types.
enum class RecordType : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kOpt = 41,
  kSpf = 99,
  kIxfr = 251,
  kAxfr = 252,
  kMailb = 253,
  kMaila = 254,
  kAny = 255,
  kCaa = 257,
};

// A value has two bytes for its length.
inline constexpr size_t kRdataBytesMax = 65'535;

// A record's value from its text in a zone file, in wire form and uncompressed: "192.0.2.1", "10 mail.example.com.",
// "\"v=spf1 -all\"", "0 issue \"ca.example.net\"". Names in it are absolute, with or without the dot at the end.
// Refuses with kInvalidRecordValue, in words about the value, what is not of the type, and types that zones do not
// hold.
Result<std::string> ParseRdata(RecordType type, std::string_view text, Escapes escapes = Escapes::kDecimal);

}  // namespace meetinity::dns
