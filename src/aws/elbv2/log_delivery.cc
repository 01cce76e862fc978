#include "aws/elbv2/log_delivery.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "aws/elbv2/arns.h"
#include "base/arn.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "engine/edge/compressor.h"

namespace meetinity::elbv2 {
namespace {

// One node serves every load balancer of this machine.
constexpr std::string_view kNodeAddress = "127.0.0.1";

// Eight letters and digits, as AWS's own names end, from the segment's name.
std::string UniqueOf(const store::LineSpool::Segment& segment) { return HexEncode(Md5(segment.name)).substr(0, 8); }

// ALB user guide, page "Access log files": …/aws-account-id/elasticloadbalancing/region/yyyy/mm/dd/
// account_elasticloadbalancing_region_app.load-balancer-id_end-time_ip-address_random-string.log.gz
std::optional<std::string> KeyOf(std::string_view prefix, std::string_view load_balancer_arn,
                                 const store::LineSpool::Segment& segment) {
  const auto arn = Arn::Parse(load_balancer_arn);
  if (!arn.ok() || load_balancer_arn.find(":loadbalancer/") == std::string_view::npos) return std::nullopt;
  std::string id(ShortNameOf(load_balancer_arn));
  for (char& c : id) {
    if (c == '/') c = '.';
  }
  const std::string at = segment.begun.ToBasicIso8601();  // 20240101T030000Z
  return fmt::format("{}{}AWSLogs/{}/elasticloadbalancing/{}/{}/{}/{}/{}_elasticloadbalancing_{}_{}_{}Z_{}_{}.log.gz",
                     prefix, prefix.empty() ? "" : "/", arn->account, arn->region, at.substr(0, 4), at.substr(4, 2),
                     at.substr(6, 2), arn->account, arn->region, id, at.substr(0, 13), kNodeAddress, UniqueOf(segment));
}

// The object that a spooled line belongs to, and the line without the stream before it.
std::optional<store::LineDelivery::Sorted> SortAccessLine(std::string_view line,
                                                          const store::LineSpool::Segment& segment) {
  const size_t after_place = line.find('\t');
  const size_t after_arn = after_place == std::string_view::npos ? after_place : line.find('\t', after_place + 1);
  if (after_arn == std::string_view::npos) return std::nullopt;
  const std::string_view place = line.substr(0, after_place);
  const std::string_view arn = line.substr(after_place + 1, after_arn - after_place - 1);
  const size_t slash = place.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto key = KeyOf(place.substr(slash + 1), arn, segment);
  if (!key) return std::nullopt;
  return store::LineDelivery::Sorted{{std::string(place.substr(0, slash)), std::move(*key)},
                                     line.substr(after_arn + 1)};
}

}  // namespace

std::string LogStream(std::string_view load_balancer_arn, const Attributes& attributes) {
  return fmt::format("{}/{}\t{}", TextOf(attributes, attribute::kAccessLogsBucket),
                     TextOf(attributes, attribute::kAccessLogsPrefix), load_balancer_arn);
}

std::string LogTestKey(std::string_view prefix, std::string_view account) {
  return fmt::format("{}{}AWSLogs/{}/ELBAccessLogTestFile", prefix, prefix.empty() ? "" : "/", account);
}

LogDelivery::LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, store::LineDeliveryOptions options)
    : lines_(
          spool, clock, "elbv2", SortAccessLine,
          [put = std::move(put)](const store::LineDelivery::Place& place, const std::string& lines) -> Status {
            const std::string gzip = TRY(edge::Compress(edge::Coding::kGzip, lines));
            return put(place.bucket, place.key, gzip);
          },
          options) {}

void LogDelivery::SetStreams(std::map<std::string, std::string> streams) {
  auto next = std::make_shared<const Streams>(std::move(streams));
  streams_.With([&](std::shared_ptr<const Streams>& current) { current = std::move(next); });
}

void LogDelivery::Append(const balancer::AccessRecord& record) {
  const auto streams = streams_.With([](const std::shared_ptr<const Streams>& current) { return current; });
  const auto stream = streams->find(record.load_balancer_id);
  if (stream == streams->end()) return;
  lines_.Append(
      fmt::format("{}\t{}\n", stream->second, balancer::ToAccessLogLine(record, ShortNameOf(record.load_balancer_id))));
}

}  // namespace meetinity::elbv2
