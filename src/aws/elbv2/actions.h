#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/elbv2/state.h"
#include "aws/elbv2_model.h"
#include "base/result.h"
#include "store/database.h"

// Rules' actions as owners write them. ELBv2 API, Action; ALB user guide, page "Action types for listener rules".
namespace meetinity::elbv2 {

// Checked against the listener that they are for, and in one form, as the API answers: every forward has its
// ForwardConfig, and TargetGroupArn too when there is one group; every redirect all of its parts.
Result<std::vector<Action>> NormalizeActions(const store::ReadTx& tx, const LoadBalancerRecord& load_balancer,
                                             std::string_view listener_protocol, const std::vector<Action>& given);

// Whether targets of `group` can be sent what a listener of `protocol` takes; IncompatibleProtocols.
Status CheckCompatible(std::string_view listener_protocol, const TargetGroupRecord& group);

}  // namespace meetinity::elbv2
