#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/cloudfront/cloudfront.h"
#include "aws/ec2/ec2.h"
#include "aws/elbv2/elbv2.h"
#include "aws/s3/s3.h"
#include "base/clock.h"
#include "base/result.h"
#include "stack/variables.h"
#include "store/database.h"
#include "wire/call.h"

namespace meetinity::stack {

inline constexpr std::string_view kStackRefused = "StackRefused";

enum class Action { kUnchanged, kCreated, kUpdated, kDeleted };
std::string_view ToString(Action action);

// What became of one resource. The address is the one that Terraform's module gives it.
struct Step {
  std::string address;  // "module.static_assets.aws_s3_bucket.this"
  Action action = Action::kUnchanged;
  std::string detail;  // what was changed, or the resource's id
};

struct Output {
  std::string name;
  std::string value;
  bool sensitive = false;
};

// What `up` tells as it goes. Called on the applying thread.
using Progress = std::function<void(const Step&)>;

struct StackOptions {
  std::string account = "123456789012";
  std::string region = "eu-west-1";
  std::string partition_domain = "localhost";  // names handed out end in it
};

// The playbook's stack: from its variables to resources, through the services' own interfaces, exactly as an operator's
// API calls would. Applying compares what is wanted with what is there and changes only what differs; a second apply
// of the same variables changes nothing. One apply at a time; thread-safe.
class Stack {
 public:
  struct Services {
    s3::S3& s3;
    cloudfront::CloudFront& cloudfront;
    acm::Acm& acm;
    ec2::Ec2& ec2;
    elbv2::Elbv2& elbv2;
  };
  Stack(Services services, store::Database& database, const Clock& clock, StackOptions options);

  static std::vector<store::Migration> Migrations();

  // `call` is the operator's: root. Stops at the first resource that a service refuses, naming it; what was done until
  // then stays, and the next apply goes on from there.
  Result<std::vector<Step>> Apply(const wire::Call& call, const Variables& variables, const Progress& progress);

  // What the last apply left; by name. Empty before the first.
  Result<std::vector<Output>> Outputs(uint16_t https_port) const;

 private:
  Services services_;
  store::Database& database_;
  const Clock& clock_;
  const StackOptions options_;
  std::mutex applying_;
};

}  // namespace meetinity::stack
