#include "aws/ec2/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "base/bytes.h"
#include "base/text.h"

namespace meetinity::ec2 {
namespace {

// EC2 User Guide, page "List and filter your resources".
constexpr size_t kFilterValuesMax = 200;
constexpr std::string_view kTagKey = "tag-key";
constexpr std::string_view kTagPrefix = "tag:";
constexpr size_t kShownMax = 128;

bool IsTagFilter(std::string_view name) { return name == kTagKey || name.starts_with(kTagPrefix); }

}  // namespace

Place PlaceOf(const wire::Call& call) {
  return {.region = call.scope_region.empty() ? call.region : call.scope_region, .account = call.account};
}

std::string ArnOf(const Place& place, const ResourceKind& kind, std::string_view id) {
  return Arn{.service = "ec2",
             .region = place.region,
             .account = place.account,
             .resource = fmt::format("{}/{}", kind.type, id)}
      .ToString();
}

Status CheckFilters(const Question& question, const std::vector<std::string_view>& known) {
  if (question.filters == nullptr) return {};
  for (const Filter& filter : *question.filters) {
    const std::string_view name = filter.name ? std::string_view(*filter.name) : std::string_view("null");
    if (!IsTagFilter(name) && std::ranges::find(known, name) == known.end()) {
      return Invalid(fmt::format("The filter '{}' is invalid", name.substr(0, kShownMax)));
    }
    if (filter.values && filter.values->size() > kFilterValuesMax) {
      return Error{
          Kind::kLimit, kFilterLimitExceeded,
          fmt::format("The maximum number of filter values specified on a single call is {}", kFilterValuesMax)};
    }
  }
  return {};
}

bool MatchesAny(const Filter& filter, const Texts& values) {
  if (!filter.values) return false;
  return std::ranges::any_of(*filter.values, [&](const std::string& pattern) {
    return std::ranges::any_of(values, [&](const std::string& value) { return MatchesWildcard(pattern, value); });
  });
}

bool TagFilterValues(const Filter& filter, const std::vector<Tag>& tags, Texts& values) {
  const std::string_view name = *filter.name;
  if (!IsTagFilter(name)) return false;
  for (const Tag& tag : tags) {
    if (name == kTagKey) Add(values, tag.key);
    if (name.starts_with(kTagPrefix) && tag.key == name.substr(kTagPrefix.size())) Add(values, tag.value);
  }
  return true;
}

Result<std::string> IdBefore(const Question& question) {
  if (!question.next_token || question.next_token->empty()) return std::string();
  const auto id = HexDecode(*question.next_token);
  if (!id || id->empty()) {
    return Error{Kind::kInvalid, kInvalidNextToken,
                 fmt::format("The token '{}' is invalid", question.next_token->substr(0, kShownMax))};
  }
  return *id;
}

std::string TokenAfter(const std::string& id) { return HexEncode(id); }

Status RefuseParameters(std::initializer_list<std::pair<std::string_view, bool>> parameters) {
  for (const auto& [name, is_there] : parameters) {
    if (is_there) return Unsupported(fmt::format("The parameter {} is not served here.", name));
  }
  return {};
}

}  // namespace meetinity::ec2
