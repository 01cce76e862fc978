#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "aws/acm/errors.h"
#include "aws/acm/testing_acm.h"

namespace meetinity::acm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(AcmTest, ARequestedCertificateIsIssuedAtOnceByTheLocalAuthority) {
  const std::string arn = Request({.domain_name = "cdn.localhost",
                                   .subject_alternative_names = std::vector<std::string>{"*.cdn.localhost"},
                                   .validation_method = "DNS"});
  EXPECT_THAT(arn, StartsWith("arn:aws:acm:us-east-1:123456789012:certificate/"));
  const CertificateDetail detail = Describe(arn);
  EXPECT_EQ(detail.status, CertificateStatus::kIssued);
  EXPECT_EQ(detail.type, CertificateType::kAmazonIssued);
  EXPECT_EQ(detail.key_algorithm, KeyAlgorithm::kRsa2048);
  EXPECT_THAT(*detail.subject_alternative_names, ElementsAre("cdn.localhost", "*.cdn.localhost"));
  const CertificateMaterial material = acm_->GetMaterial(arn).value();
  EXPECT_TRUE(ca::CheckKeyPair(material.certificate_pem, material.private_key_pem, material.chain_pem).ok());
  EXPECT_EQ(material.region, "us-east-1");
  EXPECT_THAT(material.dns_names, ElementsAre("cdn.localhost", "*.cdn.localhost"));
}

TEST_F(AcmTest, ANameAndItsWildcardShareOneValidationRecord) {
  const CertificateDetail detail =
      Describe(Request({.domain_name = "cdn.localhost",
                        .subject_alternative_names = std::vector<std::string>{"*.cdn.localhost", "www.localhost"},
                        .validation_method = "DNS"}));
  const auto& validations = *detail.domain_validation_options;
  ASSERT_EQ(validations.size(), 3U);
  EXPECT_EQ(validations[0].resource_record->name, validations[1].resource_record->name);
  EXPECT_NE(validations[0].resource_record->name, validations[2].resource_record->name);
  EXPECT_THAT(validations[0].resource_record->name, HasSubstr(".cdn.localhost."));
  EXPECT_THAT(validations[0].resource_record->value, HasSubstr(".acm-validations.aws."));
}

TEST_F(AcmTest, ATokenStandsForItsRequestForAnHour) {
  const RequestCertificateInput in{.domain_name = "cdn.localhost", .idempotency_token = "once"};
  const std::string first = Request(in);
  EXPECT_EQ(Request(in), first);
  RequestCertificateInput other = in;
  other.domain_name = "www.localhost";
  EXPECT_NE(Request(other), first);
  EXPECT_NE(*acm_->RequestCertificate(Call("eu-west-1"), in)->certificate_arn, first);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_NE(Request(in), first);
}

TEST_F(AcmTest, KeepsTheOptionsThatWereAskedFor) {
  CertificateOptions options;
  options.certificate_transparency_logging_preference = "DISABLED";
  const std::string arn = Request({.domain_name = "cdn.localhost", .options = options});
  EXPECT_EQ(Describe(arn).options->certificate_transparency_logging_preference, "DISABLED");
}

TEST_F(AcmTest, RefusesRequestsThatItCannotFulfil) {
  const auto refusal = [&](const RequestCertificateInput& in) {
    return acm_->RequestCertificate(Call(), in).error().name;
  };
  EXPECT_EQ(refusal({.domain_name = "cdn.localhost", .key_algorithm = "RSA_4096"}), kInvalidParameter);
  EXPECT_EQ(refusal({.certificate_authority_arn = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/x",
                     .domain_name = "cdn.localhost"}),
            kInvalidParameter);
  EXPECT_EQ(refusal({.domain_name = "-cdn.localhost"}), kInvalidDomainValidationOptions);
}

TEST_F(AcmTest, RenewsSixtyDaysBeforeTheEndAndKeepsTheArn) {
  for (const std::string algorithm : {"RSA_2048", "EC_prime256v1", "EC_secp384r1"}) {
    const std::string arn = Request({.domain_name = "cdn.localhost", .key_algorithm = algorithm});
    const CertificateMaterial before = acm_->GetMaterial(arn).value();
    EXPECT_FALSE(Describe(arn).renewal_summary);
    clock_.Advance(before.not_after - clock_.Now() - 60 * kDay);
    EXPECT_EQ(acm_->RenewDue().value(), 0);
    clock_.Advance(std::chrono::seconds(1));
    EXPECT_EQ(acm_->RenewDue().value(), 1);
    const CertificateMaterial after = acm_->GetMaterial(arn).value();
    EXPECT_GT(after.not_after, before.not_after);
    EXPECT_EQ(after.key_algorithm, algorithm);
    EXPECT_TRUE(ca::CheckKeyPair(after.certificate_pem, after.private_key_pem, after.chain_pem).ok());
    EXPECT_THAT(replaced_, ElementsAre(arn));
    replaced_.clear();
    const CertificateDetail detail = Describe(arn);
    EXPECT_EQ(detail.renewal_summary->renewal_status, RenewalStatus::kSuccess);
    EXPECT_EQ(detail.renewal_summary->updated_at, after.not_before);
    EXPECT_EQ(detail.renewal_summary->domain_validation_options.size(), 1U);
    ASSERT_TRUE(acm_->DeleteCertificate(Call(), {.certificate_arn = arn}).ok());
  }
}

TEST_F(AcmTest, NeverRenewsWhatWasImported) {
  const std::string arn = Import(Issue("cdn.localhost"));
  clock_.Advance(90 * kDay);
  EXPECT_EQ(acm_->RenewDue().value(), 0);
  EXPECT_EQ(Describe(arn).status, CertificateStatus::kExpired);
}

TEST_F(AcmTest, AnImportedCertificateSaysWhatItIs) {
  const ca::IssuedCertificate issued = Issue("cdn.localhost");
  const CertificateDetail detail = Describe(Import(issued));
  EXPECT_EQ(detail.status, CertificateStatus::kIssued);
  EXPECT_EQ(detail.type, CertificateType::kImported);
  EXPECT_EQ(detail.domain_name, "cdn.localhost");
  EXPECT_EQ(detail.key_algorithm, KeyAlgorithm::kECPrime256v1);
  EXPECT_EQ(detail.signature_algorithm, "SHA256WITHECDSA");
  EXPECT_EQ(detail.serial->size(), 16 * 3 - 1U);
  EXPECT_EQ(detail.serial->at(2), ':');
  ASSERT_EQ(detail.key_usages->size(), 1U);
  EXPECT_EQ(detail.extended_key_usages->at(0).oid, "1.3.6.1.5.5.7.3.1");
  EXPECT_EQ(detail.imported_at, clock_.Now());
  EXPECT_FALSE(detail.domain_validation_options);
}

TEST_F(AcmTest, AReimportKeepsTheArnAndTellsItsUsers) {
  const std::string arn = Import(Issue("cdn.localhost"));
  const ca::IssuedCertificate newer = Issue("cdn.localhost");
  ImportCertificateInput again = ToImport(newer);
  again.certificate_arn = arn;
  ASSERT_TRUE(acm_->ImportCertificate(Call(), again).ok());
  EXPECT_EQ(acm_->GetMaterial(arn)->certificate_pem, newer.certificate_pem);
  EXPECT_THAT(replaced_, ElementsAre(arn));
  again.certificate_arn = Request({.domain_name = "cdn.localhost"});
  EXPECT_EQ(acm_->ImportCertificate(Call(), again).error().name, kValidation);
  again.certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/none";
  EXPECT_EQ(acm_->ImportCertificate(Call(), again).error().name, kResourceNotFound);
}

TEST_F(AcmTest, RefusesImportsThatDoNotBelongTogether) {
  const ca::IssuedCertificate one = Issue("one.localhost");
  const ca::IssuedCertificate two = Issue("two.localhost");
  const auto refusal = [&](std::string ImportCertificateInput::*member, const std::string& value) {
    ImportCertificateInput in = ToImport(one);
    in.*member = value;
    const auto imported = acm_->ImportCertificate(Call(), in);
    EXPECT_EQ(imported.error().name, kValidation);
    return imported.error().detail;
  };
  EXPECT_THAT(refusal(&ImportCertificateInput::private_key, two.private_key_pem), HasSubstr("does not match"));
  EXPECT_THAT(refusal(&ImportCertificateInput::private_key, "junk"), HasSubstr("private key"));
  EXPECT_THAT(refusal(&ImportCertificateInput::certificate, "junk"), HasSubstr("PEM"));
  ImportCertificateInput in = ToImport(one);
  in.certificate_chain = two.certificate_pem;
  EXPECT_THAT(acm_->ImportCertificate(Call(), in).error().detail, HasSubstr("chain"));
  in.certificate_chain.reset();
  EXPECT_TRUE(acm_->ImportCertificate(Call(), in).ok());
}

TEST_F(AcmTest, RefusesWhatIsNotValidNow) {
  const ca::IssuedCertificate issued = Issue("cdn.localhost");
  clock_.Advance(90 * kDay);
  EXPECT_THAT(acm_->ImportCertificate(Call(), ToImport(issued)).error().detail, HasSubstr("expired"));
}

TEST_F(AcmTest, TheStoreDoesNotHoldAPrivateKeyInTheClear) {
  const std::string arn = Import(Issue("cdn.localhost"));
  Reopen();
  EXPECT_THAT(acm_->GetMaterial(arn)->private_key_pem, HasSubstr("BEGIN PRIVATE KEY"));
  acm_.reset();
  database_.reset();
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    if (!file.path().filename().string().starts_with("state.db")) continue;
    std::stringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(bytes.str().find("PRIVATE KEY"), std::string::npos);
  }
}

}  // namespace
}  // namespace meetinity::acm
