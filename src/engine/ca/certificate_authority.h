#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::ca {

struct IssuedCertificate {
  std::string certificate_pem;  // the leaf
  std::string chain_pem;        // what signed it, root last
  std::string private_key_pem;
};

// What a certificate says, read from its PEM.
struct CertificateFacts {
  std::string subject_common_name;
  std::vector<std::string> dns_names;  // subjectAltName
  std::string issuer, subject, serial_hex;
  std::string key_algorithm;        // "RSA-2048", "EC-prime256v1"
  std::string signature_algorithm;  // "SHA256WITHRSA"
  Instant not_before, not_after;
  std::string issuer_common_name;
  uint32_t key_usage = 0;  // RFC 5280's bits as OpenSSL has them (KU_…); all set when the extension is absent
  std::vector<std::string> extended_key_usage_oids;
  bool is_authority = false;
  bool is_self_signed = false;
};

// A local certificate authority whose root key lives in the data directory (0600). Thread-safe.
class CertificateAuthority {
 public:
  // Loads ca.pem and ca.key from `directory`, or makes them (EC P-256, ten years).
  static Result<std::unique_ptr<CertificateAuthority>> Open(std::string directory, const Clock& clock);
  virtual ~CertificateAuthority() = default;

  virtual std::string root_pem() const = 0;
  // A server certificate for DNS names and, where a name parses as one, IP addresses. `key_algorithm` is "RSA-2048" or
  // "EC-prime256v1"; browsers refuse lifetimes above 398 days.
  virtual Result<IssuedCertificate> Issue(const std::vector<std::string>& names, std::string_view key_algorithm,
                                          Duration lifetime) const = 0;
};

Result<CertificateFacts> ReadCertificate(std::string_view pem);
// Refuses unless `key_pem` is the private key of `certificate_pem`, and `chain_pem` (may be empty) links up.
Status CheckKeyPair(std::string_view certificate_pem, std::string_view key_pem, std::string_view chain_pem);
// The same key in PKCS #8, sealed by a passphrase (AES-256-CBC), as `openssl pkcs8` and web servers take it.
Result<std::string> EncryptKey(std::string_view key_pem, std::string_view passphrase);
// Whether a certificate's names cover `host`; a wildcard covers exactly one label (RFC 6125).
bool CoversName(const std::vector<std::string>& dns_names, std::string_view host);

}  // namespace meetinity::ca
