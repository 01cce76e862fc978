#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ca/openssl.h"

namespace meetinity::ca {

// "RSA-2048", "RSA-3072", "RSA-4096", "EC-prime256v1", "EC-secp384r1" or "EC-secp521r1"; kUnknownKeyAlgorithm
// otherwise.
Result<KeyPtr> MakeKey(std::string_view algorithm);

// A self-signed authority that may sign leaves and nothing else; valid for ten years.
Result<X509Ptr> MakeRoot(EVP_PKEY* key, Instant now);

// A server's certificate, valid from a little before `now`, and never beyond the root.
Result<X509Ptr> MakeLeaf(const std::vector<std::string>& names, EVP_PKEY* key, X509& root, EVP_PKEY& root_key,
                         Instant now, Duration lifetime);

}  // namespace meetinity::ca
