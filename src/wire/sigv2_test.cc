#include "wire/sigv2.h"

#include <gtest/gtest.h>

#include "wire/errors.h"
#include "wire/example_credentials.h"
#include "wire/text_request.h"

namespace meetinity::wire {
namespace {

const Instant kSignedAt = Instant::Utc("2024-01-01T03:00:00Z");  // an hour before the URLs below expire

std::string Outcome(std::string_view text, std::string_view virtual_bucket = "", bool with_token = false,
                    Instant now = kSignedAt) {
  const TextRequest request(text);
  const Result<std::optional<QueryClaimV2>> claim = ParseQueryClaimV2(request.head());
  if (!claim.ok()) return std::string(claim.error().name) + ": " + claim.error().detail;
  if (!*claim) return "anonymous";
  ExampleCredentials credentials;
  credentials.with_token = with_token;
  const auto verified = VerifyQueryV2(request.head(), **claim, virtual_bucket, credentials, now);
  return verified.ok() ? "ok" : std::string(verified.error().name);
}

std::string Get(std::string_view target, std::string_view signature, std::string_view more = "") {
  return fmt::format("GET {}{}AWSAccessKeyId={}&Signature={}{}&Expires=1704081600 HTTP/1.1\nHost: s3.localhost:4566",
                     target, target.find('?') == std::string_view::npos ? '?' : '&', kAccessKey, signature, more);
}

TEST(SigV2, AgreesWithBotocore) {
  EXPECT_EQ(Outcome(Get("/shop/a%20b/%C3%BC%2B~.txt", "e0%2BrYfv57YPV4fNTl4qY%2BBnu5uo%3D")), "ok");
  EXPECT_EQ(Outcome(Get("/a%20b/%C3%BC%2B~.txt", "e0%2BrYfv57YPV4fNTl4qY%2BBnu5uo%3D"), "shop"), "ok");
  EXPECT_EQ(Outcome(Get("/shop/k?response-content-type=text%2Fplain%3B%20charset%3Dutf-8&response-content-disposition="
                        "attachment%3B%20filename%3D%22a%20b.txt%22&versionId=v1",
                        "n3Gf4SGNt%2BUwpePsJhuFXvdT3yQ%3D")),
            "ok");
}

// By hand: botocore signs a subresource of its own twice, and lists by their whole query.
TEST(SigV2, SignsSubresourcesAndNoOtherParameters) {
  EXPECT_EQ(Outcome(Get("/shop?list-type=2&prefix=x&encoding-type=url", "Yi2R9TeAGYpGDuIV7Zw%2Fi5Qxs6g%3D")), "ok");
  EXPECT_EQ(Outcome(Get("/shop/k?tagging", "OiSrHzNiKTlIIyCidEymM0CIwj8%3D")), "ok");
}

TEST(SigV2, TakesWhatWasSignedAsAHeaderFromTheQuery) {
  constexpr std::string_view kSignature = "lJ1Rpd%2Bvk%2F57I5fojxWd9A855qc%3D";
  std::string put = Get("/shop/k", kSignature, "&content-type=text%2Fcss&x-amz-meta-team=web");
  put.replace(0, 3, "PUT");
  EXPECT_EQ(Outcome(put), "ok");
  std::string with_headers = Get("/shop/k", kSignature);
  with_headers.replace(0, 3, "PUT");
  EXPECT_EQ(Outcome(with_headers + "\ncontent-type: text/css\nx-amz-meta-team: web"), "ok");
  EXPECT_EQ(Outcome(with_headers + "\ncontent-type: text/html\nx-amz-meta-team: web"), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(with_headers + "\ncontent-type: text/css"), "SignatureDoesNotMatch");
}

TEST(SigV2, KnowsTheSessionThatSigned) {
  constexpr std::string_view kSignature = "M2yvm0XvIBoFbNsC1N43DrQ2ju0%3D";
  constexpr std::string_view kParameter = "&x-amz-security-token=FwoGZXIvYXdzEXAMPLE%2F%2Ftoken%2B1%3D%3D";
  EXPECT_EQ(Outcome(Get("/shop/k", kSignature, kParameter), "", true), "ok");
  EXPECT_EQ(Outcome(Get("/shop/k", kSignature), "", true), "InvalidToken");
  EXPECT_EQ(Outcome(Get("/shop/k", kSignature, kParameter), "", false), "InvalidToken");
}

TEST(SigV2, RefusesWhatWasNotSigned) {
  constexpr std::string_view kSignature = "OiSrHzNiKTlIIyCidEymM0CIwj8%3D";
  EXPECT_EQ(Outcome(Get("/shop/k", kSignature)), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(Get("/shop/other?tagging", kSignature)), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(Get("/shop/k?tagging&versionId=v2", kSignature)), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(Get("/shop/k?tagging", kSignature, "&x-amz-acl=public-read")), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(Get("/k?tagging", kSignature), "other"), "SignatureDoesNotMatch");
  std::string removal = Get("/shop/k?tagging", kSignature);
  removal.replace(0, 3, "PUT");
  EXPECT_EQ(Outcome(removal), "SignatureDoesNotMatch");
  EXPECT_EQ(Outcome(Get("/shop/k?tagging", "AAAA")), "SignatureDoesNotMatch");
  std::string stranger = Get("/shop/k?tagging", kSignature);
  stranger.replace(stranger.find("AKIA"), 4, "AKIB");
  EXPECT_EQ(Outcome(stranger), "InvalidAccessKeyId");
}

TEST(SigV2, EndsWhenItSaid) {
  const std::string request = Get("/shop/k?tagging", "OiSrHzNiKTlIIyCidEymM0CIwj8%3D");
  const Instant expiry = kSignedAt + std::chrono::hours(1);
  EXPECT_EQ(Outcome(request, "", false, expiry), "ok");
  EXPECT_EQ(Outcome(request, "", false, expiry + std::chrono::seconds(1)), "AccessDenied");
}

TEST(SigV2, SaysWhatIsMissing) {
  EXPECT_EQ(Outcome("GET /shop/k?tagging HTTP/1.1"), "anonymous");
  constexpr std::string_view kIncomplete =
      "AccessDenied: Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
  EXPECT_EQ(Outcome("GET /shop/k?AWSAccessKeyId=a&Signature=b HTTP/1.1"), kIncomplete);
  EXPECT_EQ(Outcome("GET /shop/k?AWSAccessKeyId=a&Expires=1 HTTP/1.1"), kIncomplete);
  for (const std::string expires : {"", "soon", "-1", "1.5", "99999999999999999999", "9000000001"}) {
    EXPECT_EQ(Outcome("GET /shop/k?AWSAccessKeyId=a&Signature=b&Expires=" + expires + " HTTP/1.1"),
              "AccessDenied: Invalid date (should be seconds since epoch): " + expires);
  }
}

}  // namespace
}  // namespace meetinity::wire
