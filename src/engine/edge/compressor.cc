#include "engine/edge/compressor.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace meetinity::edge {
namespace {

constexpr auto kCompressibleTypes = std::to_array<std::string_view>({
    "application/dash+xml",
    "application/eot",
    "application/font",
    "application/font-sfnt",
    "application/javascript",
    "application/json",
    "application/opentype",
    "application/otf",
    "application/pkcs7-mime",
    "application/protobuf",
    "application/rss+xml",
    "application/truetype",
    "application/ttf",
    "application/vnd.apple.mpegurl",
    "application/vnd.mapbox-vector-tile",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-font-opentype",
    "application/x-font-truetype",
    "application/x-font-ttf",
    "application/x-httpd-cgi",
    "application/x-javascript",
    "application/x-mpegurl",
    "application/x-opentype",
    "application/x-otf",
    "application/x-perl",
    "application/x-ttf",
    "application/xhtml+xml",
    "application/xml",
    "font/eot",
    "font/opentype",
    "font/otf",
    "font/ttf",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/js",
    "text/plain",
    "text/richtext",
    "text/tab-separated-values",
    "text/x-component",
    "text/x-java-source",
    "text/x-script",
    "text/xml",
    "vnd.apple.mpegurl",
});
static_assert(std::is_sorted(kCompressibleTypes.begin(), kCompressibleTypes.end()));

constexpr int kGzipLevel = 6;
constexpr int kBrotliQuality = 5;

Result<std::string> Gzip(std::string_view body) {
  z_stream stream{};
  constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for a gzip frame
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return Internal("zlib has no memory for a stream");
  }
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) return Internal("zlib did not finish within its own bound");
  return out;
}

Result<std::string> Brotli(std::string_view body) {
  size_t size = BrotliEncoderMaxCompressedSize(body.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(kBrotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, body.size(),
                            reinterpret_cast<const uint8_t*>(body.data()), &size,
                            reinterpret_cast<uint8_t*>(out.data())) != BROTLI_TRUE) {
    return Internal("brotli could not compress a body");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string_view ToToken(Coding coding) { return coding == Coding::kBrotli ? "br" : "gzip"; }

bool IsCompressibleType(std::string_view content_type) {
  const std::string type = ToLower(Trim(content_type.substr(0, content_type.find(';'))));
  return std::binary_search(kCompressibleTypes.begin(), kCompressibleTypes.end(), type);
}

std::optional<Coding> ChooseCoding(const OriginAnswer& answer, const CachePolicy& policy, Duration ttl,
                                   AcceptedEncodings encodings) {
  const int status = answer.head->status;
  const std::optional<uint64_t> size = answer.head->content_length;
  if (!policy.compress || !encodings.any() || ForwardsAcceptEncodingAsSent(policy) || ttl <= Duration::zero())
    return {};
  if (status != 200 && status != 403 && status != 404) return {};
  if (!size || *size < kCompressedBytesMin || *size > kCompressedBytesMax) return {};
  if (answer.has_content_encoding || answer.traits.cache_control.no_transform) return {};
  if (!IsCompressibleType(answer.head->content_type)) return {};
  return encodings.brotli ? Coding::kBrotli : Coding::kGzip;
}

Result<std::string> Compress(Coding coding, std::string_view body) {
  return coding == Coding::kBrotli ? Brotli(body) : Gzip(body);
}

}  // namespace meetinity::edge
