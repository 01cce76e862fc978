#include "wire/faults.h"

#include <fmt/format.h>

#include <cctype>

#include "wire/errors.h"
#include "wire/s3_quirks.h"

namespace meetinity::wire {
namespace {

// A value in a message is for finding the mistake, not for repeating a body.
constexpr size_t kValueShownMax = 256;

constexpr std::string_view kValidationError = "ValidationError";
constexpr std::string_view kValidationException = "ValidationException";
constexpr std::string_view kSerializationException = "SerializationException";
constexpr std::string_view kMalformedInput = "MalformedInput";
constexpr std::string_view kMalformedXml = "MalformedXML";
constexpr std::string_view kInvalidInput = "InvalidInput";
constexpr std::string_view kInvalidParameterValue = "InvalidParameterValue";
constexpr std::string_view kMissingParameter = "MissingParameter";

std::string_view ExpectedType(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::kString:
      return "a string";
    case ShapeKind::kBlob:
      return "base64";
    case ShapeKind::kBoolean:
      return "true or false";
    case ShapeKind::kInteger:
      return "a 32-bit integer";
    case ShapeKind::kLong:
      return "a 64-bit integer";
    case ShapeKind::kDouble:
      return "a number";
    case ShapeKind::kTimestamp:
      return "a timestamp";
    case ShapeKind::kList:
      return "a list";
    case ShapeKind::kMap:
      return "a map";
    case ShapeKind::kStructure:
      return "a structure";
    case ShapeKind::kStream:
      return "a stream";
  }
  return "another type";
}

std::string Describe(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kMalformed:
      return fault.text;
    case FaultKind::kType:
    case FaultKind::kConstraint:
      if (fault.value.empty())
        return fmt::format("Value at '{}' failed to satisfy constraint: {}", fault.path, fault.text);
      return fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", fault.value, fault.path, fault.text);
    case FaultKind::kMissing:
      return fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", fault.path);
  }
  return fault.text;
}

std::string DescribeAll(const Faults& faults) {
  const size_t count = faults.all().size();
  std::string text = fmt::format("{} validation error{} detected: ", count, count == 1 ? "" : "s");
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text += "; ";
    text += Describe(faults.all()[i]);
  }
  return text;
}

// Services of the JSON protocols name invalid input as their model does.
std::string_view InvalidInputName(const ServiceShape& service) {
  if (service.query_compatible) return kValidationError;
  for (const std::string_view name :
       {kValidationException, std::string_view("InvalidParameterValueException"),
        std::string_view("InvalidParameterException"), std::string_view("BadRequestException")}) {
    if (service.FindError(name)) return name;
  }
  return kValidationException;
}

Error RestXmlRefusal(const ServiceShape& service, const Faults& faults) {
  const Fault& first = faults.all().front();
  if (first.kind == FaultKind::kMalformed) return Error{meetinity::Kind::kInvalid, kMalformedXml, first.text};
  if (first.kind == FaultKind::kMissing && first.member && first.member->location == Location::kBody &&
      first.shape == first.member->shape && service.FindError("MissingBody")) {
    return Error{meetinity::Kind::kInvalid, "MissingBody",
                 "This operation requires a body. Ensure that the body is present."};
  }
  const std::string_view name = service.FindError(kInvalidArgument) ? kInvalidArgument : kInvalidInput;
  return Error{meetinity::Kind::kInvalid, name, DescribeAll(faults)};
}

Error Ec2Refusal(const Faults& faults) {
  const Fault& first = faults.all().front();
  if (first.kind == FaultKind::kMissing) {
    return Error{meetinity::Kind::kInvalid, kMissingParameter,
                 fmt::format("The request must contain the parameter {}", first.path)};
  }
  return Error{meetinity::Kind::kInvalid, kInvalidParameterValue, Describe(first)};
}

}  // namespace

std::string PathNode::ToString() const {
  std::string text = parent ? parent->ToString() : std::string();
  if (!name.empty()) {
    if (!text.empty()) text += '.';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(name.front())));
    text += name.substr(1);
  } else if (index > 0) {
    text += fmt::format(".{}.member", index);
  } else if (!key.empty()) {
    text += fmt::format(".{}.member", key.substr(0, kValueShownMax));
  }
  return text;
}

void Faults::Malformed(std::string text) {
  Add({.kind = FaultKind::kMalformed, .path = {}, .text = std::move(text), .value = {}});
}

void Faults::Type(const PathNode& path, const Shape& shape, std::string_view value) {
  if (shape.sensitive) value = {};
  Add({.kind = FaultKind::kType,
       .path = path.ToString(),
       .text = fmt::format("Member must be {}", ExpectedType(shape)),
       .value = std::string(value.substr(0, kValueShownMax)),
       .shape = &shape});
}

void Faults::Missing(const PathNode& parent, const Member& member) {
  const PathNode here{.parent = &parent, .name = member.name};
  Add({.kind = FaultKind::kMissing, .path = here.ToString(), .text = {}, .value = {}, .shape = member.shape});
}

void Faults::Constraint(const PathNode& path, const Shape& shape, std::string_view value, std::string text) {
  if (shape.sensitive) value = {};
  Add({.kind = FaultKind::kConstraint,
       .path = path.ToString(),
       .text = std::move(text),
       .value = std::string(value.substr(0, kValueShownMax)),
       .shape = &shape});
}

void Faults::Add(Fault fault) {
  if (faults_.size() == kMax) return;
  fault.member = top_;
  faults_.push_back(std::move(fault));
}

Error ToRefusal(const ServiceShape& service, Protocol protocol, const Faults& faults) {
  using meetinity::Kind;
  const Fault& first = faults.all().front();
  const bool unreadable = first.kind == FaultKind::kMalformed || first.kind == FaultKind::kType;
  switch (protocol) {
    case Protocol::kRestXml:
      return service.is_s3 ? S3Refusal(first) : RestXmlRefusal(service, faults);
    case Protocol::kEc2:
      return Ec2Refusal(faults);
    case Protocol::kQuery:
      return Error{Kind::kInvalid, unreadable ? kMalformedInput : kValidationError, DescribeAll(faults)};
    case Protocol::kRestJson:
    case Protocol::kJson10:
    case Protocol::kJson11:
    case Protocol::kRpcV2Cbor:
      // As the real ones: unreadable input has no member to speak of.
      if (unreadable) {
        return Error{Kind::kInvalid, kSerializationException,
                     first.path.empty() ? first.text : fmt::format("{}: {}", first.path, first.text)};
      }
      return Error{Kind::kInvalid, InvalidInputName(service), DescribeAll(faults)};
  }
  return Error{Kind::kInvalid, kValidationException, DescribeAll(faults)};
}

}  // namespace meetinity::wire
