#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace meetinity::net {

// For tests: a certificate that signs itself, for one DNS name or numeric address, valid for a day.
struct TestCertificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

TestCertificate MakeTestCertificate(const std::string& name);

// Shows one certificate to everybody. For tests.
class OneCertificate : public CertificateSelector {
 public:
  explicit OneCertificate(const TestCertificate& certificate, TlsServerOptions options = {}) {
    options.certificate_chain_pem = certificate.certificate_pem;
    options.private_key_pem = certificate.private_key_pem;
    context_ = TlsServerContext::Create(options).value();
  }
  std::shared_ptr<const TlsServerContext> Select(std::string_view) override { return context_; }
  const std::shared_ptr<const TlsServerContext>& context() const { return context_; }

 private:
  std::shared_ptr<const TlsServerContext> context_;
};

}  // namespace meetinity::net
