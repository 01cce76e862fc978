#include "wire/s3_quirks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "wire/codec.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kQuirkMalformedXml = "MalformedXML";

constexpr std::string_view kMalformedXmlMessage =
    "The XML you provided was not well-formed or did not validate against our published schema";

// Headers and parameters whose bad values have a refusal of their own.
struct NamedRefusal {
  std::string_view wire_name;
  std::string_view error;
  std::string_view message;
};
constexpr auto kNamedRefusals = std::to_array<NamedRefusal>({
    {"encoding-type", kInvalidArgument, "Invalid Encoding Method specified in Request"},
    {"x-amz-checksum-algorithm", "InvalidRequest",
     "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, "
     "CRC64NVME, SHA1, SHA256]"},
    {"x-amz-server-side-encryption", "InvalidEncryptionAlgorithmError",
     "The encryption request you specified is not valid. The valid value is AES256."},
    {"x-amz-storage-class", "InvalidStorageClass", "The storage class you specified is not valid"},
    {"x-amz-metadata-directive", kInvalidArgument, "Unknown metadata directive."},
    {"x-amz-tagging-directive", kInvalidArgument, "Unknown tagging directive."},
});

using Name = std::pair<std::string_view, std::string_view>;
constexpr auto kResultElements = std::to_array<Name>({
    {"CompleteMultipartUpload", "CompleteMultipartUploadResult"},
    {"CreateMultipartUpload", "InitiateMultipartUploadResult"},
    {"DeleteObjects", "DeleteResult"},
    {"GetBucketAccelerateConfiguration", "AccelerateConfiguration"},
    {"GetBucketAcl", "AccessControlPolicy"},
    {"GetBucketCors", "CORSConfiguration"},
    {"GetBucketLifecycleConfiguration", "LifecycleConfiguration"},
    {"GetBucketLocation", "LocationConstraint"},
    {"GetBucketLogging", "BucketLoggingStatus"},
    {"GetBucketNotificationConfiguration", "NotificationConfiguration"},
    {"GetBucketRequestPayment", "RequestPaymentConfiguration"},
    {"GetBucketTagging", "Tagging"},
    {"GetBucketVersioning", "VersioningConfiguration"},
    {"GetBucketWebsite", "WebsiteConfiguration"},
    {"GetObjectAcl", "AccessControlPolicy"},
    {"GetObjectAttributes", "GetObjectAttributesResponse"},
    {"GetObjectTagging", "Tagging"},
    {"ListBuckets", "ListAllMyBucketsResult"},
    {"ListMultipartUploads", "ListMultipartUploadsResult"},
    {"ListObjectVersions", "ListVersionsResult"},
    {"ListObjects", "ListBucketResult"},
    {"ListObjectsV2", "ListBucketResult"},
    {"ListParts", "ListPartsResult"},
});
static_assert(std::ranges::is_sorted(kResultElements));

constexpr auto kChecksumOptional = std::to_array<std::string_view>({
    "PutBucketAcl",
    "PutBucketLogging",
    "PutBucketNotificationConfiguration",
    "PutBucketPolicy",
    "PutBucketRequestPayment",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutObjectAcl",
});

Error OfParameter(const Fault& fault, const Member& member) {
  if (fault.kind == FaultKind::kMissing) {
    return Error{
        Kind::kInvalid, "InvalidRequest",
        fmt::format("Missing required {}: {}",
                    member.location == Location::kHeader ? "header for this request" : "parameter", member.wire_name)};
  }
  const auto named = std::ranges::find(kNamedRefusals, member.wire_name, &NamedRefusal::wire_name);
  std::string_view name = kInvalidArgument;
  std::string message;
  if (named != kNamedRefusals.end()) {
    name = named->error;
    message = named->message;
  } else if (fault.shape && (fault.shape->kind == ShapeKind::kInteger || fault.shape->kind == ShapeKind::kLong)) {
    message = fmt::format("Provided {} not an integer or within integer range", member.wire_name);
  } else {
    message = fmt::format("The value of {} is not valid: {}", member.wire_name, fault.text);
  }
  return Error{Kind::kInvalid, name, std::move(message)}
      .With("ArgumentName", std::string(member.wire_name))
      .With("ArgumentValue", fault.value);
}

}  // namespace

Error S3Refusal(const Fault& fault) {
  if (fault.member && fault.member->location != Location::kBody) return OfParameter(fault, *fault.member);
  if (fault.kind == FaultKind::kMissing && fault.member && fault.shape == fault.member->shape) {
    return Error{Kind::kInvalid, "MissingRequestBodyError", "Request Body is empty"};
  }
  if (fault.member && fault.member->name == "AccessControlPolicy") {
    return Error{Kind::kInvalid, "MalformedACLError", std::string(kMalformedXmlMessage)};
  }
  if (fault.shape && fault.shape->name == "BucketLocationConstraint") {
    return Error{Kind::kInvalid, "InvalidLocationConstraint", "The specified location-constraint is not valid"}.With(
        "LocationConstraint", fault.value);
  }
  return Error{Kind::kInvalid, kQuirkMalformedXml, std::string(kMalformedXmlMessage)};
}

std::string_view S3ResultElement(std::string_view operation) {
  const auto found = std::ranges::lower_bound(kResultElements, operation, {}, &Name::first);
  return found != kResultElements.end() && found->first == operation ? found->second : std::string_view();
}

bool S3AnswersUnwrapped(const OperationShape& operation) { return operation.name == "GetBucketLocation"; }

bool S3DemandsChecksum(const OperationShape& operation) {
  return operation.checksum_required && std::ranges::find(kChecksumOptional, operation.name) == kChecksumOptional.end();
}

int S3Status(const OperationShape& operation, const void* output) {
  if (operation.name == "PutBucketPolicy" || operation.name == "PutBucketTagging") return 204;
  if (operation.name == "GetObject" || operation.name == "HeadObject") {
    const auto range = std::ranges::find(operation.output->members, "ContentRange", &Member::name);
    if (range != operation.output->members.end() && range->Find(output)) return 206;
  }
  return operation.status;
}

}  // namespace meetinity::wire
