#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/response_head.h"

namespace meetinity::edge {

enum class Coding { kGzip, kBrotli };
std::string_view ToToken(Coding coding);  // "gzip", "br"

// CloudFront compresses between these sizes: below, the frame eats the gain; above, time to the first byte suffers.
inline constexpr uint64_t kCompressedBytesMin = 1'000;
inline constexpr uint64_t kCompressedBytesMax = 10'000'000;

// True for the media types that CloudFront compresses; parameters after ';' do not count.
bool IsCompressibleType(std::string_view content_type);

// In which coding the edge keeps this answer for viewers that accept `encodings`; none: as the origin sent it.
std::optional<Coding> ChooseCoding(const OriginAnswer& answer, const CachePolicy& policy, Duration ttl,
                                   AcceptedEncodings encodings);

// gzip at zlib's default of 6, brotli at 5: both near the knee where more time buys little. For worker threads: a
// megabyte takes tens of milliseconds. Fails only when memory runs out.
Result<std::string> Compress(Coding coding, std::string_view body);

}  // namespace meetinity::edge
