#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::iam {

// Root's access key, kept in the data directory's file root-credentials (0600) in the form of an AWS credentials file,
// so that any client can use it by AWS_SHARED_CREDENTIALS_FILE.
struct RootCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  Instant created;
};

// What the file holds; makes it, with a new key, when there is none.
Result<RootCredentials> EnsureRootCredentials(const std::string& data_directory, Instant now);

std::string NewAccessKeyId();  // AKIA and 16 more
std::string NewSecret();       // 40 characters

}  // namespace meetinity::iam
