#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "aws/acm/acm.h"
#include "base/random.h"

namespace meetinity::acm {

// An Acm on a store and an authority of its own, called in us-east-1 as CloudFront's users do.
class AcmTest : public testing::Test {
 protected:
  AcmTest() { Reopen(); }
  ~AcmTest() override {
    acm_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  // What a restart of the process does.
  void Reopen() {
    acm_.reset();
    database_.reset();
    authority_ = ca::CertificateAuthority::Open(directory_, clock_).value();
    database_ = store::Database::Open(directory_ / "state.db", Acm::Migrations()).value();
    sealer_ = store::Sealer::Open(directory_ / "sealing.key").value();
    acm_ = std::make_unique<Acm>(*database_, *sealer_, *authority_, clock_);
    acm_->OnReplaced([this](const std::string& arn) { replaced_.push_back(arn); });
  }

  wire::Call Call(const std::string& region = "us-east-1") const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = "123456789012";
    call.region = "eu-west-1";
    call.scope_region = region;
    return call;
  }

  std::string Request(const RequestCertificateInput& in) {
    return *acm_->RequestCertificate(Call(), in)->certificate_arn;
  }
  CertificateDetail Describe(const std::string& arn) {
    return *acm_->DescribeCertificate(Call(), {.certificate_arn = arn})->certificate;
  }
  ca::IssuedCertificate Issue(const std::string& name, const std::string& algorithm = "EC-prime256v1") {
    return authority_->Issue({name}, algorithm, 90 * kDay).value();
  }
  static ImportCertificateInput ToImport(const ca::IssuedCertificate& issued) {
    ImportCertificateInput in;
    in.certificate = issued.certificate_pem;
    in.private_key = issued.private_key_pem;
    in.certificate_chain = issued.chain_pem;
    return in;
  }
  std::string Import(const ca::IssuedCertificate& issued) {
    return *acm_->ImportCertificate(Call(), ToImport(issued))->certificate_arn;
  }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("acm-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<Acm> acm_;
  std::vector<std::string> replaced_;
};

}  // namespace meetinity::acm
