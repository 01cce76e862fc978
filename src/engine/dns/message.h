#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/dns/name.h"
#include "engine/dns/rdata.h"

namespace meetinity::dns {

// A question has one name of at most 255 bytes; the rest is what EDNS options and a signature may take.
inline constexpr size_t kQueryBytesMax = 4'096;
// Records behind the question: EDNS, and a transaction signature, which is skipped. Nobody sends more.
inline constexpr int kQueryRecordsMax = 4;
inline constexpr size_t kHeaderBytes = 12;

// RFC 1035, section 4.1.1, and for kBadVersion RFC 6891, section 9.
enum class ResponseCode : uint16_t {
  kNoError = 0,
  kFormatError = 1,
  kServerFailure = 2,
  kNameError = 3,
  kNotImplemented = 4,
  kRefused = 5,
  kBadVersion = 16,
};

// RFC 6891, section 6.1.
struct Edns {
  uint16_t udp_bytes = 0;  // the largest datagram the asker takes
  uint8_t version = 0;
  bool dnssec_ok = false;
};

// One question.
struct Query {
  uint16_t id = 0;
  uint16_t flags = 0;  // as they came
  Name name;
  std::string_view question;  // its bytes, to be echoed as they came: askers look at the case of their letters
  uint16_t type = 0;
  uint16_t record_class = 0;
  std::optional<Edns> edns;
};

// What to do with a message. kNoError: answer it; anything else: say so. Nothing: it is no question, and an answer
// could begin a ping-pong between two servers, so it is dropped. `query` is filled as far as was understood.
std::optional<ResponseCode> ParseQuery(std::string_view message, Query& query);

enum class Section { kAnswer, kAuthority, kAdditional };

// Writes one answer into a buffer, compressing owners' names (RFC 1035, section 4.1.4).
class MessageWriter {
 public:
  // `out` is where and how much; it takes at least a header, a question and an EDNS record: 512 bytes.
  MessageWriter(std::span<char> out, const Query& query);

  void SetCode(ResponseCode code) { code_ = code; }
  void SetAuthoritative() { authoritative_ = true; }
  void SetTruncated() { truncated_ = true; }

  // False when it does not fit; then nothing was written. Sections come in their order.
  bool Add(Section section, std::string_view owner, RecordType type, uint32_t ttl, std::string_view rdata);

  // So that records that belong together are in the message all or not at all.
  struct Mark {
    size_t size;
    size_t remembered;
    std::array<uint16_t, 3> counts;
  };
  Mark mark() const { return {size_, remembered_, counts_}; }
  void RollBack(const Mark& mark);

  // The finished message's size. Nothing may be added afterwards.
  size_t Finish();

 private:
  // Where a name that was written begins, and how it reads.
  struct Remembered {
    size_t offset;
    std::string_view wire;
  };

  bool Put(std::string_view bytes);
  bool PutNumber(uint64_t value, size_t bytes);
  bool PutName(std::string_view wire);
  // `wire` outlives the writer and stands at `offset`: names to come may point to it and to each of its suffixes.
  void Remember(std::string_view wire, size_t offset);

  std::span<char> out_;
  const Query& query_;
  size_t limit_;  // what is left for everything but EDNS
  size_t size_ = 0;
  ResponseCode code_ = ResponseCode::kNoError;
  bool authoritative_ = false;
  bool truncated_ = false;
  std::array<uint16_t, 3> counts_{};
  std::array<Remembered, 24> names_{};
  size_t remembered_ = 0;
};

}  // namespace meetinity::dns
