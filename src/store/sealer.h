#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::store {

// Encrypts the few secrets that must be kept recoverable (a signature needs the key itself), so that a copy of the
// database alone tells nothing. AES-256-GCM under a key file of the data directory. Thread-safe.
class Sealer {
 public:
  // Loads the key, or makes one (0600).
  static Result<std::unique_ptr<Sealer>> Open(const std::string& key_path);
  ~Sealer();

  // `context` names where the secret belongs ("iam key AKIA…") and is authenticated: a sealed text that is moved to
  // another record does not open there. Every call draws a fresh nonce. The result is base64 text.
  Result<std::string> Seal(std::string_view secret, std::string_view context) const;
  Result<std::string> Open(std::string_view sealed, std::string_view context) const;

 private:
  explicit Sealer(std::string key) : key_(std::move(key)) {}
  std::string key_;
};

}  // namespace meetinity::store
