#include "wire/cbor_reader.h"

#include <bit>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "wire/reader.h"
#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

enum class Major : uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

constexpr uint8_t kFalse = 20, kTrue = 21, kNull = 22, kUndefined = 23;
constexpr uint8_t kHalf = 25, kSingle = 26, kDouble = 27, kIndefinite = 31;

struct Head {
  Major major;
  uint8_t info;
  uint64_t argument;  // meaningless when indefinite
  bool indefinite() const { return info == kIndefinite && major != Major::kSimple; }
  bool is_break() const { return info == kIndefinite && major == Major::kSimple; }
};

double FromHalf(uint16_t half) {
  const int exponent = (half >> 10) & 0x1F;
  const int mantissa = half & 0x3FF;
  double value = 0;
  if (exponent == 0)
    value = std::ldexp(mantissa, -24);
  else if (exponent == 31)
    value = mantissa == 0 ? HUGE_VAL : NAN;
  else
    value = std::ldexp(mantissa + 1024, exponent - 25);
  return (half & 0x8000) != 0 ? -value : value;
}

// Bytes to items. After the first mistake every read fails, so that callers need not look at each.
class CborInput {
 public:
  explicit CborInput(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  void Fail() { failed_ = true; }
  bool at_end() const { return at_ == bytes_.size(); }

  std::optional<Head> Next() {
    if (failed_ || at_end()) return Failure();
    const auto initial = static_cast<uint8_t>(bytes_[at_++]);
    Head head{static_cast<Major>(initial >> 5), static_cast<uint8_t>(initial & 0x1F),
              static_cast<uint64_t>(initial & 0x1F)};
    if (head.info < 24) return head;
    if (head.info == kIndefinite) {
      // Numbers and tags have an end that is known.
      const bool endless =
          head.major != Major::kUnsigned && head.major != Major::kNegative && head.major != Major::kTag;
      return endless ? std::optional(head) : Failure();
    }
    if (head.info > 27) return Failure();
    const size_t size = size_t{1} << (head.info - 24);
    if (bytes_.size() - at_ < size) return Failure();
    head.argument = 0;
    for (size_t i = 0; i < size; ++i) head.argument = head.argument << 8 | static_cast<uint8_t>(bytes_[at_++]);
    return head;
  }

  bool NextIsBreak() {
    if (failed_ || at_end() || bytes_[at_] != '\xFF') return false;
    ++at_;
    return true;
  }

  // The content of a byte or text string whose head was read.
  std::optional<std::string> Text(const Head& head) {
    if (!head.indefinite()) return Run(head.argument);
    std::string text;
    while (!NextIsBreak()) {
      const std::optional<Head> chunk = Next();
      if (!chunk || chunk->major != head.major || chunk->indefinite()) return Fail(), std::nullopt;
      const std::optional<std::string> run = Run(chunk->argument);
      if (!run) return std::nullopt;
      text += *run;
    }
    return text;
  }

  // Calls `each` once an entry of an array or map whose head was read.
  template <class Each>
  void Entries(const Head& head, Each each) {
    for (uint64_t i = 0; !failed_ && (head.indefinite() ? !NextIsBreak() : i < head.argument); ++i) each();
  }

  void Skip(const Head& head, size_t depth) {
    if (depth > kNestingMax) return Fail();
    const auto skip_next = [&] {
      if (const std::optional<Head> next = Next()) Skip(*next, depth + 1);
    };
    switch (head.major) {
      case Major::kBytes:
      case Major::kText:
        Text(head);
        return;
      case Major::kArray:
        return Entries(head, skip_next);
      case Major::kMap:
        return Entries(head, [&] { skip_next(), skip_next(); });
      case Major::kTag:
        return skip_next();
      case Major::kSimple:
        if (head.is_break()) Fail();
        return;
      default:
        return;
    }
  }

 private:
  std::nullopt_t Failure() {
    failed_ = true;
    return std::nullopt;
  }

  std::optional<std::string> Run(uint64_t size) {
    if (bytes_.size() - at_ < size) return Failure();
    std::string run(bytes_.substr(at_, size));
    at_ += size;
    return run;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool failed_ = false;
};

class CborReader {
 public:
  CborReader(std::string_view bytes, Faults& faults) : in_(bytes), faults_(faults) {}

  void Document(const Shape& shape, void* structure) {
    const std::optional<Head> head = in_.Next();
    if (head && head->major == Major::kMap)
      Structure(shape, *head, structure, PathNode{}, 0);
    else
      in_.Fail();
    if (in_.failed() || !in_.at_end()) faults_.Malformed("The body is not one CBOR map");
  }

 private:
  void Structure(const Shape& shape, const Head& head, void* structure, const PathNode& path, size_t depth) {
    if (depth > kNestingMax) return in_.Fail();
    SeenMembers seen;
    in_.Entries(head, [&] {
      const std::optional<std::string> name = Key();
      const std::optional<Head> next = in_.Next();
      if (!name || !next) return;
      const Member* member = FindMember(shape, *name);
      if (!member || IsNull(*next) || seen[IndexOf(shape, *member)]) return in_.Skip(*next, depth);
      if (depth == 0) faults_.SetTopMember(member);
      seen.set(IndexOf(shape, *member));
      Value(*member->shape, *next, member->Emplace(structure), {.parent = &path, .name = member->name}, depth);
    });
    NoteMissing(shape, seen, path, depth == 0, faults_);
  }

  static const Member* FindMember(const Shape& shape, std::string_view name) {
    for (const Member& member : shape.members) {
      if (member.name == name) return &member;
    }
    return nullptr;
  }

  static bool IsNull(const Head& head) {
    return head.major == Major::kSimple && (head.info == kNull || head.info == kUndefined);
  }

  std::optional<std::string> Key() {
    const std::optional<Head> head = in_.Next();
    if (!head || head->major != Major::kText) return in_.Fail(), std::nullopt;
    return in_.Text(*head);
  }

  void Value(const Shape& shape, Head head, void* value, const PathNode& path, size_t depth) {
    while (head.major == Major::kTag) {
      const std::optional<Head> tagged = in_.Next();
      if (!tagged) return;
      head = *tagged;
    }
    if (!Accepts(shape, head, value, path, depth)) faults_.Type(path, shape, {});
  }

  // False, with the item consumed, when it is of another type.
  bool Accepts(const Shape& shape, const Head& head, void* value, const PathNode& path, size_t depth) {
    switch (shape.kind) {
      case ShapeKind::kStructure:
        if (head.major != Major::kMap) break;
        Structure(shape, head, value, path, depth + 1);
        return true;
      case ShapeKind::kList:
        if (head.major != Major::kArray) break;
        List(shape, head, value, path, depth);
        return true;
      case ShapeKind::kMap:
        if (head.major != Major::kMap) break;
        Map(shape, head, value, path, depth);
        return true;
      case ShapeKind::kString:
        if (head.major != Major::kText) break;
        return Text(head, value) && IsValidUtf8(*static_cast<std::string*>(value));
      case ShapeKind::kBlob:
        if (head.major != Major::kBytes) break;
        return Text(head, value);
      case ShapeKind::kBoolean:
        if (head.major != Major::kSimple || (head.info != kFalse && head.info != kTrue)) break;
        *static_cast<bool*>(value) = head.info == kTrue;
        return true;
      default:
        return Number(shape, head, value, depth);
    }
    in_.Skip(head, depth);
    return false;
  }

  bool Text(const Head& head, void* value) {
    std::optional<std::string> text = in_.Text(head);
    if (text) *static_cast<std::string*>(value) = std::move(*text);
    return true;  // a mistake in the bytes is told as such
  }

  void List(const Shape& shape, const Head& head, void* list, const PathNode& path, size_t depth) {
    in_.Entries(head, [&] {
      const std::optional<Head> next = in_.Next();
      if (!next) return;
      if (!budget_.Take(*shape.element, faults_)) return in_.Fail();
      const PathNode here{.parent = &path, .name = {}, .index = shape.list->size(list) + 1};
      Value(*shape.element, *next, shape.list->append(list), here, depth + 1);
    });
  }

  void Map(const Shape& shape, const Head& head, void* map, const PathNode& path, size_t depth) {
    in_.Entries(head, [&] {
      const std::optional<std::string> key = Key();
      const std::optional<Head> next = in_.Next();
      if (!key || !next) return;
      if (IsNull(*next)) return;
      if (!budget_.Take(*shape.element, faults_)) return in_.Fail();
      Value(*shape.element, *next, shape.map->put(map, *key), {.parent = &path, .name = {}, .index = 0, .key = *key},
            depth + 1);
    });
  }

  bool Number(const Shape& shape, const Head& head, void* value, size_t depth) {
    std::optional<int64_t> whole;
    std::optional<double> real;
    if (head.major == Major::kUnsigned && head.argument <= static_cast<uint64_t>(kNoMax)) {
      whole = static_cast<int64_t>(head.argument);
    } else if (head.major == Major::kNegative && head.argument <= static_cast<uint64_t>(kNoMax)) {
      whole = -1 - static_cast<int64_t>(head.argument);
    } else if (head.major == Major::kSimple) {
      real = Real(head);
    }
    if (!whole && !real) {
      in_.Skip(head, depth);
      return false;
    }
    if (real && std::trunc(*real) == *real && std::fabs(*real) < 9e15) whole = static_cast<int64_t>(*real);
    return Store(shape, whole, real ? *real : static_cast<double>(*whole), value);
  }

  static std::optional<double> Real(const Head& head) {
    switch (head.info) {
      case kHalf:
        return FromHalf(static_cast<uint16_t>(head.argument));
      case kSingle:
        return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(head.argument)));
      case kDouble:
        return std::bit_cast<double>(head.argument);
      default:
        return std::nullopt;
    }
  }

  static bool Store(const Shape& shape, std::optional<int64_t> whole, double real, void* value) {
    switch (shape.kind) {
      case ShapeKind::kInteger:
        if (!whole || *whole < std::numeric_limits<int32_t>::min() || *whole > std::numeric_limits<int32_t>::max())
          return false;
        *static_cast<int32_t*>(value) = static_cast<int32_t>(*whole);
        return true;
      case ShapeKind::kLong:
        if (!whole) return false;
        *static_cast<int64_t*>(value) = *whole;
        return true;
      case ShapeKind::kDouble:
        *static_cast<double*>(value) = real;
        return true;
      case ShapeKind::kTimestamp:
        if (!(std::fabs(real) < 9e9)) return false;  // Instant ends in 2262
        *static_cast<Instant*>(value) = FromUnixSeconds(real);
        return true;
      default:
        return false;
    }
  }

  CborInput in_;
  Faults& faults_;
  EntryBudget budget_;
};

}  // namespace

void ReadCbor(std::string_view body, const Shape& shape, void* structure, Faults& faults) {
  if (body.empty()) body = "\xA0";
  CborReader(body, faults).Document(shape, structure);
}

}  // namespace meetinity::wire
