#include "wire/service_table.h"

#include <gtest/gtest.h>

#include "wire/text_request.h"

namespace meetinity::wire {
namespace {

class ServiceTableTest : public testing::Test {
 protected:
  static ServiceShape Shape(std::string_view name, std::string_view target_prefix = {}) {
    ServiceShape shape{};
    shape.name = shape.signing_name = name;
    shape.target_prefix = target_prefix;
    shape.is_s3 = name == "s3";
    return shape;
  }

  ServiceTableTest() : table_({"s3.localhost", "localhost", "s3.eu-west-1.amazonaws.com"}) {
    table_.Add(s3_);
    table_.Add(sts_);
    table_.Add(acm_);
  }

  // "service bucket", "-" for none.
  std::string Find(std::string_view head) const {
    const TextRequest request(head);
    const Addressee found = table_.Find(request.head());
    return std::string(found.host ? found.host->model().name : "-") + " " + (found.bucket.empty() ? "-" : found.bucket);
  }

  const ServiceShape s3_shape_ = Shape("s3"), sts_shape_ = Shape("sts"),
                     acm_shape_ = Shape("acm", "CertificateManager");
  const ServiceHost s3_{s3_shape_}, sts_{sts_shape_}, acm_{acm_shape_};
  ServiceTable table_;
};

TEST_F(ServiceTableTest, FindsTheServiceByScopeThenTargetThenS3) {
  EXPECT_EQ(Find("POST / HTTP/1.1\nHost: s3.localhost\nAuthorization: AWS4-HMAC-SHA256 "
                 "Credential=AK/20240101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0"),
            "sts -");
  EXPECT_EQ(Find("GET /?X-Amz-Credential=AK%2F20240101%2Feu-west-1%2Fsts%2Faws4_request HTTP/1.1\nHost: x"), "sts -");
  EXPECT_EQ(Find("POST / HTTP/1.1\nHost: x\nAuthorization: AWS4-HMAC-SHA256 "
                 "Credential=AK/20240101/eu-west-1/quantum/aws4_request"),
            "- -");
  EXPECT_EQ(Find("POST / HTTP/1.1\nHost: x\nX-Amz-Target: CertificateManager.ListCertificates"), "acm -");
  EXPECT_EQ(Find("POST / HTTP/1.1\nHost: x\nX-Amz-Target: Nobody.ListCertificates"), "- -");
  EXPECT_EQ(Find("POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded"), "- -");
  EXPECT_EQ(Find("GET /?Version=2011-06-15&Action=GetCallerIdentity HTTP/1.1\nHost: x"), "- -");
  EXPECT_EQ(Find("GET /assets/index.html HTTP/1.1\nHost: 127.0.0.1:4566"), "s3 -");
}

TEST_F(ServiceTableTest, TakesTheBucketFromHost) {
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: assets.s3.localhost:4566"), "s3 assets");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: Assets.S3.localhost"), "s3 assets");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: a.b.c.s3.eu-west-1.amazonaws.com"), "s3 a.b.c");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: assets.localhost:4566"), "s3 assets");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: s3.localhost:4566"), "s3 -");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: localhost"), "s3 -");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: notlocalhost"), "s3 -");
  EXPECT_EQ(Find("GET / HTTP/1.1\nHost: [::1]:4566"), "s3 -");
}

TEST(ExpectedRegion, LetsGlobalServicesSignForUsEast1) {
  EXPECT_EQ(ExpectedRegion("iam", "us-east-1", "eu-west-1"), "us-east-1");
  EXPECT_EQ(ExpectedRegion("cloudfront", "aws-global", "eu-west-1"), "aws-global");
  EXPECT_EQ(ExpectedRegion("cloudfront", "eu-west-1", "eu-west-1"), "eu-west-1");
  EXPECT_EQ(ExpectedRegion("cloudfront", "eu-west-2", "eu-west-1"), "eu-west-1");
  EXPECT_EQ(ExpectedRegion("s3", "us-east-1", "eu-west-1"), "eu-west-1");
  EXPECT_EQ(ExpectedRegion("rds", "us-east-1", "eu-west-1"), "eu-west-1");
}

TEST(HostWithoutPort, KeepsAddressesWhole) {
  EXPECT_EQ(HostWithoutPort("Localhost:4566"), "localhost");
  EXPECT_EQ(HostWithoutPort("[::1]:4566"), "[::1]");
  EXPECT_EQ(HostWithoutPort("[::1]"), "[::1]");
  EXPECT_EQ(HostWithoutPort(""), "");
}

}  // namespace
}  // namespace meetinity::wire
