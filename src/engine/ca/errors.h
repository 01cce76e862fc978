#pragma once

#include <string_view>

// Every refusal of this room.
namespace meetinity::ca {

inline constexpr std::string_view kInvalidCertificate = "InvalidCertificate";
inline constexpr std::string_view kInvalidPrivateKey = "InvalidPrivateKey";
inline constexpr std::string_view kKeyDoesNotMatch = "KeyDoesNotMatchCertificate";
inline constexpr std::string_view kInvalidChain = "InvalidCertificateChain";
inline constexpr std::string_view kInvalidCertificateName = "InvalidCertificateName";
inline constexpr std::string_view kUnknownKeyAlgorithm = "UnknownKeyAlgorithm";
// The authority's own certificate is not valid at this time, or its files do not belong together.
inline constexpr std::string_view kAuthorityUnusable = "CertificateAuthorityUnusable";

}  // namespace meetinity::ca
