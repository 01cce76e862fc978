#pragma once

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "net/raw_client.h"

namespace meetinity::net {

// For tests: a TLS client that asks for exactly what a test wants, trusts everybody, and tells what it got.
class TlsProbe {
 public:
  struct Wish {
    std::string server_name = {};
    std::string alpn = {};  // as TLS carries it: "\x02h2"
    int minimum = TLS1_2_VERSION;
    int maximum = TLS1_3_VERSION;
    SSL_SESSION* session = nullptr;
  };

  TlsProbe(uint16_t port, const Wish& wish) : client_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions can be asked for at all
    SSL_CTX_set_min_proto_version(context_.get(), wish.minimum);
    SSL_CTX_set_max_proto_version(context_.get(), wish.maximum);
    ssl_ = {SSL_new(context_.get()), SSL_free};
    if (!wish.server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), wish.server_name.c_str());
    if (!wish.alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wish.alpn.data()),
                          static_cast<unsigned int>(wish.alpn.size()));
    }
    if (wish.session != nullptr) SSL_set_session(ssl_.get(), wish.session);
    SSL_set_fd(ssl_.get(), client_.fd());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  bool connected() const { return connected_; }
  // Else OpenSSL gives the session up with a connection that ends before the server's farewell is read.
  ~TlsProbe() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

  std::string version() const { return SSL_get_version(ssl_.get()); }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  std::string alpn() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  // Whether the certificate that was shown is for that name.
  bool ShownFor(const std::string& name) const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    return shown != nullptr && X509_check_host(shown.get(), name.data(), name.size(), 0, nullptr) == 1;
  }

  // Sends a request and reads until the server closes.
  std::string Ask(const std::string& request) {
    if (SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) <= 0) return "";
    std::string answer;
    char buffer[4'096];
    for (int got = 0; (got = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    closed_orderly_ = SSL_get_shutdown(ssl_.get()) == SSL_RECEIVED_SHUTDOWN;
    return answer;
  }
  bool closed_orderly() const { return closed_orderly_; }
  // What resumes this session later; after Ask, because TLS 1.3 sends it behind the handshake. Nullptr: cannot be.
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> Session() {
    return {SSL_get1_session(ssl_.get()), SSL_SESSION_free};
  }

 private:
  RawClient client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
  bool closed_orderly_ = false;
};

}  // namespace meetinity::net
