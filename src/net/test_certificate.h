#pragma once

#include <string>

namespace meetinity::net {

// For tests: a certificate that signs itself, for one DNS name or numeric address, valid for a day.
struct TestCertificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

TestCertificate MakeTestCertificate(const std::string& name);

}  // namespace meetinity::net
