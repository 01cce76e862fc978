#pragma once

#include <string_view>

// Every refusal that wire itself makes, by the name that a client sees in it. Services have their own errors.h.
namespace meetinity::wire {

// --- Who asks. S3 has names of its own; the other names are those of the query and rest protocols, and
// auth_errors.h turns them into the JSON protocols' spelling.
inline constexpr std::string_view kAccessDenied = "AccessDenied";
inline constexpr std::string_view kSignatureDoesNotMatch = "SignatureDoesNotMatch";
inline constexpr std::string_view kIncompleteSignature = "IncompleteSignature";
inline constexpr std::string_view kMissingAuthenticationToken = "MissingAuthenticationToken";
inline constexpr std::string_view kInvalidClientTokenId = "InvalidClientTokenId";
inline constexpr std::string_view kExpiredToken = "ExpiredToken";
inline constexpr std::string_view kRequestExpired = "RequestExpired";
inline constexpr std::string_view kInvalidAccessKeyId = "InvalidAccessKeyId";                                // S3
inline constexpr std::string_view kInvalidToken = "InvalidToken";                                            // S3
inline constexpr std::string_view kRequestTimeTooSkewed = "RequestTimeTooSkewed";                            // S3
inline constexpr std::string_view kAuthorizationHeaderMalformed = "AuthorizationHeaderMalformed";            // S3
inline constexpr std::string_view kAuthorizationQueryParametersError = "AuthorizationQueryParametersError";  // S3
inline constexpr std::string_view kAccessForbidden = "AccessForbidden";                                      // S3, CORS
// The JSON protocols' spelling of the same refusals.
inline constexpr std::string_view kAccessDeniedException = "AccessDeniedException";
inline constexpr std::string_view kInvalidSignatureException = "InvalidSignatureException";
inline constexpr std::string_view kIncompleteSignatureException = "IncompleteSignatureException";
inline constexpr std::string_view kMissingAuthenticationTokenException = "MissingAuthenticationTokenException";
inline constexpr std::string_view kExpiredTokenException = "ExpiredTokenException";
inline constexpr std::string_view kUnrecognizedClientException = "UnrecognizedClientException";

// --- What came with the request.
inline constexpr std::string_view kInvalidRequest = "InvalidRequest";
inline constexpr std::string_view kBadRequest = "BadRequest";  // S3, CORS
inline constexpr std::string_view kInvalidArgument = "InvalidArgument";
inline constexpr std::string_view kMethodNotAllowed = "MethodNotAllowed";
inline constexpr std::string_view kNotImplemented = "NotImplemented";
inline constexpr std::string_view kRequestEntityTooLarge = "RequestEntityTooLarge";
inline constexpr std::string_view kUnknownService = "UnknownService";
inline constexpr std::string_view kServiceUnavailable = "ServiceUnavailable";
inline constexpr std::string_view kSlowDown = "SlowDown";  // S3's word for "come back later"
inline constexpr std::string_view kInternalError = "InternalError";

// --- The body, as S3 names what is wrong with it.
inline constexpr std::string_view kBadDigest = "BadDigest";
inline constexpr std::string_view kInvalidDigest = "InvalidDigest";
inline constexpr std::string_view kXAmzContentSha256Mismatch = "XAmzContentSHA256Mismatch";
inline constexpr std::string_view kInvalidChunkSizeError = "InvalidChunkSizeError";
inline constexpr std::string_view kMalformedTrailerError = "MalformedTrailerError";
inline constexpr std::string_view kMissingContentLength = "MissingContentLength";
inline constexpr std::string_view kEntityTooLarge = "EntityTooLarge";
inline constexpr std::string_view kMaxMessageLengthExceeded = "MaxMessageLengthExceeded";
inline constexpr std::string_view kEntityTooSmall = "EntityTooSmall";
inline constexpr std::string_view kIncompleteBodyError = "IncompleteBody";
// Of a browser's upload form.
inline constexpr std::string_view kMalformedPostRequest = "MalformedPOSTRequest";
inline constexpr std::string_view kMaxPostPreDataLengthExceeded = "MaxPostPreDataLengthExceeded";
inline constexpr std::string_view kInvalidPolicyDocument = "InvalidPolicyDocument";
inline constexpr std::string_view kRequestTimeout = "RequestTimeout";

}  // namespace meetinity::wire
