#pragma once

#include "aws/elbv2/state.h"
#include "aws/elbv2_model.h"
#include "base/result.h"

// What a target group may be, and what it is when its owner does not say. ELBv2 API, CreateTargetGroup.
namespace meetinity::elbv2 {

// A group as asked for, with the API's defaults, but for what the caller knows: ARN, region, time. ValidationError;
// InvalidConfigurationRequest for what this cloud does not do.
Result<TargetGroupRecord> ToTargetGroupRecord(const CreateTargetGroupInput& in);
// Health checks of a group that is there.
Status ChangeHealthCheck(const ModifyTargetGroupInput& in, TargetGroupRecord& record);

}  // namespace meetinity::elbv2
