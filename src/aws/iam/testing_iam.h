#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "aws/iam/iam.h"
#include "base/random.h"

namespace meetinity::iam {

// An Iam on a store of its own, with root as the caller.
class IamTest : public testing::Test {
 protected:
  IamTest() { Reopen(); }
  ~IamTest() override {
    iam_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  // What a restart of the process does.
  void Reopen() {
    iam_.reset();
    database_.reset();
    std::filesystem::create_directories(directory_);
    database_ = store::Database::Open(directory_ / "state.db", Iam::Migrations()).value();
    sealer_ = store::Sealer::Open(directory_ / "sealing.key").value();
    iam_ = Iam::Open(*database_, *sealer_, clock_, {.data_directory = directory_}).value();
  }

  wire::Call RootCall() const { return CallAs(iam_->root().principal); }
  wire::Call CallAs(const wire::Principal& principal) const {
    wire::Call call;
    call.now = clock_.Now();
    call.principal = principal;
    call.account = principal.account;
    call.region = "eu-west-1";
    call.source_ip = "203.0.113.7";
    return call;
  }

  AccessKey UserWithKey(const std::string& name) {
    EXPECT_TRUE(iam_->CreateUser(RootCall(), {.user_name = name}).ok());
    return iam_->CreateAccessKey(RootCall(), {.user_name = name})->access_key;
  }
  wire::Call CallWith(const AccessKey& key) const { return CallAs(iam_->Find(key.access_key_id)->principal); }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("iam-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<Iam> iam_;
};

inline const std::string kAllowS3Reads =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}})";
inline const std::string kDenyEverything =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})";
inline const std::string kTrustBackup =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}})";

}  // namespace meetinity::iam
