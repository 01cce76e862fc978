#pragma once

#include <string_view>

// Every refusal of IAM, by the model's shape name.
namespace meetinity::iam {

inline constexpr std::string_view kNoSuchEntity = "NoSuchEntityException";
inline constexpr std::string_view kEntityAlreadyExists = "EntityAlreadyExistsException";
inline constexpr std::string_view kDeleteConflict = "DeleteConflictException";
inline constexpr std::string_view kLimitExceeded = "LimitExceededException";
inline constexpr std::string_view kMalformedPolicyDocument = "MalformedPolicyDocumentException";
inline constexpr std::string_view kInvalidInput = "InvalidInputException";
inline constexpr std::string_view kUnmodifiableEntity = "UnmodifiableEntityException";
inline constexpr std::string_view kModeled[] = {kNoSuchEntity,      kEntityAlreadyExists,     kDeleteConflict,
                                                kLimitExceeded,     kMalformedPolicyDocument, kInvalidInput,
                                                kUnmodifiableEntity};

// AWS's common errors, which no model lists.
inline constexpr std::string_view kValidationError = "ValidationError";
// STS's alone.
inline constexpr std::string_view kPackedPolicyTooLarge = "PackedPolicyTooLargeException";
inline constexpr std::string_view kInvalidClientTokenId = "InvalidClientTokenId";
inline constexpr std::string_view kAccessDenied = "AccessDenied";

}  // namespace meetinity::iam
