#include "aws/s3/access_log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/uri.h"

namespace meetinity::s3 {
namespace {

// "[01/Jan/2024:03:00:00 +0000]"
std::string ToLogTime(Instant time) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string iso = time.ToIso8601();  // 2024-01-01T03:00:00Z
  const int month = (iso[5] - '0') * 10 + (iso[6] - '0');
  return fmt::format("[{}/{}/{}:{} +0000]", iso.substr(8, 2), kMonths[static_cast<size_t>(month - 1)], iso.substr(0, 4),
                     iso.substr(11, 8));
}

// Clients write these: what would end the field, or the line, is percent-encoded.
void AppendEncoded(std::string_view text, std::string_view ends, std::string& to) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || ends.find(c) != std::string_view::npos) {
      fmt::format_to(std::back_inserter(to), "%{:02X}", byte);
    } else {
      to += c;
    }
  }
}

class Writer {
 public:
  void Plain(std::string_view text) {
    Separate();
    if (text.empty()) text_ += '-';
    AppendEncoded(text, " \"", text_);
  }
  void Quoted(std::string_view text) {
    Separate();
    if (text.empty()) {
      text_ += '-';
      return;
    }
    text_ += '"';
    AppendEncoded(text, "\"", text_);
    text_ += '"';
  }
  void Own(std::string_view text) {
    Separate();
    text_ += text;
  }
  void Number(std::optional<uint64_t> number) { Own(number ? fmt::to_string(*number) : "-"); }
  void Milliseconds(Duration time) {
    Number(static_cast<uint64_t>(
        std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(time).count())));
  }
  std::string Finish() {
    text_ += '\n';
    return std::move(text_);
  }

 private:
  void Separate() {
    if (!text_.empty()) text_ += ' ';
  }
  std::string text_;
};

using Name = std::pair<std::string_view, std::string_view>;
// What S3 calls its operations in logs, behind "REST.".
constexpr auto kOperations = std::to_array<Name>({
    {"AbortMultipartUpload", "DELETE.UPLOAD"},
    {"CompleteMultipartUpload", "POST.UPLOAD"},
    {"CopyObject", "COPY.OBJECT"},
    {"CreateBucket", "PUT.BUCKET"},
    {"CreateMultipartUpload", "POST.UPLOADS"},
    {"DeleteBucket", "DELETE.BUCKET"},
    {"DeleteBucketCors", "DELETE.CORS"},
    {"DeleteBucketEncryption", "DELETE.ENCRYPTION"},
    {"DeleteBucketLifecycle", "DELETE.LIFECYCLE"},
    {"DeleteBucketOwnershipControls", "DELETE.OWNERSHIP_CONTROLS"},
    {"DeleteBucketPolicy", "DELETE.BUCKETPOLICY"},
    {"DeleteBucketReplication", "DELETE.REPLICATION"},
    {"DeleteBucketTagging", "DELETE.TAGGING"},
    {"DeleteBucketWebsite", "DELETE.WEBSITE"},
    {"DeleteObject", "DELETE.OBJECT"},
    {"DeleteObjectTagging", "DELETE.OBJECT_TAGGING"},
    {"DeleteObjects", "POST.MULTI_OBJECT_DELETE"},
    {"DeletePublicAccessBlock", "DELETE.PUBLIC_ACCESS_BLOCK"},
    {"GetBucketAccelerateConfiguration", "GET.ACCELERATE"},
    {"GetBucketAcl", "GET.ACL"},
    {"GetBucketCors", "GET.CORS"},
    {"GetBucketEncryption", "GET.ENCRYPTION"},
    {"GetBucketLifecycleConfiguration", "GET.LIFECYCLE"},
    {"GetBucketLocation", "GET.LOCATION"},
    {"GetBucketLogging", "GET.LOGGING_STATUS"},
    {"GetBucketNotificationConfiguration", "GET.NOTIFICATION"},
    {"GetBucketOwnershipControls", "GET.OWNERSHIP_CONTROLS"},
    {"GetBucketPolicy", "GET.BUCKETPOLICY"},
    {"GetBucketPolicyStatus", "GET.POLICY_STATUS"},
    {"GetBucketReplication", "GET.REPLICATION"},
    {"GetBucketRequestPayment", "GET.REQUEST_PAYMENT"},
    {"GetBucketTagging", "GET.TAGGING"},
    {"GetBucketVersioning", "GET.VERSIONING"},
    {"GetBucketWebsite", "GET.WEBSITE"},
    {"GetObject", "GET.OBJECT"},
    {"GetObjectAcl", "GET.ACL"},
    {"GetObjectAttributes", "GET.OBJECT_ATTRIBUTES"},
    {"GetObjectLegalHold", "GET.OBJECT_LOCK_LEGALHOLD"},
    {"GetObjectLockConfiguration", "GET.OBJECT_LOCK_CONFIGURATION"},
    {"GetObjectRetention", "GET.OBJECT_LOCK_RETENTION"},
    {"GetObjectTagging", "GET.OBJECT_TAGGING"},
    {"GetPublicAccessBlock", "GET.PUBLIC_ACCESS_BLOCK"},
    {"HeadBucket", "HEAD.BUCKET"},
    {"HeadObject", "HEAD.OBJECT"},
    {"ListMultipartUploads", "GET.UPLOADS"},
    {"ListObjectVersions", "GET.BUCKETVERSIONS"},
    {"ListObjects", "GET.BUCKET"},
    {"ListObjectsV2", "GET.BUCKET"},
    {"ListParts", "GET.UPLOAD"},
    {"PutBucketAcl", "PUT.ACL"},
    {"PutBucketCors", "PUT.CORS"},
    {"PutBucketEncryption", "PUT.ENCRYPTION"},
    {"PutBucketLifecycleConfiguration", "PUT.LIFECYCLE"},
    {"PutBucketLogging", "PUT.LOGGING_STATUS"},
    {"PutBucketOwnershipControls", "PUT.OWNERSHIP_CONTROLS"},
    {"PutBucketPolicy", "PUT.BUCKETPOLICY"},
    {"PutBucketTagging", "PUT.TAGGING"},
    {"PutBucketVersioning", "PUT.VERSIONING"},
    {"PutObject", "PUT.OBJECT"},
    {"PutObjectAcl", "PUT.ACL"},
    {"PutObjectLegalHold", "PUT.OBJECT_LOCK_LEGALHOLD"},
    {"PutObjectLockConfiguration", "PUT.OBJECT_LOCK_CONFIGURATION"},
    {"PutObjectRetention", "PUT.OBJECT_LOCK_RETENTION"},
    {"PutObjectTagging", "PUT.OBJECT_TAGGING"},
    {"PutPublicAccessBlock", "PUT.PUBLIC_ACCESS_BLOCK"},
    {"UploadPart", "PUT.PART"},
    {"UploadPartCopy", "COPY.PART"},
});
static_assert(std::ranges::is_sorted(kOperations));

}  // namespace

std::string LoggedOperation(std::string_view operation, std::string_view method, bool has_key) {
  if (method == "OPTIONS") return "REST.OPTIONS.PREFLIGHT";
  // A browser's upload form is a POST that acts as a PutObject.
  if (method == "POST" && (operation == "PutObject" || operation.empty())) return "REST.POST.OBJECT";
  const auto* const found = std::ranges::lower_bound(kOperations, operation, {}, &Name::first);
  if (found != kOperations.end() && found->first == operation) return fmt::format("REST.{}", found->second);
  return fmt::format("REST.{}.{}", method, has_key ? "OBJECT" : "BUCKET");
}

std::string ToText(const AccessLogLine& line) {
  Writer out;
  out.Plain(line.bucket_owner);
  out.Plain(line.bucket);
  out.Own(ToLogTime(line.time));
  out.Plain(line.remote_ip);
  out.Plain(line.requester);
  out.Plain(line.request_id);
  out.Plain(line.operation);
  out.Plain(PercentEncode(line.key, Slash::kKeep));
  out.Quoted(line.request_uri);
  out.Own(fmt::to_string(line.status));
  out.Plain(line.error);
  out.Number(line.bytes_sent > 0 ? std::optional(line.bytes_sent) : std::nullopt);
  out.Number(line.object_size);
  out.Milliseconds(line.total_time);
  out.Milliseconds(line.turn_around);
  out.Quoted(line.referer);
  out.Quoted(line.user_agent);
  out.Plain(line.version_id);
  out.Plain(line.host_id);
  out.Plain(line.signature_version);
  out.Plain(line.cipher_suite);
  out.Plain(line.authentication);
  out.Plain(line.host);
  out.Plain(line.tls_version);
  out.Own("-");  // access points are not served
  out.Own(line.acl_required ? "Yes" : "-");
  return out.Finish();
}

}  // namespace meetinity::s3
