#pragma once

#include <vector>

#include "aws/elbv2_model.h"
#include "base/result.h"

// Rules' conditions as owners write them. ELBv2 API, RuleCondition; ALB user guide, page "Condition types for listener
// rules".
namespace meetinity::elbv2 {

// Checked, and in one form: host-header and path-pattern carry their values both ways, as the API answers. Refuses
// with ValidationError, and with InvalidConfigurationRequest what this cloud does not match (regular expressions).
Result<std::vector<RuleCondition>> NormalizeConditions(const std::vector<RuleCondition>& given);

}  // namespace meetinity::elbv2
