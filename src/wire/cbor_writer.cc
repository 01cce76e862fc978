#include "wire/cbor_writer.h"

#include <bit>

namespace meetinity::wire {
namespace {

constexpr uint8_t kUnsigned = 0, kNegative = 1, kBytes = 2, kText = 3, kArray = 4, kMap = 5, kTag = 6;
constexpr uint64_t kEpochTag = 1;

void AppendBigEndian(uint64_t number, size_t size, std::string& out) {
  for (size_t i = size; i-- > 0;) out += static_cast<char>(number >> (8 * i) & 0xFF);
}

void AppendHead(uint8_t major, uint64_t argument, std::string& out) {
  const auto initial = [&](uint64_t info) { out += static_cast<char>(uint64_t{major} << 5 | info); };
  if (argument < 24) return initial(argument);
  const uint64_t size_code = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
  initial(24 + size_code);
  AppendBigEndian(argument, size_t{1} << size_code, out);
}

void AppendInteger(int64_t number, std::string& out) {
  if (number >= 0)
    AppendHead(kUnsigned, static_cast<uint64_t>(number), out);
  else
    AppendHead(kNegative, static_cast<uint64_t>(-(number + 1)), out);
}

void AppendReal(double number, std::string& out) {
  out += '\xFB';
  AppendBigEndian(std::bit_cast<uint64_t>(number), sizeof number, out);
}

void AppendValue(const Shape& shape, const void* value, std::string& out) {
  switch (shape.kind) {
    case ShapeKind::kStructure:
      return AppendCbor(shape, value, out);
    case ShapeKind::kList: {
      const size_t size = shape.list->size(value);
      AppendHead(kArray, size, out);
      for (size_t i = 0; i < size; ++i) AppendValue(*shape.element, shape.list->at(value, i), out);
      return;
    }
    case ShapeKind::kMap: {
      struct Context {
        const Shape& element;
        std::string& out;
      } context{*shape.element, out};
      AppendHead(kMap, shape.map->size(value), out);
      shape.map->each(value, &context, [](void* raw, const std::string& key, const void* entry) {
        const Context& at = *static_cast<Context*>(raw);
        AppendCborText(key, at.out);
        AppendValue(at.element, entry, at.out);
      });
      return;
    }
    case ShapeKind::kString:
      return AppendCborText(*static_cast<const std::string*>(value), out);
    case ShapeKind::kBlob: {
      const std::string& bytes = *static_cast<const std::string*>(value);
      AppendHead(kBytes, bytes.size(), out);
      out += bytes;
      return;
    }
    case ShapeKind::kBoolean:
      out += *static_cast<const bool*>(value) ? '\xF5' : '\xF4';
      return;
    case ShapeKind::kInteger:
      return AppendInteger(*static_cast<const int32_t*>(value), out);
    case ShapeKind::kLong:
      return AppendInteger(*static_cast<const int64_t*>(value), out);
    case ShapeKind::kDouble:
      return AppendReal(*static_cast<const double*>(value), out);
    case ShapeKind::kTimestamp: {
      const Instant at = *static_cast<const Instant*>(value);
      AppendHead(kTag, kEpochTag, out);
      if (at == Instant::FromUnixSeconds(at.unix_seconds()))
        AppendInteger(at.unix_seconds(), out);
      else
        AppendReal(at.unix_seconds_fraction(), out);
      return;
    }
    case ShapeKind::kStream:
      return;
  }
}

}  // namespace

void AppendCborText(std::string_view text, std::string& out) {
  AppendHead(kText, text.size(), out);
  out += text;
}

void AppendCborMapHead(size_t entries, std::string& out) { AppendHead(kMap, entries, out); }

void AppendCbor(const Shape& shape, const void* structure, std::string& out) {
  size_t present = 0;
  for (const Member& member : shape.members) present += member.Find(structure) ? 1 : 0;
  AppendCborMapHead(present, out);
  for (const Member& member : shape.members) {
    const void* value = member.Find(structure);
    if (!value) continue;
    AppendCborText(member.name, out);
    AppendValue(*member.shape, value, out);
  }
}

}  // namespace meetinity::wire
