#include "aws/cloudfront/log_delivery.h"

#include <fmt/format.h>

#include <optional>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "engine/edge/compressor.h"

namespace meetinity::cloudfront {
namespace {

// "2024-01-01\t03:04:05…" → "2024-01-01-03".
std::optional<std::string> HourOf(std::string_view line) {
  constexpr std::string_view kForm = "dddd-dd-dd\tdd:dd:dd\t";
  if (line.size() < kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == 'd' ? line[i] >= '0' && line[i] <= '9' : line[i] == kForm[i];
    if (!fits) return std::nullopt;
  }
  return fmt::format("{}-{}", line.substr(0, 10), line.substr(11, 2));
}

// Eight hex digits, as CloudFront's own names end, from the segment's name.
std::string UniqueOf(const store::LineSpool::Segment& segment) { return HexEncode(Md5(segment.name)).substr(0, 8); }

// The object that a spooled line belongs to, and the line without the stream before it.
std::optional<store::LineDelivery::Sorted> Sort(std::string_view line, const store::LineSpool::Segment& segment) {
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  const std::string_view stream = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  const size_t after_id = stream.find('/');
  const size_t after_bucket = after_id == std::string_view::npos ? after_id : stream.find('/', after_id + 1);
  const auto hour = HourOf(line);
  if (after_bucket == std::string_view::npos || !hour) return std::nullopt;
  std::string prefix(stream.substr(after_bucket + 1));
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return store::LineDelivery::Sorted{
      {std::string(stream.substr(after_id + 1, after_bucket - after_id - 1)),
       fmt::format("{}{}.{}.{}.gz", prefix, stream.substr(0, after_id), *hour, UniqueOf(segment))},
      line};
}

}  // namespace

std::string LogStream(std::string_view distribution_id, const LoggingConfig& logging) {
  const Result<std::string> bucket = LogBucketOf(logging);
  // Configurations are checked before they are kept.
  return bucket.ok() ? fmt::format("{}/{}/{}", distribution_id, *bucket, logging.prefix.value_or("")) : std::string();
}

Result<std::string> LogBucketOf(const LoggingConfig& logging) {
  const std::string domain = logging.bucket.value_or("");
  std::string bucket = domain.ends_with(".amazonaws.com") ? BucketOf(domain) : std::string();
  if (bucket.empty()) {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("The parameter Logging Bucket '{}' is not a bucket's domain name; it looks like "
                             "my-logs.s3.amazonaws.com",
                             domain.substr(0, 128))};
  }
  return bucket;
}

LogDelivery::LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, store::LineDeliveryOptions options)
    : lines_(
          spool, clock, "cloudfront", Sort,
          [put = std::move(put)](const store::LineDelivery::Place& place, const std::string& lines) -> Status {
            const std::string gzip = TRY(edge::Compress(
                edge::Coding::kGzip, fmt::format("#Version: 1.0\n#Fields: {}\n{}", edge::kAccessLogFields, lines)));
            return put(place.bucket, place.key, gzip);
          },
          options) {}

}  // namespace meetinity::cloudfront
