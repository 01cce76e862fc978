#pragma once

#include <string_view>

#include "aws/iam/policy.h"
#include "base/result.h"

namespace meetinity::s3 {

inline constexpr size_t kBucketPolicyBytesMax = 20'480;  // S3 User Guide, "Bucket policies for Amazon S3"

// A policy that a bucket may have: what IAM's grammar asks, and that its actions are S3's and its resources are this
// bucket's. MalformedPolicy, in AWS's words.
Result<iam::PolicyDocument> ParseBucketPolicy(std::string_view text, std::string_view bucket);
// MalformedPolicy, as for a principal of another form.
Error InvalidPrincipal();

}  // namespace meetinity::s3
