#include "engine/ca/certificate_authority.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "engine/ca/errors.h"
#include "engine/ca/openssl.h"

namespace meetinity::ca {
namespace {

class CertificateAuthorityTest : public testing::Test {
 protected:
  ~CertificateAuthorityTest() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<CertificateAuthority> Open() { return CertificateAuthority::Open(directory_, clock_).value(); }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("ca-" + RandomText(10, kLowerAlphanumeric));
};

TEST_F(CertificateAuthorityTest, RootIsAnAuthorityForTenYears) {
  const CertificateFacts root = ReadCertificate(Open()->root_pem()).value();
  EXPECT_TRUE(root.is_authority);
  EXPECT_TRUE(root.is_self_signed);
  EXPECT_EQ(root.key_algorithm, "EC-prime256v1");
  EXPECT_LT(root.not_before, clock_.Now());
  EXPECT_EQ(root.not_after, clock_.Now() + 3652 * kDay);
}

TEST_F(CertificateAuthorityTest, KeepsItsRootAcrossRestarts) {
  const std::string root = Open()->root_pem();
  EXPECT_EQ(Open()->root_pem(), root);
}

TEST_F(CertificateAuthorityTest, KeyIsForTheOwnerAlone) {
  Open();
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "ca.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(CertificateAuthorityTest, RefusesARootWithoutItsKey) {
  Open();
  std::filesystem::remove(directory_ / "ca.key");
  EXPECT_EQ(CertificateAuthority::Open(directory_, clock_).error().name, kAuthorityUnusable);
}

TEST_F(CertificateAuthorityTest, RefusesAKeyOfAnotherRoot) {
  const auto authority = Open();
  std::ofstream(directory_ / "ca.key") << authority->Issue({"a.localhost"}, "EC-prime256v1", kDay)->private_key_pem;
  EXPECT_EQ(CertificateAuthority::Open(directory_, clock_).error().name, kAuthorityUnusable);
}

TEST_F(CertificateAuthorityTest, MakesAnewAfterACrashBetweenKeyAndRoot) {
  const std::string root = Open()->root_pem();
  std::filesystem::remove(directory_ / "ca.pem");
  EXPECT_NE(Open()->root_pem(), root);
}

TEST_F(CertificateAuthorityTest, LeafCarriesItsNamesAndIsSignedByTheRoot) {
  const auto authority = Open();
  for (const std::string algorithm : {"RSA-2048", "EC-prime256v1"}) {
    const IssuedCertificate issued =
        authority->Issue({"www.localhost", "*.cdn.localhost", "127.0.0.1", "::1"}, algorithm, 90 * kDay).value();
    const CertificateFacts facts = ReadCertificate(issued.certificate_pem).value();
    EXPECT_EQ(facts.subject_common_name, "www.localhost");
    EXPECT_EQ(facts.dns_names, (std::vector<std::string>{"www.localhost", "*.cdn.localhost", "127.0.0.1", "::1"}));
    EXPECT_EQ(facts.key_algorithm, algorithm);
    EXPECT_EQ(facts.signature_algorithm, "SHA256WITHECDSA");
    EXPECT_EQ(facts.not_after, clock_.Now() + 90 * kDay);
    EXPECT_LT(facts.not_before, clock_.Now());
    EXPECT_EQ(facts.extended_key_usage_oids, std::vector<std::string>{"1.3.6.1.5.5.7.3.1"});
    EXPECT_FALSE(facts.is_authority);
    EXPECT_EQ(issued.chain_pem, authority->root_pem());
    EXPECT_TRUE(CheckKeyPair(issued.certificate_pem, issued.private_key_pem, issued.chain_pem).ok());
  }
}

TEST_F(CertificateAuthorityTest, LeafPassesOpenSslsOwnVerification) {
  const auto authority = Open();
  const IssuedCertificate issued = authority->Issue({"www.localhost"}, "EC-prime256v1", 90 * kDay).value();
  const X509Ptr root = ParseCertificate(authority->root_pem()).value();
  const X509Ptr leaf = ParseCertificate(issued.certificate_pem).value();
  using StorePtr = std::unique_ptr<X509_STORE, FreeWith<&X509_STORE_free>>;
  using ContextPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<&X509_STORE_CTX_free>>;
  const StorePtr trusted(X509_STORE_new());
  X509_STORE_add_cert(trusted.get(), root.get());
  const ContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), trusted.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, clock_.Now().unix_seconds());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set1_host(parameters, "www.localhost", 0);
  EXPECT_EQ(X509_verify_cert(context.get()), 1)
      << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

TEST_F(CertificateAuthorityTest, SerialsAreLargeAndNeverTheSame) {
  const auto authority = Open();
  const auto serial = [&] {
    return ReadCertificate(authority->Issue({"a.localhost"}, "EC-prime256v1", kDay)->certificate_pem)->serial_hex;
  };
  EXPECT_EQ(serial().size(), 32U);
  EXPECT_NE(serial(), serial());
}

TEST_F(CertificateAuthorityTest, LeafNeverOutlivesTheRoot) {
  const auto authority = Open();
  clock_.Advance(3600 * kDay);
  const auto leaf = ReadCertificate(authority->Issue({"a.localhost"}, "EC-prime256v1", 398 * kDay)->certificate_pem);
  EXPECT_EQ(leaf->not_after, ReadCertificate(authority->root_pem())->not_after);
  clock_.Advance(60 * kDay);
  EXPECT_EQ(authority->Issue({"a.localhost"}, "EC-prime256v1", kDay).error().name, kAuthorityUnusable);
}

TEST_F(CertificateAuthorityTest, RefusesWhatIsNoName) {
  const auto authority = Open();
  for (const std::string name : {"", "a b", "-a.localhost", "a..b", "*.*.localhost", "a.localhost, DNS:evil.test"}) {
    EXPECT_EQ(authority->Issue({name}, "EC-prime256v1", kDay).error().name, kInvalidCertificateName) << name;
  }
  EXPECT_EQ(authority->Issue({}, "EC-prime256v1", kDay).error().name, kInvalidCertificateName);
  EXPECT_EQ(authority->Issue({"a.localhost"}, "DSA", kDay).error().name, kUnknownKeyAlgorithm);
}

}  // namespace
}  // namespace meetinity::ca
