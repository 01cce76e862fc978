#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// OpenSSL's own handles, so that this header does not drag OpenSSL in.
struct ssl_ctx_st;
struct ssl_st;

namespace meetinity::net {

inline constexpr std::string_view kInvalidCertificate = "InvalidCertificate";

enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

struct TlsServerOptions {
  std::string certificate_chain_pem;  // leaf first
  std::string private_key_pem;
  TlsVersion minimum = TlsVersion::kTls12;
  TlsVersion maximum = TlsVersion::kTls13;
  std::string ciphers;       // OpenSSL list for TLS ≤ 1.2; empty: ECDHE with AES-GCM and CHACHA20
  std::string ciphersuites;  // OpenSSL list for TLS 1.3; empty: AES-128 first, as CloudFront
  std::vector<std::string> alpn = {"h2", "http/1.1"};  // in order of preference
};

// A certificate with its key and rules, ready for handshakes. Immutable; shared by all reactors. Session tickets are
// encrypted under keys that every context of the process shares, so a session resumes on any reactor.
class TlsServerContext {
 public:
  static Result<std::shared_ptr<const TlsServerContext>> Create(const TlsServerOptions& options);
  ~TlsServerContext();
  ssl_ctx_st* native() const { return context_; }
  // Gives an accepted session, whose ClientHello is being read, this certificate and these rules. False: no memory.
  bool Apply(ssl_st* session) const;

 private:
  TlsServerContext() = default;
  TlsVersion minimum_ = TlsVersion::kTls12;
  TlsVersion maximum_ = TlsVersion::kTls13;
  std::string ciphers_;
  std::string ciphersuites_;
  std::string alpn_;  // as TLS carries it
  ssl_ctx_st* context_ = nullptr;
};

struct TlsClientOptions {
  std::string ca_bundle_pem;  // empty: the system's
  std::string server_name;    // SNI, and the name that the certificate must carry
  std::vector<std::string> alpn = {"http/1.1"};
  TlsVersion minimum = TlsVersion::kTls12;
  // False: takes any certificate, as who balances over servers it knows by address does; the name may then be empty.
  bool verifies = true;
};

class TlsClientContext {
 public:
  static Result<std::shared_ptr<const TlsClientContext>> Create(const TlsClientOptions& options);
  ~TlsClientContext();
  ssl_ctx_st* native() const { return context_; }
  // A session that sends the server's name and verifies it. The caller owns it; null when memory is short.
  ssl_st* NewSession() const;
  const TlsClientOptions& options() const { return options_; }

 private:
  TlsClientContext() = default;
  TlsClientOptions options_;
  ssl_ctx_st* context_ = nullptr;
};

// Picks the certificate for a handshake by server name (lower case, may be empty). Null refuses the handshake with
// the alert unrecognized_name. Called on reactor threads, at the same time from several.
class CertificateSelector {
 public:
  virtual ~CertificateSelector() = default;
  virtual std::shared_ptr<const TlsServerContext> Select(std::string_view server_name) = 0;
};

}  // namespace meetinity::net
