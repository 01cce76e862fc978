#include <gmock/gmock.h>

#include <set>
#include <utility>

#include "aws/acm/errors.h"
#include "aws/acm/testing_acm.h"

// Certificates whose names a zone of ours is responsible for.
namespace meetinity::acm {
namespace {

class Validation : public AcmTest {
 protected:
  Validation() {
    acm_->AskZones([this](const store::ReadTx&, std::string_view name, std::string_view value) -> Result<bool> {
      return name.ends_with(".example.com.") && !records_.contains({std::string(name), std::string(value)});
    });
  }
  RequestCertificateInput Wanted(std::string domain = "www.example.com") const {
    RequestCertificateInput in;
    in.domain_name = std::move(domain);
    in.subject_alternative_names = std::vector<std::string>{"api.example.com"};
    in.validation_method = "DNS";
    return in;
  }
  void AddRecord(const DomainValidation& validation) {
    records_.emplace(validation.resource_record->name, validation.resource_record->value);
  }

  std::set<std::pair<std::string, std::string>> records_;
};

TEST_F(Validation, AwaitsTheRecordsOfEveryName) {
  const std::string arn = Request(Wanted());
  CertificateDetail detail = Describe(arn);
  EXPECT_EQ(detail.status, CertificateStatus::kPendingValidation);
  EXPECT_EQ(detail.domain_name, "www.example.com");
  EXPECT_EQ(detail.key_algorithm, KeyAlgorithm::kRsa2048);
  EXPECT_FALSE(detail.issued_at || detail.not_after || detail.serial);
  ASSERT_EQ(detail.domain_validation_options->size(), 2U);
  for (const DomainValidation& one : *detail.domain_validation_options) {
    EXPECT_EQ(one.validation_status, DomainStatus::kPendingValidation);
  }
  AddRecord(detail.domain_validation_options->front());
  EXPECT_EQ(*acm_->IssueValidated(), 0);
  AddRecord(detail.domain_validation_options->back());
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(*acm_->IssueValidated(), 1);
  detail = Describe(arn);
  EXPECT_EQ(detail.status, CertificateStatus::kIssued);
  EXPECT_EQ(detail.issued_at, clock_.Now());
  EXPECT_FALSE(detail.renewal_summary);
  EXPECT_EQ(detail.domain_validation_options->front().validation_status, DomainStatus::kSuccess);
  EXPECT_EQ(acm_->GetMaterial(arn)->dns_names, (std::vector<std::string>{"www.example.com", "api.example.com"}));
  EXPECT_EQ(replaced_, std::vector<std::string>{arn});
  EXPECT_EQ(*acm_->IssueValidated(), 0);
}

TEST_F(Validation, IsOverAtOnceWhereTheRecordsAreThereOrNoZoneIs) {
  const CertificateDetail first = Describe(Request(Wanted()));
  for (const DomainValidation& one : *first.domain_validation_options) AddRecord(one);
  EXPECT_EQ(Describe(Request(Wanted())).status, CertificateStatus::kIssued);
  RequestCertificateInput elsewhere = Wanted("cdn.localhost");
  elsewhere.subject_alternative_names.reset();
  EXPECT_EQ(Describe(Request(elsewhere)).status, CertificateStatus::kIssued);
  RequestCertificateInput by_mail = Wanted();
  by_mail.validation_method = "EMAIL";
  EXPECT_EQ(Describe(Request(by_mail)).status, CertificateStatus::kIssued) << "nobody reads that mail";
}

TEST_F(Validation, LeavesNothingToShowBefore) {
  RequestCertificateInput in = Wanted();
  in.options = CertificateOptions{.export_ = std::string(CertificateExport::kEnabled)};
  const std::string arn = Request(in);
  EXPECT_EQ(acm_->GetCertificate(Call(), {.certificate_arn = arn}).error().name, kRequestInProgress);
  EXPECT_EQ(acm_->ExportCertificate(Call(), {.certificate_arn = arn, .passphrase = "secret"}).error().name,
            kRequestInProgress);
  const CertificateMaterial material = acm_->GetMaterial(arn).value();
  EXPECT_EQ(material.status, CertificateStatus::kPendingValidation);
  EXPECT_EQ(material.private_key_pem, "");
  const auto listed = acm_->ListCertificates(
      Call(), {.certificate_statuses = std::vector<std::string>{std::string(CertificateStatus::kPendingValidation)}});
  ASSERT_EQ(listed->certificate_summary_list->size(), 1U);
  EXPECT_FALSE(listed->certificate_summary_list->front().issued_at);
  clock_.Advance(400 * kDay);
  EXPECT_EQ(*acm_->RenewDue(), 0);
}

TEST_F(Validation, GivesUpAfterThreeDays) {
  const std::string arn = Request(Wanted());
  Reopen();
  clock_.Advance(std::chrono::hours(72));
  EXPECT_EQ(Describe(arn).status, CertificateStatus::kValidationTimedOut);
  EXPECT_EQ(*acm_->IssueValidated(), 0) << "although no zone asks for anything any more";
  EXPECT_TRUE(acm_->DeleteCertificate(Call(), {.certificate_arn = arn}).ok());
}

}  // namespace
}  // namespace meetinity::acm
