#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/elbv2_model.h"
#include "base/result.h"
#include "store/database.h"

namespace meetinity::elbv2 {

// Adds or replaces tags: ValidationError for reserved keys, DuplicateTagKeys, TooManyTags.
Status PutTags(store::Tx& tx, const std::string& arn, const std::vector<Tag>& tags);
inline Status PutTags(store::Tx& tx, const std::string& arn, const std::optional<std::vector<Tag>>& tags) {
  return tags ? PutTags(tx, arn, *tags) : Status();
}

}  // namespace meetinity::elbv2
