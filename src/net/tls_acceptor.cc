#include "net/tls_acceptor.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <new>
#include <string>

#include "base/check.h"
#include "net/tls.h"

namespace meetinity::net {

namespace {

// OpenSSL's layout: a name, an HMAC key and an AES key.
constexpr size_t kTicketKeyBytes = 80;

// DNS's own bound (RFC 1035, section 2.3.4).
constexpr size_t kServerNameMax = 255;

// Random anew in every process: tickets do not survive a restart, and nothing secret is kept on disk.
const std::array<unsigned char, kTicketKeyBytes>& TicketKeys() {
  static const std::array<unsigned char, kTicketKeyBytes> kKeys = [] {
    std::array<unsigned char, kTicketKeyBytes> keys{};
    CHECK(RAND_bytes(keys.data(), static_cast<int>(keys.size())) == 1);
    return keys;
  }();
  return kKeys;
}

void FreeServerName(void*, void* value, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(value); }

int ServerNameIndex() {
  static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeServerName);
  return kIndex;
}

// The host_name of the server_name extension (RFC 6066, section 3), lower case. Empty when there is none.
Result<std::string> ParseServerName(SSL* session) {
  const unsigned char* bytes = nullptr;
  size_t size = 0;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &bytes, &size) != 1) return std::string();
  // list length (2), type (1), name length (2), name
  const auto u16 = [&](size_t at) { return static_cast<size_t>(bytes[at]) << 8 | bytes[at + 1]; };
  const Error malformed{Kind::kInvalid, kInvalidCertificate, "malformed server_name"};
  if (size < 5 || u16(0) != size - 2 || bytes[2] != TLSEXT_NAMETYPE_host_name) return malformed;
  const size_t length = u16(3);
  if (length == 0 || length > kServerNameMax || length > size - 5) return malformed;
  std::string name(reinterpret_cast<const char*>(bytes) + 5, length);
  for (char& c : name) {
    if (c <= ' ' || c >= 0x7f) return malformed;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return name;
}

// Runs when the ClientHello is complete and before anything is decided from it: the one moment at which a session can
// take another context's versions and ciphers, too.
int OnClientHello(SSL* session, int* alert, void* argument) {
  Result<std::string> name = ParseServerName(session);
  if (!name.ok()) {
    *alert = SSL_AD_DECODE_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const auto context = static_cast<CertificateSelector*>(argument)->Select(*name);
  if (context == nullptr) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  // A HelloRetryRequest brings a second ClientHello: the first name's string must not leak.
  FreeServerName(nullptr, SSL_get_ex_data(session, ServerNameIndex()), nullptr, 0, 0, nullptr);
  auto kept = std::make_unique<std::string>(std::move(name).value());
  if (SSL_set_ex_data(session, ServerNameIndex(), kept.get()) != 1 || !context->Apply(session)) {
    SSL_set_ex_data(session, ServerNameIndex(), nullptr);
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  static_cast<void>(kept.release());  // the session frees it: FreeServerName
  return SSL_CLIENT_HELLO_SUCCESS;
}

// The name was judged above; this acknowledges it, and OpenSSL then binds TLS 1.2 sessions to it.
int AcceptServerName(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

}  // namespace

Result<std::unique_ptr<TlsAcceptor>> TlsAcceptor::Create(CertificateSelector& selector) {
  ERR_clear_error();
  std::unique_ptr<TlsAcceptor> acceptor(new TlsAcceptor);
  acceptor->context_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX* context = acceptor->context_;
  if (context == nullptr) return Internal(LastTlsError());
  // The widest range; each certificate's context narrows it.
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
  if (SSL_CTX_set_cipher_list(context, kDefaultCiphers) != 1 ||
      SSL_CTX_set_ciphersuites(context, kDefaultCiphersuites) != 1) {
    return Internal(LastTlsError());
  }
  // Tickets only: a cache would be shared state under a lock.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  auto keys = TicketKeys();
  if (SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), keys.size()) != 1) return Internal(LastTlsError());
  SSL_CTX_set_client_hello_cb(context, OnClientHello, &selector);
  SSL_CTX_set_tlsext_servername_callback(context, AcceptServerName);
  return acceptor;
}

TlsAcceptor::~TlsAcceptor() { SSL_CTX_free(context_); }

ssl_st* TlsAcceptor::NewSession() const {
  SSL* session = SSL_new(context_);
  if (session != nullptr) SSL_set_accept_state(session);
  return session;
}

std::string_view TlsAcceptor::ServerName(const ssl_st* session) {
  const auto* name = static_cast<const std::string*>(SSL_get_ex_data(session, ServerNameIndex()));
  return name == nullptr ? std::string_view() : std::string_view(*name);
}

}  // namespace meetinity::net
