#include "net/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "net/tls_acceptor.h"

namespace meetinity::net {

namespace {

constexpr const char* kGroups = "X25519:P-256:P-384";

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, BioFree>;
using X509Ptr = std::unique_ptr<X509, X509Free>;
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyFree>;

int ToNative(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return TLS1_VERSION;
    case TlsVersion::kTls11:
      return TLS1_1_VERSION;
    case TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case TlsVersion::kTls13:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

// Signatures of TLS 1.0 and 1.1 are SHA-1, which OpenSSL 3 admits on level 0 only.
int SecurityLevel(TlsVersion minimum) { return minimum < TlsVersion::kTls12 ? 0 : 1; }

BioPtr ReadOnly(const std::string& pem) { return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

Error RefuseTls(std::string_view what) {
  return Error{Kind::kInvalid, kInvalidCertificate, fmt::format("{}: {}", what, LastTlsError())};
}

// A PEM file with a pass phrase must not make the server ask for it on its terminal.
int NoPassPhrase(char*, int, int, void*) { return 0; }

Status UseCertificate(SSL_CTX* context, const TlsServerOptions& options) {
  const BioPtr chain = ReadOnly(options.certificate_chain_pem);
  const X509Ptr leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, NoPassPhrase, nullptr));
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1) return RefuseTls("the certificate");
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, NoPassPhrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return RefuseTls("the certificate's chain");
    }
  }
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return RefuseTls("the certificate's chain");
  }
  ERR_clear_error();
  const BioPtr key_bytes = ReadOnly(options.private_key_pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr) return RefuseTls("the private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return RefuseTls("the private key does not belong to the certificate");
  }
  return {};
}

// Each name behind its length, as TLS carries the list.
std::string ToAlpnWire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire.push_back(static_cast<char>(name.size()));
    wire += name;
  }
  return wire;
}

// A client that offers nothing of ours gets no ALPN, and HTTP/1.1 then.
int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
               unsigned int offered_size, void* argument) {
  const auto& ours = *static_cast<const std::string*>(argument);
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

void SetBuffering(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no 16 KiB buffers
}

}  // namespace

std::string LastTlsError() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (error == 0) return "the peer closed the connection";
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : fmt::format("error {:#x}", error);
}

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::Create(const TlsServerOptions& options) {
  ERR_clear_error();
  std::shared_ptr<TlsServerContext> made(new TlsServerContext);
  made->minimum_ = options.minimum;
  made->maximum_ = options.maximum;
  made->ciphers_ = options.ciphers.empty() ? kDefaultCiphers : options.ciphers;
  made->ciphersuites_ = options.ciphersuites;
  made->alpn_ = ToAlpnWire(options.alpn);
  made->context_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX* context = made->context_;
  if (context == nullptr) return Internal(LastTlsError());
  SSL_CTX_set_security_level(context, SecurityLevel(options.minimum));
  if (SSL_CTX_set_cipher_list(context, made->ciphers_.c_str()) != 1) return RefuseTls("the ciphers");
  if (!options.ciphersuites.empty() && SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str()) != 1) {
    return RefuseTls("the cipher suites of TLS 1.3");
  }
  SSL_CTX_set1_groups_list(context, kGroups);
  SetBuffering(context);
  if (!made->alpn_.empty()) SSL_CTX_set_alpn_select_cb(context, SelectAlpn, &made->alpn_);
  TRY(UseCertificate(context, options));
  return std::shared_ptr<const TlsServerContext>(std::move(made));
}

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

bool TlsServerContext::Apply(ssl_st* session) const {
  // Changing the context brings the certificate, the security level and ALPN; the rest a session copied when it was
  // made, from the acceptor's context, and has to be told.
  if (SSL_set_SSL_CTX(session, context_) == nullptr) return false;
  SSL_set_min_proto_version(session, ToNative(minimum_));
  if (maximum_ != TlsVersion::kTls13) SSL_set_max_proto_version(session, ToNative(maximum_));
  // Parsing the list costs a tenth of a handshake, and nearly every session has the default already.
  if (ciphers_ != kDefaultCiphers && SSL_set_cipher_list(session, ciphers_.c_str()) != 1) return false;
  return ciphersuites_.empty() || SSL_set_ciphersuites(session, ciphersuites_.c_str()) == 1;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::Create(const TlsClientOptions& options) {
  ERR_clear_error();
  std::shared_ptr<TlsClientContext> made(new TlsClientContext);
  made->options_ = options;
  made->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* context = made->context_;
  if (context == nullptr) return Internal(LastTlsError());
  SSL_CTX_set_security_level(context, SecurityLevel(options.minimum));
  SSL_CTX_set_min_proto_version(context, ToNative(options.minimum));
  SSL_CTX_set1_groups_list(context, kGroups);
  SetBuffering(context);
  if (!options.verifies) {
    // Nothing to verify with.
  } else if (options.ca_bundle_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) return RefuseTls("the system's certificates");
  } else {
    const BioPtr bundle = ReadOnly(options.ca_bundle_pem);
    size_t count = 0;
    for (;; ++count) {
      const X509Ptr authority(PEM_read_bio_X509(bundle.get(), nullptr, NoPassPhrase, nullptr));
      if (authority == nullptr || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1) break;
    }
    if (count == 0) return RefuseTls("the bundle of authorities");
    ERR_clear_error();
  }
  SSL_CTX_set_verify(context, options.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const std::string alpn = ToAlpnWire(options.alpn);
  // This one function of OpenSSL returns 0 for success.
  if (!alpn.empty() && SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn.data()),
                                               static_cast<unsigned int>(alpn.size())) != 0) {
    return Internal(LastTlsError());
  }
  return std::shared_ptr<const TlsClientContext>(std::move(made));
}

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

ssl_st* TlsClientContext::NewSession() const {
  SSL* session = SSL_new(context_);
  if (session == nullptr) return nullptr;
  SSL_set_connect_state(session);
  if (!options_.verifies && options_.server_name.empty()) return session;
  const char* name = options_.server_name.c_str();
  in6_addr address{};
  const bool is_address = inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
  // RFC 6066, section 3: SNI carries names only; a certificate for an address names it as such.
  const bool done = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
                               : SSL_set_tlsext_host_name(session, name) == 1 && SSL_set1_host(session, name) == 1;
  if (done && !options_.server_name.empty()) return session;
  SSL_free(session);
  return nullptr;
}

}  // namespace meetinity::net
