#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "wire/auth.h"

// For tests of signatures.
namespace meetinity::wire {

inline constexpr std::string_view kAccessKey = "AKIAIOSFODNN7EXAMPLE";
inline constexpr std::string_view kToken = "FwoGZXIvYXdzEXAMPLE//token+1==";

// The key of AWS's published examples, and the same with a session token when the request brings one.
class ExampleCredentials : public CredentialSource {
 public:
  std::shared_ptr<const Credential> Find(std::string_view access_key_id) const override {
    if (access_key_id != kAccessKey) return nullptr;
    Credential credential;
    credential.access_key_id = kAccessKey;
    credential.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    if (with_token) credential.session_token = kToken;
    return std::make_shared<const Credential>(std::move(credential));
  }
  bool with_token = false;
};

}  // namespace meetinity::wire
