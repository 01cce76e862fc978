#include "engine/dns/message.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace meetinity::dns {
namespace {

// Bits of a header's flags (RFC 1035, section 4.1.1; CD: RFC 4035, section 3.2.2).
constexpr uint16_t kIsResponse = 0x8000;
constexpr uint16_t kOpcodeBits = 0x7800;
constexpr uint16_t kAuthoritative = 0x0400;
constexpr uint16_t kTruncated = 0x0200;
constexpr uint16_t kRecursionDesired = 0x0100;
constexpr uint16_t kCheckingDisabled = 0x0010;

constexpr uint16_t kDnssecOk = 0x8000;  // of EDNS (RFC 3225)
constexpr size_t kEdnsBytes = 11;
// What we take; RFC 6891, section 6.2.5, and what fragments nowhere (DNS flag day 2020).
constexpr uint16_t kOwnUdpBytes = 1'232;

// A pointer has 14 bits.
constexpr size_t kPointerMax = 0x3FFF;

// Takes numbers from a message; all are 0 once it ended too early.
class BytesReader {
 public:
  BytesReader(std::string_view message, size_t at) : message_(message), at_(at) {}

  bool ok() const { return ok_; }
  size_t at() const { return at_; }
  bool at_end() const { return at_ == message_.size(); }

  uint16_t Number16() {
    const std::string_view bytes = Bytes(2);
    if (!ok_) return 0;
    return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]));
  }
  std::string_view Bytes(size_t count) {
    if (!ok_ || message_.size() - at_ < count) {
      ok_ = false;
      return {};
    }
    at_ += count;
    return message_.substr(at_ - count, count);
  }
  Name ReadName() {
    const auto name = ok_ ? Name::Read(message_, at_) : std::nullopt;
    ok_ = name.has_value();
    return name.value_or(Name());
  }

 private:
  std::string_view message_;
  size_t at_;
  bool ok_ = true;
};

// A list of codes, each with the length of what follows (RFC 6891, section 6.1.2). None of them is acted on.
bool AreEdnsOptions(std::string_view options) {
  BytesReader reader(options, 0);
  while (reader.ok() && !reader.at_end()) {
    reader.Number16();
    reader.Bytes(reader.Number16());
  }
  return reader.ok();
}

// One record behind the question; false for a broken one.
bool ReadAdditional(BytesReader& reader, Query& query) {
  const Name owner = reader.ReadName();
  const uint16_t type = reader.Number16();
  const uint16_t record_class = reader.Number16();
  const uint16_t ttl_high = reader.Number16();
  const uint16_t ttl_low = reader.Number16();
  const std::string_view rdata = reader.Bytes(reader.Number16());
  if (!reader.ok()) return false;
  if (type != static_cast<uint16_t>(RecordType::kOpt)) return true;
  if (query.edns || !owner.is_root() || !AreEdnsOptions(rdata)) return false;
  query.edns = Edns{.udp_bytes = record_class,
                    .version = static_cast<uint8_t>(ttl_high & 0xFF),
                    .dnssec_ok = (ttl_low & kDnssecOk) != 0};
  return true;
}

}  // namespace

std::optional<ResponseCode> ParseQuery(std::string_view message, Query& query) {
  BytesReader reader(message, 0);
  query.id = reader.Number16();
  query.flags = reader.Number16();
  const uint16_t questions = reader.Number16();
  const uint16_t answers = reader.Number16();
  const uint16_t authorities = reader.Number16();
  const uint16_t additionals = reader.Number16();
  if (!reader.ok() || (query.flags & kIsResponse) != 0) return std::nullopt;
  if (message.size() > kQueryBytesMax) return ResponseCode::kFormatError;
  if ((query.flags & kOpcodeBits) != 0) return ResponseCode::kNotImplemented;
  if (questions != 1 || answers != 0 || authorities != 0) return ResponseCode::kFormatError;
  query.name = reader.ReadName();
  query.type = reader.Number16();
  query.record_class = reader.Number16();
  if (!reader.ok()) return ResponseCode::kFormatError;
  // A pointer in a question could only lead into the header, whose bytes may happen to read as a name.
  if (reader.at() - kHeaderBytes != query.name.wire().size() + 4) return ResponseCode::kFormatError;
  query.question = message.substr(kHeaderBytes, reader.at() - kHeaderBytes);
  if (additionals > kQueryRecordsMax) return ResponseCode::kFormatError;
  for (int i = 0; i < additionals; ++i) {
    if (!ReadAdditional(reader, query)) return ResponseCode::kFormatError;
  }
  if (!reader.at_end()) return ResponseCode::kFormatError;
  if (query.edns && query.edns->version != 0) return ResponseCode::kBadVersion;
  return ResponseCode::kNoError;
}

MessageWriter::MessageWriter(std::span<char> out, const Query& query)
    : out_(out), query_(query), limit_(out.size() - (query.edns ? kEdnsBytes : 0)), size_(kHeaderBytes) {
  CHECK(out.size() >= kHeaderBytes + kNameBytesMax + 4 + kEdnsBytes);
  Put(query.question);
  // A name in a question points nowhere, so what is echoed is its wire form but for the case of letters.
  if (!query.question.empty()) Remember(query.name.wire(), kHeaderBytes);
}

bool MessageWriter::Put(std::string_view bytes) {
  if (limit_ - size_ < bytes.size()) return false;
  std::ranges::copy(bytes, out_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
  return true;
}

bool MessageWriter::PutNumber(uint64_t value, size_t bytes) {
  std::array<char, 8> text{};
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)) & 0xFF);
  return Put({text.data(), bytes});
}

void MessageWriter::Remember(std::string_view wire, size_t offset) {
  while (wire.size() > 1 && remembered_ < names_.size() && offset <= kPointerMax) {
    names_[remembered_++] = {offset, wire};
    const size_t label = static_cast<uint8_t>(wire.front()) + 1U;
    offset += label;
    wire.remove_prefix(label);
  }
}

bool MessageWriter::PutName(std::string_view wire) {
  const std::string_view whole = wire;
  const size_t offset = size_;
  const auto known_end = names_.begin() + static_cast<std::ptrdiff_t>(remembered_);
  while (wire.size() > 1) {
    const auto known =
        std::find_if(names_.begin(), known_end, [&](const Remembered& name) { return name.wire == wire; });
    if (known != known_end) return PutNumber(0xC000 | known->offset, 2);
    const size_t label = static_cast<uint8_t>(wire.front()) + 1U;
    if (!Put(wire.substr(0, label))) return false;
    wire.remove_prefix(label);
  }
  if (!Put(wire)) return false;
  Remember(whole, offset);
  return true;
}

bool MessageWriter::Add(Section section, std::string_view owner, RecordType type, uint32_t ttl,
                        std::string_view rdata) {
  const Mark before = mark();
  const bool fits = PutName(owner) && PutNumber(static_cast<uint16_t>(type), 2) && PutNumber(1, 2) &&
                    PutNumber(ttl, 4) && PutNumber(rdata.size(), 2) && Put(rdata);
  if (!fits) {
    RollBack(before);
    return false;
  }
  // What follows a CNAME is most often the records of its target.
  if (type == RecordType::kCname) Remember(rdata, size_ - rdata.size());
  ++counts_[static_cast<size_t>(section)];
  return true;
}

void MessageWriter::RollBack(const Mark& mark) {
  size_ = mark.size;
  remembered_ = mark.remembered;
  counts_ = mark.counts;
}

size_t MessageWriter::Finish() {
  const auto code = static_cast<uint16_t>(code_);
  limit_ = out_.size();
  if (query_.edns) {
    // The root; OPT; our datagrams; the code's upper bits, version 0 and flags; no options.
    Put(std::string_view("\0", 1));
    PutNumber(static_cast<uint16_t>(RecordType::kOpt), 2);
    PutNumber(kOwnUdpBytes, 2);
    PutNumber(code >> 4, 1);
    PutNumber(0, 1);
    PutNumber(query_.edns->dnssec_ok ? kDnssecOk : 0, 2);
    PutNumber(0, 2);
    ++counts_[static_cast<size_t>(Section::kAdditional)];
  }
  const size_t size = std::exchange(size_, 0);
  uint16_t flags = kIsResponse | (query_.flags & (kOpcodeBits | kRecursionDesired | kCheckingDisabled));
  if (authoritative_) flags |= kAuthoritative;
  if (truncated_) flags |= kTruncated;
  PutNumber(query_.id, 2);
  PutNumber(flags | (code & 0xFU), 2);
  PutNumber(query_.question.empty() ? 0 : 1, 2);
  for (const uint16_t count : counts_) PutNumber(count, 2);
  size_ = size;
  return size;
}

}  // namespace meetinity::dns
