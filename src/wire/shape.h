#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "wire/box.h"

// Descriptors: what the codecs know of a service, as constant tables made by generator/generate.py.
//
// A codec walks a descriptor and a value of the described C++ type, known to it only by address; the few operations it
// needs on that type (is it there? make one, append one) are plain function pointers, one set a C++ type. So a codec is
// compiled once for all services, and a service costs its tables.
//
// C++ types: string, enum and blob are std::string; integer int32_t; long int64_t; float and double double; boolean
// bool; timestamp Instant; list std::vector<T>; map std::map<std::string, T>; a structure is its generated struct. A
// member that the model does not require is a std::optional of these.
namespace meetinity::wire {

enum class ShapeKind : uint8_t {
  kString,  // enums too: they have enum_values
  kBlob,
  kBoolean,
  kInteger,
  kLong,
  kDouble,
  kTimestamp,
  kList,
  kMap,
  kStructure,
  kStream,  // a streamed payload: StagedBodyPtr in inputs, std::optional<StreamedBody> in outputs
};

enum class Location : uint8_t { kBody, kHeader, kHeaderPrefix, kUri, kQueryString, kStatusCode };

enum class TimestampFormat : uint8_t { kProtocolDefault, kIso8601, kUnixSeconds, kHttpDate };

// How a member's storage holds its value: directly, in an optional, or in a Box.
struct SlotOps {
  const void* (*find)(const void* slot);  // the value; null when absent
  void* (*emplace)(void* slot);           // where to decode into; once for each decoded structure
};

struct ListOps {
  size_t (*size)(const void* list);
  const void* (*at)(const void* list, size_t index);
  void* (*append)(void* list);
};

struct MapOps {
  using Visit = void (*)(void* context, const std::string& key, const void* value);
  size_t (*size)(const void* map);
  void (*each)(const void* map, void* context, Visit visit);
  void* (*put)(void* map, std::string key);
};

// How a value is made and unmade where its type is not known.
struct ValueOps {
  void* (*make)();
  void (*destroy)(void* value);
};

struct Shape;

struct Member {
  std::string_view name;        // as the model calls it; error messages use it
  std::string_view wire_name;   // XML element or attribute, JSON key, header, query parameter or URI label
  std::string_view query_name;  // in the query and ec2 protocols' parameters
  const Shape* shape = nullptr;
  uint32_t offset = 0;
  const SlotOps* slot = nullptr;
  Location location = Location::kBody;
  TimestampFormat timestamp_format = TimestampFormat::kProtocolDefault;
  bool required = false;
  bool flattened = false;  // a list or map without an element of its own around it
  bool xml_attribute = false;
  bool idempotency_token = false;  // absent: the client promised nothing, and a fresh token is as good
  std::string_view xml_namespace = {};

  // Null when absent.
  const void* Find(const void* structure) const {
    return slot->find(static_cast<const std::byte*>(structure) + offset);
  }
  void* Emplace(void* structure) const { return slot->emplace(static_cast<std::byte*>(structure) + offset); }
};

// No structure of the served models has more; the generator refuses one that does.
inline constexpr size_t kMembersMax = 256;

inline constexpr int64_t kNoMin = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kNoMax = std::numeric_limits<int64_t>::max();

struct Shape {
  std::string_view name;
  ShapeKind kind = ShapeKind::kString;
  bool sensitive = false;  // never in a message or a log
  bool is_union = false;   // exactly one member
  TimestampFormat timestamp_format = TimestampFormat::kProtocolDefault;
  // Of a number its value; of a string, blob, list or map its length.
  int64_t min = kNoMin;
  int64_t max = kNoMax;
  std::span<const std::string_view> enum_values = {};
  std::span<const Member> members = {};  // structure
  const Member* payload = nullptr;       // structure: the member that is the whole body
  const Shape* element = nullptr;        // list's element, map's value
  std::string_view element_name = {};    // XML element of a list's entry, or of a map's value
  const Shape* key = nullptr;            // map
  std::string_view key_name = {};
  bool flattened = false;
  const ListOps* list = nullptr;
  const MapOps* map = nullptr;
  std::string_view xml_name = {};    // structure: root element, where it differs from `name`
  std::string_view xml_prefix = {};  // "xsi" and its namespace, for S3's Grantee
  std::string_view xml_namespace = {};
  bool constrained = false;  // it, or something it holds, has a constraint to check
};

struct UriSegment {
  enum Kind : uint8_t { kLiteral, kLabel, kGreedyLabel };
  Kind kind = kLiteral;
  std::string_view text;  // the literal, or the label's name
};

// A query parameter that is part of an operation's address: "?acl", "?list-type=2".
struct QueryLiteral {
  std::string_view name;
  std::string_view value;
};

enum class Support : uint8_t { kReal, kPartial, kRefused };

struct OperationShape {
  std::string_view name;
  Support support = Support::kRefused;
  std::string_view note = {};  // kPartial: what is missing
  std::string_view method = "POST";
  std::span<const UriSegment> path = {};
  std::span<const QueryLiteral> query = {};
  // Parameters and headers without which it is not this operation: they tell UploadPart from PutObject.
  std::span<const std::string_view> required_query = {};
  std::span<const std::string_view> required_headers = {};
  int status = 200;
  const Shape* input = nullptr;  // null when refused: only served operations are generated
  const Shape* output = nullptr;
  const ValueOps* input_ops = nullptr;
  std::string_view input_name = {};  // root element of a whole-structure XML body
  std::string_view result_wrapper = {};
  std::span<const std::string_view> errors = {};  // shapes
  std::string_view checksum_member = {};          // input member that names the checksum algorithm
  bool checksum_required = false;
  bool streams_input = false;
  bool streams_output = false;
};

enum class Protocol : uint8_t { kQuery, kEc2, kRestXml, kRestJson, kJson10, kJson11, kRpcV2Cbor };

struct ErrorShape {
  std::string_view shape;  // "NoSuchEntityException"
  std::string_view code;   // "NoSuchEntity"
  int status = 400;
  bool sender_fault = true;
  std::string_view message = {};  // where the handler gives none
};

struct ServiceShape {
  std::string_view name;          // of its model file: "elbv2"
  std::string_view service_id;    // "Elastic Load Balancing v2"
  std::string_view signing_name;  // "elasticloadbalancing"
  std::string_view api_version;
  std::string_view xml_namespace = {};
  std::string_view target_prefix = {};
  std::span<const Protocol> protocols = {};  // the preferred one first
  bool query_compatible = false;  // JSON and CBOR errors repeat the query protocol's code in x-amzn-query-error
  bool is_s3 = false;             // S3's own bodies, errors and addressing
  std::span<const OperationShape> operations = {};  // every one of the model, by name
  std::span<const ErrorShape> errors = {};          // by shape; S3's un-modelled codes too

  // Null when there is none.
  const OperationShape* FindOperation(std::string_view operation) const;
  // By shape name or by code; null when neither is known.
  const ErrorShape* FindError(std::string_view shape_or_code) const;
};

// --- one set of operations a C++ type

template <class T>
struct Slot {
  static const void* Find(const void* slot) { return slot; }
  static void* Emplace(void* slot) { return slot; }
};

template <class T>
struct Slot<Box<T>> {
  static const void* Find(const void* slot) { return &**static_cast<const Box<T>*>(slot); }
  static void* Emplace(void* slot) { return &**static_cast<Box<T>*>(slot); }
};

template <class T>
struct Slot<std::optional<T>> {
  static const void* Find(const void* slot) {
    const auto& value = *static_cast<const std::optional<T>*>(slot);
    return value ? Slot<T>::Find(&*value) : nullptr;
  }
  static void* Emplace(void* slot) { return Slot<T>::Emplace(&static_cast<std::optional<T>*>(slot)->emplace()); }
};

template <class T>
inline constexpr SlotOps kSlotOps = {&Slot<T>::Find, &Slot<T>::Emplace};

template <class T>
inline constexpr ValueOps kValueOps = {[]() -> void* { return new T(); },
                                       [](void* value) { delete static_cast<T*>(value); }};

template <class T>
inline constexpr ListOps kListOps = {
    [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    [](const void* list, size_t index) -> const void* { return &(*static_cast<const std::vector<T>*>(list))[index]; },
    [](void* list) -> void* { return &static_cast<std::vector<T>*>(list)->emplace_back(); },
};

template <class T>
inline constexpr MapOps kMapOps = {
    [](const void* map) { return static_cast<const std::map<std::string, T>*>(map)->size(); },
    [](const void* map, void* context, MapOps::Visit visit) {
      for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(map)) visit(context, key, &value);
    },
    [](void* map, std::string key) -> void* { return &(*static_cast<std::map<std::string, T>*>(map))[std::move(key)]; },
};

}  // namespace meetinity::wire
