#include "wire/refusals.h"

#include <fmt/format.h>

#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kInvalidAction = "InvalidAction";
constexpr std::string_view kMissingAction = "MissingAction";
constexpr std::string_view kUnknownOperation = "UnknownOperationException";
// Nobody names an operation at greater length.
constexpr size_t kNameShownMax = 128;

bool SpeaksActions(Protocol protocol) { return protocol == Protocol::kQuery || protocol == Protocol::kEc2; }

}  // namespace

Error UnknownOperation(const ServiceShape& service, Protocol protocol, std::string_view operation) {
  operation = operation.substr(0, kNameShownMax);
  if (SpeaksActions(protocol)) {
    if (operation.empty()) {
      return Error{Kind::kInvalid, kMissingAction, "The request must contain the parameter Action."};
    }
    return Error{Kind::kInvalid, kInvalidAction,
                 fmt::format("Could not find operation {} for version {}", operation, service.api_version)};
  }
  return Error{Kind::kInvalid, kUnknownOperation,
               operation.empty() ? fmt::format("The request names no operation of {}", service.service_id)
                                 : fmt::format("{} has no operation {}", service.service_id, operation)};
}

Error NotServed(const ServiceShape& service, Protocol protocol, const OperationShape& operation) {
  std::string message =
      fmt::format("{} is not served here. 'meetinity parity {}' lists what is.", operation.name, service.name);
  if (service.is_s3) return Error{Kind::kUnsupported, kNotImplemented, std::move(message)};
  if (SpeaksActions(protocol)) return Error{Kind::kInvalid, kInvalidAction, std::move(message)};
  return Error{Kind::kInvalid, kUnknownOperation, std::move(message)};
}

}  // namespace meetinity::wire
