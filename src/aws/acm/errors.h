#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// Every refusal of ACM, by the model's shape name.
namespace meetinity::acm {

inline constexpr std::string_view kConflict = "ConflictException";
inline constexpr std::string_view kInvalidArnException = "InvalidArnException";
inline constexpr std::string_view kInvalidArgs = "InvalidArgsException";
inline constexpr std::string_view kInvalidDomainValidationOptions = "InvalidDomainValidationOptionsException";
inline constexpr std::string_view kInvalidParameter = "InvalidParameterException";
inline constexpr std::string_view kInvalidState = "InvalidStateException";
inline constexpr std::string_view kInvalidTag = "InvalidTagException";
inline constexpr std::string_view kLimitExceeded = "LimitExceededException";
inline constexpr std::string_view kRequestInProgress = "RequestInProgressException";
inline constexpr std::string_view kResourceInUse = "ResourceInUseException";
inline constexpr std::string_view kResourceNotFound = "ResourceNotFoundException";
inline constexpr std::string_view kTooManyTags = "TooManyTagsException";
inline constexpr std::string_view kValidation = "ValidationException";
inline constexpr std::string_view kModeled[] = {
    kConflict,          kInvalidArnException, kInvalidArgs,      kInvalidDomainValidationOptions,
    kInvalidParameter,  kInvalidState,        kInvalidTag,       kLimitExceeded,
    kRequestInProgress, kResourceInUse,       kResourceNotFound, kTooManyTags,
    kValidation};

inline Error Invalid(std::string detail) { return Error{Kind::kInvalid, kValidation, std::move(detail)}; }

}  // namespace meetinity::acm
