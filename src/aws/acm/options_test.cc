#include <gmock/gmock.h>

#include "aws/acm/errors.h"
#include "aws/acm/testing_acm.h"

namespace meetinity::acm {
namespace {

using testing::HasSubstr;

class OptionsTest : public AcmTest {
 protected:
  std::string Exportable() {
    CertificateOptions options;
    options.export_ = CertificateExport::kEnabled;
    return Request({.domain_name = "cdn.localhost", .key_algorithm = "EC_prime256v1", .options = options});
  }
  auto Export(const std::string& arn, const std::string& passphrase = "sesame sesame") {
    return acm_->ExportCertificate(Call(), {.certificate_arn = arn, .passphrase = passphrase});
  }
  std::string_view Refusal(const auto& result) { return result.ok() ? "accepted" : result.error().name; }
};

TEST_F(OptionsTest, AnExportableCertificateLeavesWithItsKeyUnderAPassphrase) {
  const std::string arn = Exportable();
  EXPECT_EQ(Describe(arn).options->export_, "ENABLED");
  EXPECT_EQ(Describe(arn).renewal_eligibility, RenewalEligibility::kIneligible);
  const auto taken = Export(arn);
  ASSERT_TRUE(taken.ok()) << taken.error().detail;
  EXPECT_THAT(*taken->private_key, HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));
  EXPECT_EQ(taken->certificate, acm_->GetMaterial(arn)->certificate_pem);
  EXPECT_EQ(taken->certificate_chain, acm_->GetMaterial(arn)->chain_pem);
  EXPECT_EQ(Describe(arn).renewal_eligibility, RenewalEligibility::kEligible);
  EXPECT_TRUE(*acm_->ListCertificates(Call(), {})->certificate_summary_list->front().exported);
}

TEST_F(OptionsTest, OthersStay) {
  EXPECT_EQ(Refusal(Export(Request({.domain_name = "cdn.localhost"}))), kValidation);
  EXPECT_EQ(Refusal(Export(Import(Issue("cdn.localhost")))), kValidation);
  EXPECT_EQ(Refusal(Export(Exportable(), "no#sign")), kValidation);
  EXPECT_EQ(Refusal(Export("arn:aws:acm:us-east-1:123456789012:certificate/none")), kResourceNotFound);
  EXPECT_EQ(Refusal(Export("arn:aws:s3:::site")), kInvalidArnException);
}

TEST_F(OptionsTest, MayBeChangedLater) {
  const std::string arn = Request({.domain_name = "cdn.localhost"});
  UpdateCertificateOptionsInput in{.certificate_arn = arn, .options = {}};
  in.options.export_ = CertificateExport::kEnabled;
  ASSERT_TRUE(acm_->UpdateCertificateOptions(Call(), in).ok());
  EXPECT_TRUE(Export(arn).ok());
  in.options = {};
  in.options.certificate_transparency_logging_preference = "DISABLED";
  ASSERT_TRUE(acm_->UpdateCertificateOptions(Call(), in).ok());
  EXPECT_EQ(Describe(arn).options->certificate_transparency_logging_preference, "DISABLED");
  EXPECT_EQ(Describe(arn).options->export_, "ENABLED");
  in.certificate_arn = Import(Issue("cdn.localhost"));
  EXPECT_EQ(Refusal(acm_->UpdateCertificateOptions(Call(), in)), kInvalidState);
  in.certificate_arn = arn;
  clock_.Advance(400 * kDay);
  EXPECT_EQ(Refusal(acm_->UpdateCertificateOptions(Call(), in)), kInvalidState);
}

TEST_F(OptionsTest, WhatWasExportedIsRenewedOnRequest) {
  const std::string arn = Exportable();
  EXPECT_EQ(Refusal(acm_->RenewCertificate(Call(), {.certificate_arn = arn})), kValidation);
  const std::string first = *Export(arn)->certificate;
  ASSERT_TRUE(acm_->RenewCertificate(Call(), {.certificate_arn = arn}).ok());
  EXPECT_NE(acm_->GetMaterial(arn)->certificate_pem, first);
  EXPECT_EQ(replaced_, std::vector<std::string>{arn});
  EXPECT_FALSE(*acm_->ListCertificates(Call(), {})->certificate_summary_list->front().exported);
}

TEST_F(OptionsTest, NobodyWaitsForAMail) {
  const std::string arn = Request({.domain_name = "cdn.localhost"});
  ResendValidationEmailInput in{.certificate_arn = arn, .domain = "cdn.localhost", .validation_domain = "localhost"};
  EXPECT_EQ(Refusal(acm_->ResendValidationEmail(Call(), in)), kInvalidState);
  in.domain = "other.localhost";
  EXPECT_EQ(Refusal(acm_->ResendValidationEmail(Call(), in)), kInvalidDomainValidationOptions);
}

TEST_F(OptionsTest, AreWhatListsAreFilteredBy) {
  const std::string exportable = Exportable();
  const std::string plain = Request({.domain_name = "cdn.localhost", .key_algorithm = "EC_prime256v1"});
  const auto listed = [&](const Filters& filters) {
    std::vector<std::string> arns;
    ListCertificatesInput in;
    in.includes = filters;
    const auto page = acm_->ListCertificates(Call(), in);
    for (const auto& summary : *page->certificate_summary_list) {
      arns.push_back(*summary.certificate_arn);
    }
    return arns.size() == 1 ? (arns.front() == plain ? "plain" : "exportable") : std::to_string(arns.size());
  };
  EXPECT_EQ(listed({.export_option = "ENABLED"}), "exportable");
  EXPECT_EQ(listed({.export_option = "DISABLED"}), "plain");
  EXPECT_EQ(listed({.managed_by = "CLOUDFRONT"}), "0");
  EXPECT_EQ(listed({.key_usage = std::vector<std::string>{"DIGITAL_SIGNATURE"}}), "2");
  EXPECT_EQ(listed({.key_usage = std::vector<std::string>{"CRL_SIGNING"}}), "0");
  EXPECT_EQ(listed({.extended_key_usage = std::vector<std::string>{"TLS_WEB_SERVER_AUTHENTICATION"}}), "2");
  EXPECT_EQ(listed({.extended_key_usage = std::vector<std::string>{"CODE_SIGNING"}}), "0");
}

}  // namespace
}  // namespace meetinity::acm
