#include "aws/s3/access_log_line.h"

#include <gtest/gtest.h>

namespace meetinity::s3 {
namespace {

AccessLogLine Line() {
  AccessLogLine line;
  line.bucket_owner = "79a59df9";
  line.bucket = "site";
  line.time = Instant::Utc("2019-02-06T00:00:38Z");
  line.remote_ip = "192.0.2.3";
  line.requester = "79a59df9";
  line.request_id = "3E57427F3EXAMPLE";
  line.operation = "REST.GET.OBJECT";
  line.key = "a photo.jpg";
  line.request_uri = "GET /site/a%20photo.jpg HTTP/1.1";
  line.status = 200;
  line.bytes_sent = 113;
  line.object_size = 2662992;
  line.total_time = std::chrono::milliseconds(70);
  line.turn_around = std::chrono::microseconds(10'900);
  line.user_agent = "curl/7.15.1";
  line.host_id = "s9lzHYrFp76ZVxRcpX9=";
  line.signature_version = "SigV4";
  line.cipher_suite = "ECDHE-RSA-AES128-GCM-SHA256";
  line.authentication = "AuthHeader";
  line.host = "site.s3.localhost";
  line.tls_version = "TLSv1.3";
  line.acl_required = true;
  return line;
}

TEST(AccessLogLine, HasTheFieldsInTheirOrder) {
  EXPECT_EQ(ToText(Line()),
            "79a59df9 site [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df9 3E57427F3EXAMPLE REST.GET.OBJECT "
            "a%20photo.jpg \"GET /site/a%20photo.jpg HTTP/1.1\" 200 - 113 2662992 70 10 - \"curl/7.15.1\" - "
            "s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader site.s3.localhost TLSv1.3 - Yes\n");
}

TEST(AccessLogLine, SaysNothingWithADash) {
  AccessLogLine line;
  line.status = 403;
  EXPECT_EQ(ToText(line), "- - [01/Jan/1970:00:00:00 +0000] - - - - - - 403 - - - 0 0 - - - - - - - - - - -\n");
}

TEST(AccessLogLine, StaysOneLineOfItsFieldsWhateverTheClientSent) {
  AccessLogLine line = Line();
  line.user_agent = "a \"quoted\"\n agent";
  line.host = "a host\t";
  line.key = "a\nb \"c\"";
  const std::string text = ToText(line);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_NE(text.find(" \"a %22quoted%22%0A agent\" "), std::string::npos) << text;
  EXPECT_NE(text.find(" a%20host%09 "), std::string::npos) << text;
  EXPECT_NE(text.find(" a%0Ab%20%22c%22 "), std::string::npos) << text;
}

TEST(AccessLogLine, NamesOperationsAsS3Does) {
  EXPECT_EQ(LoggedOperation("GetObject", "GET", true), "REST.GET.OBJECT");
  EXPECT_EQ(LoggedOperation("ListObjectsV2", "GET", false), "REST.GET.BUCKET");
  EXPECT_EQ(LoggedOperation("DeleteObjects", "POST", false), "REST.POST.MULTI_OBJECT_DELETE");
  EXPECT_EQ(LoggedOperation("UploadPart", "PUT", true), "REST.PUT.PART");
  EXPECT_EQ(LoggedOperation("PutObject", "POST", true), "REST.POST.OBJECT") << "a browser's form";
  EXPECT_EQ(LoggedOperation("", "OPTIONS", false), "REST.OPTIONS.PREFLIGHT");
  EXPECT_EQ(LoggedOperation("", "PATCH", true), "REST.PATCH.OBJECT");
}

}  // namespace
}  // namespace meetinity::s3
