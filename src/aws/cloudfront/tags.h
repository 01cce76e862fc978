#pragma once

#include <string_view>
#include <vector>

#include "aws/cloudfront_model.h"
#include "base/result.h"
#include "store/database.h"

namespace meetinity::cloudfront {

// Adds or replaces tags of a resource; InvalidTagging beyond 50 of them, or for a reserved or oversized key.
Status PutTags(store::Tx& tx, std::string_view arn, const std::vector<Tag>& tags);

}  // namespace meetinity::cloudfront
