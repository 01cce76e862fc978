#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace meetinity::net {

class CertificateSelector;

// For TLS 1.2: forward secrecy and authenticated encryption. What accepted sessions begin with.
inline constexpr const char* kDefaultCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// For TLS 1.3, in the order of CloudFront's policies. OpenSSL's own begins with AES-256, which costs a third more a
// byte and guards nothing that the certificates' 128-bit curves would not give away first.
inline constexpr const char* kDefaultCiphersuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// Begins the server's side of TLS sessions: reads the ClientHello's server name and goes on with the certificate,
// versions and ciphers of the context that the selector picks. Thread-safe; the selector outlives it.
class TlsAcceptor {
 public:
  static Result<std::unique_ptr<TlsAcceptor>> Create(CertificateSelector& selector);
  ~TlsAcceptor();

  // The caller owns the session. Null when memory is short.
  ssl_st* NewSession() const;

  // The server name of an accepted session, lower case; empty without one.
  static std::string_view ServerName(const ssl_st* session);

 private:
  TlsAcceptor() = default;
  ssl_ctx_st* context_ = nullptr;
};

// OpenSSL's words for what failed last on this thread.
std::string LastTlsError();

}  // namespace meetinity::net
