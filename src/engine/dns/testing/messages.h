#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dns/message.h"
#include "engine/dns/name.h"
#include "engine/dns/rdata.h"
#include "engine/dns/zone.h"

// Messages as the other side has them.
namespace meetinity::dns::testing {

inline void AppendNumber(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

struct QueryWish {
  std::string name = "www.example.com";
  RecordType type = RecordType::kA;
  uint16_t id = 0x1234;
  uint16_t flags = 0x0100;  // recursion desired
  uint16_t record_class = 1;
  int udp_bytes = 0;  // 0: without EDNS
  uint8_t edns_version = 0;
  bool dnssec_ok = false;
};

inline std::string ToQuery(const QueryWish& wish) {
  std::string out;
  for (const uint64_t number : {uint64_t{wish.id}, uint64_t{wish.flags}, uint64_t{1}, uint64_t{0}, uint64_t{0},
                                uint64_t{wish.udp_bytes > 0 ? 1U : 0U}}) {
    AppendNumber(out, number, 2);
  }
  out += Name::Parse(wish.name).value().wire();
  AppendNumber(out, static_cast<uint16_t>(wish.type), 2);
  AppendNumber(out, wish.record_class, 2);
  if (wish.udp_bytes == 0) return out;
  out += '\0';
  AppendNumber(out, static_cast<uint16_t>(RecordType::kOpt), 2);
  AppendNumber(out, static_cast<uint64_t>(wish.udp_bytes), 2);
  AppendNumber(out, wish.edns_version, 2);
  AppendNumber(out, wish.dnssec_ok ? 0x8000 : 0, 2);
  AppendNumber(out, 0, 2);
  return out;
}

struct Answer {
  uint16_t id = 0;
  uint16_t flags = 0;
  int code = 0;  // with the bits that EDNS adds
  std::string question;
  // "www.example.com. 300 A 192.0.2.1", a section each.
  std::array<std::vector<std::string>, 3> sections;
  bool has_edns = false;
  uint32_t edns_ttl = 0;

  bool authoritative() const { return (flags & 0x0400) != 0; }
  bool truncated() const { return (flags & 0x0200) != 0; }
  const std::vector<std::string>& answers() const { return sections[0]; }
  const std::vector<std::string>& authorities() const { return sections[1]; }
  const std::vector<std::string>& additionals() const { return sections[2]; }
};

inline uint64_t NumberAt(std::string_view message, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (const char c : message.substr(at, bytes)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

inline std::string ValueText(RecordType type, std::string_view message, size_t at, size_t size) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (type) {
    case RecordType::kA:
      return std::string("A ") + inet_ntop(AF_INET, message.data() + at, text.data(), text.size());
    case RecordType::kAaaa:
      return std::string("AAAA ") + inet_ntop(AF_INET6, message.data() + at, text.data(), text.size());
    case RecordType::kNs:
      return "NS " + Name::Read(message, at).value_or(Name()).ToString();
    case RecordType::kCname:
      return "CNAME " + Name::Read(message, at).value_or(Name()).ToString();
    case RecordType::kSoa:
      return "SOA " + Name::Read(message, at).value_or(Name()).ToString();
    default:
      return std::to_string(static_cast<int>(type)) + " " + std::to_string(size) + " bytes";
  }
}

// Nothing for what no asker could read.
inline std::optional<Answer> ReadAnswer(std::string_view message) {
  if (message.size() < kHeaderBytes) return std::nullopt;
  Answer answer;
  answer.id = static_cast<uint16_t>(NumberAt(message, 0, 2));
  answer.flags = static_cast<uint16_t>(NumberAt(message, 2, 2));
  answer.code = answer.flags & 0xF;
  size_t at = kHeaderBytes;
  for (uint64_t left = NumberAt(message, 4, 2); left > 0; --left) {
    const auto name = Name::Read(message, at);
    if (!name || message.size() - at < 4) return std::nullopt;
    answer.question = name->ToString();
    at += 4;
  }
  for (size_t section = 0; section < 3; ++section) {
    for (uint64_t left = NumberAt(message, 6 + 2 * section, 2); left > 0; --left) {
      const auto owner = Name::Read(message, at);
      if (!owner || message.size() - at < 10) return std::nullopt;
      const auto type = static_cast<RecordType>(NumberAt(message, at, 2));
      const uint64_t ttl = NumberAt(message, at + 4, 4);
      const size_t size = NumberAt(message, at + 8, 2);
      at += 10;
      if (message.size() - at < size) return std::nullopt;
      if (type == RecordType::kOpt) {
        answer.has_edns = true;
        answer.edns_ttl = static_cast<uint32_t>(ttl);
        answer.code |= static_cast<int>(ttl >> 24 << 4);
      } else {
        answer.sections[section].push_back(owner->ToString() + " " + std::to_string(ttl) + " " +
                                           ValueText(type, message, at, size));
      }
      at += size;
    }
  }
  if (at != message.size()) return std::nullopt;
  return answer;
}

inline RecordSet MakeSet(std::string_view name, RecordType type, const std::vector<std::string>& values,
                         uint32_t ttl = 300) {
  RecordSet set{.name = Name::Parse(name).value(), .type = type, .ttl = ttl, .rdata = {}, .alias = {}};
  for (const std::string& value : values) set.rdata.push_back(ParseRdata(type, value).value());
  return set;
}

inline RecordSet MakeAlias(std::string_view name, RecordType type, std::string_view target) {
  return {
      .name = Name::Parse(name).value(), .type = type, .ttl = 60, .rdata = {}, .alias = Name::Parse(target).value()};
}

// What every zone begins with.
inline std::vector<RecordSet> MakeApex(const std::string& apex) {
  return {MakeSet(apex, RecordType::kSoa, {"ns1." + apex + ". admin." + apex + ". 1 7200 900 1209600 86400"}, 900),
          MakeSet(apex, RecordType::kNs, {"ns1." + apex + "."}, 172'800)};
}

inline ZonePtr MakeZone(const std::string& apex, std::vector<RecordSet> more, AliasResolver resolve = nullptr) {
  std::vector<RecordSet> records = MakeApex(apex);
  for (RecordSet& set : more) records.push_back(std::move(set));
  return Zone::Build({.apex = Name::Parse(apex).value(), .records = std::move(records), .resolve_alias = resolve})
      .value();
}

}  // namespace meetinity::dns::testing
