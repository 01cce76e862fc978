#pragma once

#include <string_view>

#include "base/result.h"

namespace meetinity::iam {

// InvalidInputException for a policy under AWS's own ARN.
Status RefuseAwsManaged(std::string_view policy_arn);

}  // namespace meetinity::iam
