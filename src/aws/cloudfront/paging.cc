#include "aws/cloudfront/paging.h"

#include "aws/cloudfront/errors.h"
#include "base/text.h"

namespace meetinity::cloudfront {

Result<int32_t> ParseMaxItems(const std::optional<std::string>& max_items) {
  if (!max_items || max_items->empty()) return kPageItemsMax;
  const auto number = ParseUnsigned(*max_items);
  if (!number || *number == 0) {
    return Error{Kind::kInvalid, kInvalidArgument, "MaxItems is a number from 1 to 100"};
  }
  return static_cast<int32_t>(std::min<uint64_t>(*number, kPageItemsMax));
}

}  // namespace meetinity::cloudfront
