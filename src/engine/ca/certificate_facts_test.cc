#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"
#include "engine/ca/certificate_authority.h"
#include "engine/ca/errors.h"

namespace meetinity::ca {
namespace {

class KeyPairTest : public testing::Test {
 protected:
  ~KeyPairTest() override { std::filesystem::remove_all(directory_); }

  FakeClock clock_;
  const std::string directory_ =
      std::filesystem::temp_directory_path() / ("ca-facts-" + RandomText(10, kLowerAlphanumeric));
  const std::unique_ptr<CertificateAuthority> authority_ = CertificateAuthority::Open(directory_, clock_).value();
  const IssuedCertificate one_ = authority_->Issue({"one.localhost"}, "EC-prime256v1", kDay).value();
  const IssuedCertificate two_ = authority_->Issue({"two.localhost"}, "EC-prime256v1", kDay).value();
};

TEST_F(KeyPairTest, RefusesAnotherCertificatesKey) {
  EXPECT_EQ(CheckKeyPair(one_.certificate_pem, two_.private_key_pem, "").error().name, kKeyDoesNotMatch);
}

TEST_F(KeyPairTest, RefusesAChainThatDoesNotLinkUp) {
  EXPECT_EQ(CheckKeyPair(one_.certificate_pem, one_.private_key_pem, two_.certificate_pem).error().name, kInvalidChain);
  EXPECT_EQ(CheckKeyPair(one_.certificate_pem, one_.private_key_pem, "junk").error().name, kInvalidChain);
  EXPECT_EQ(
      CheckKeyPair(one_.certificate_pem, one_.private_key_pem, one_.chain_pem + two_.certificate_pem).error().name,
      kInvalidChain);
}

TEST_F(KeyPairTest, RefusesWhatIsNoPem) {
  EXPECT_EQ(CheckKeyPair("junk", one_.private_key_pem, "").error().name, kInvalidCertificate);
  EXPECT_EQ(CheckKeyPair(one_.certificate_pem, "junk", "").error().name, kInvalidPrivateKey);
  EXPECT_EQ(ReadCertificate(one_.certificate_pem + two_.certificate_pem).error().name, kInvalidCertificate);
}

TEST_F(KeyPairTest, RefusesAnEncryptedKeyWithoutAskingForThePassphrase) {
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_EQ(CheckKeyPair(one_.certificate_pem, encrypted, "").error().name, kInvalidPrivateKey);
}

TEST(CoversName, ComparesWithoutRegardToCaseAndAFinalDot) {
  EXPECT_TRUE(CoversName({"www.example.com"}, "WWW.Example.com."));
  EXPECT_FALSE(CoversName({"www.example.com"}, "example.com"));
}

TEST(CoversName, AWildcardCoversExactlyOneLabel) {
  EXPECT_TRUE(CoversName({"*.example.com"}, "cdn.example.com"));
  EXPECT_FALSE(CoversName({"*.example.com"}, "a.cdn.example.com"));
  EXPECT_FALSE(CoversName({"*.example.com"}, "example.com"));
  EXPECT_FALSE(CoversName({"*.example.com"}, ".example.com"));
}

}  // namespace
}  // namespace meetinity::ca
