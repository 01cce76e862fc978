#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/uri.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"
#include "wire/example_credentials.h"
#include "wire/recorded_requests.h"
#include "wire/text_request.h"

namespace meetinity::wire {
namespace {

// Everything that a server does with a head.
Result<Verified> Check(const net::RequestHead& head, bool is_s3, std::string_view body, Instant now,
                       std::string_view region, bool with_token = false) {
  ExampleCredentials credentials;
  credentials.with_token = with_token;
  FakeClock clock(now);
  const SigV4Verifier verifier(credentials, clock);
  const std::optional<SignedClaim> claim = TRY(ParseClaim(head, is_s3));
  if (!claim) return Error{Kind::kUnauthorized, kMissingAuthenticationToken, "anonymous"};
  std::string payload_hash = TRY(DeclaredPayloadHash(head, *claim, is_s3));
  if (payload_hash.empty()) payload_hash = HexEncode(Sha256(body));
  return verifier.Verify(head, *claim, is_s3, payload_hash, region);
}

std::string NameOf(const Result<Verified>& result) { return result.ok() ? "ok" : std::string(result.error().name); }

std::string FieldOf(const Error& error, std::string_view name) {
  for (const ErrorField& field : error.fields) {
    if (field.name == name) return field.value;
  }
  return "";
}

// --- S3 API Reference, pages "Authenticating Requests: Using the Authorization Header" and "… Query Parameters"

const Instant kExampleTime = Instant::Utc("2013-05-24T00:00:00Z");

std::string Example(std::string_view first_line, std::string_view extra, std::string_view signed_headers,
                    std::string_view signature, std::string_view hash = kEmptySha256) {
  return fmt::format(
      "{} HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n{}x-amz-content-sha256: {}\nx-amz-date: 20130524T000000Z\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
      "SignedHeaders={},Signature={}",
      first_line, extra, hash, signed_headers, signature);
}

TEST(SigV4, AgreesWithThePublishedS3Examples) {
  const std::string requests[] = {
      Example("GET /test.txt", "Range: bytes=0-9\n", "host;range;x-amz-content-sha256;x-amz-date",
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
      Example("PUT /test%24file.text", "Date: Fri, 24 May 2013 00:00:00 GMT\nx-amz-storage-class: REDUCED_REDUNDANCY\n",
              "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
              "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
      Example("GET /?lifecycle", "", "host;x-amz-content-sha256;x-amz-date",
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
      Example("GET /?max-keys=2&prefix=J", "", "host;x-amz-content-sha256;x-amz-date",
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
      "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
      "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\n"
      "Host: examplebucket.s3.amazonaws.com"};
  for (const std::string& text : requests) {
    const TextRequest request(text);
    const Result<Verified> verified = Check(request.head(), true, "", kExampleTime, "us-east-1");
    EXPECT_EQ(NameOf(verified), "ok") << text << (verified.ok() ? "" : verified.error().detail);
  }
}

// --- what botocore really sent

const Instant kRecordedTime = Instant::Utc("2024-01-01T03:00:05Z");

TEST(SigV4, AgreesWithRecordedBotocoreRequests) {
  const std::vector<RecordedRequest> all = ReadRecordedRequests();
  ASSERT_EQ(all.size(), 20u);
  for (const RecordedRequest& recorded : all) {
    const TextRequest request(recorded.head);
    const bool global = recorded.service == "iam" || recorded.service == "cloudfront";
    const bool with_token = recorded.name.ends_with("-session");
    EXPECT_EQ(ClaimedService(request.head()), recorded.service);
    const Result<Verified> verified = Check(request.head(), recorded.service == "s3", recorded.body, kRecordedTime,
                                            global ? "us-east-1" : "eu-west-1", with_token);
    EXPECT_EQ(NameOf(verified), "ok") << recorded.name << (verified.ok() ? "" : verified.error().detail);
    // The token is part of who signs: without it, or with one too many, nobody is recognised.
    const std::string refused = NameOf(Check(request.head(), recorded.service == "s3", recorded.body, kRecordedTime,
                                             global ? "us-east-1" : "eu-west-1", !with_token));
    EXPECT_EQ(refused, recorded.service == "s3" ? "InvalidToken" : "InvalidClientTokenId") << recorded.name;
  }
}

TEST(SigV4, RefusesEverySingleChangeOfASignedByte) {
  for (const RecordedRequest& recorded : ReadRecordedRequests()) {
    if (recorded.name != "s3-put-hashed") continue;
    const size_t begin = recorded.head.find("Signature=") + 10;
    for (size_t i = begin; i < begin + 64; ++i) {
      std::string head = recorded.head;
      head[i] = head[i] == '0' ? '1' : '0';
      const TextRequest request(head);
      EXPECT_EQ(NameOf(Check(request.head(), true, "", kRecordedTime, "eu-west-1")), "SignatureDoesNotMatch");
    }
  }
}

// --- tampering: a recorded request, a replacement in its head, and how it is refused

struct Tampering {
  std::string_view recorded, from, to, error;
};

TEST(SigV4, RefusesTamperedRequestsByName) {
  constexpr Tampering kTamperings[] = {
      {"s3-get-range", "bytes=0-9", "bytes=0-8", "SignatureDoesNotMatch"},
      {"s3-get-range", "/index.html", "/other.html", "SignatureDoesNotMatch"},
      {"s3-get-range", "GET ", "DELETE ", "SignatureDoesNotMatch"},
      {"s3-get-range", "Host: localhost:4566", "Host: other:4566", "SignatureDoesNotMatch"},
      {"s3-get-range", "/index.html ", "/index.html?acl ", "SignatureDoesNotMatch"},
      {"s3-get-range", "AKIAIOSFODNN7EXAMPLE/", "AKIAIOSFODNN7EXAMPLF/", "InvalidAccessKeyId"},
      {"s3-get-range", "/eu-west-1/", "/us-east-1/", "AuthorizationHeaderMalformed"},
      {"s3-get-range", "/20240101/", "/20240102/", "AuthorizationHeaderMalformed"},
      {"s3-get-range", "/aws4_request", "/aws5_request", "AuthorizationHeaderMalformed"},
      {"s3-get-range", "/eu-west-1/s3/", "/", "AuthorizationHeaderMalformed"},
      {"s3-get-range", "SignedHeaders=host;", "SignedHeaders=", "AccessDenied"},
      {"s3-get-range", "X-Amz-Date: 20240101T030000Z", "X-Amz-Meta-Date: x", "AccessDenied"},
      {"s3-get-range", "X-Amz-Date: 20240101T030000Z", "X-Amz-Date: 20240101T020000Z", "RequestTimeTooSkewed"},
      {"s3-get-range", "X-Amz-Date: 20240101T030000Z", "X-Amz-Date: 20240101T040000Z", "RequestTimeTooSkewed"},
      {"s3-get-range", "X-Amz-Date: 20240101T030000Z", "X-Amz-Date: yesterday", "AccessDenied"},
      {"s3-get-range", "AWS4-HMAC-SHA256 ", "AWS AKID:xyz ", "InvalidRequest"},
      {"s3-get-range", "AWS4-HMAC-SHA256 ", "Bearer ", "InvalidArgument"},
      {"s3-get-range", "Signature=", "Sig=", "AuthorizationHeaderMalformed"},
      {"s3-get-range", "X-Amz-Content-SHA256: e3b0", "X-Amz-Content-SHA256: e3b1", "SignatureDoesNotMatch"},
      {"s3-get-range", "X-Amz-Content-SHA256: e3b0", "X-Amz-Content-SHA256: xyz", "InvalidArgument"},
      {"s3-get-range", "X-Amz-Content-SHA256: ", "Content-SHA256: ", "InvalidRequest"},
      {"s3-get-range", "Range:", "x-amz-acl:", "AccessDenied"},
      {"s3-put-hashed", "dark   blue", "dark blue", "ok"},  // runs of spaces are folded on both sides
      {"s3-put-hashed", "dark   blue", "light blue", "SignatureDoesNotMatch"},
      {"s3-presigned-get", " HTTP/1.1\n", " HTTP/1.1\nx-amz-acl: public-read\n", "AccessDenied"},
      {"s3-presigned-get", "X-Amz-Expires=3600", "X-Amz-Expires=7200", "SignatureDoesNotMatch"},
      {"s3-presigned-get", "X-Amz-Expires=3600", "X-Amz-Expires=604801", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", "X-Amz-Expires=3600", "X-Amz-Expires=-1", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", "X-Amz-Expires=3600", "X-Amz-Expires=0", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", "X-Amz-Expires=3600", "X-Amz-Expires=soon", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", "&X-Amz-Expires=3600", "", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", "20240101T030000Z", "20240101T040000Z", "AccessDenied"},
      {"s3-presigned-get", "20240101T030000Z", "20240101T010000Z", "AccessDenied"},
      {"s3-presigned-get", "eu-west-1", "us-east-1", "AuthorizationQueryParametersError"},
      {"s3-presigned-get", " HTTP/1.1\n", " HTTP/1.1\nAuthorization: AWS4-HMAC-SHA256 x\n", "InvalidArgument"},
      {"s3-presigned-get", "a%20b", "a+b", "SignatureDoesNotMatch"},
      {"s3-presigned-get", "X-Amz-Algorithm=AWS4-HMAC-SHA256&", "AWSAccessKeyId=x&",
       "AuthorizationQueryParametersError"},
      {"s3-list-v2", "delimiter=%2F", "delimiter=/", "ok"},  // another spelling of the same request
      {"s3-list-v2", "delimiter=%2F", "delimiter=%2G", "SignatureDoesNotMatch"},
      {"sts-identity", "AKIAIOSFODNN7EXAMPLE/", "AKIAIOSFODNN7EXAMPLF/", "InvalidClientTokenId"},
      {"sts-identity", "/eu-west-1/", "/mars-north-1/", "SignatureDoesNotMatch"},
      {"sts-identity", "/20240101/", "/20240102/", "SignatureDoesNotMatch"},
      {"sts-identity", "X-Amz-Date: 20240101T030000Z", "X-Amz-Date: 20240101T020000Z", "SignatureDoesNotMatch"},
      {"sts-identity", "X-Amz-Date: 20240101T030000Z", "X-Amz-Date: 20240101T040000Z", "SignatureDoesNotMatch"},
      {"sts-identity", "X-Amz-Date: 20240101T030000Z", "Server: x", "IncompleteSignature"},
      {"sts-identity", "Signature=", "Sig=", "IncompleteSignature"},
      {"sts-identity", "/sts/aws4_request", "", "IncompleteSignature"},
      {"sts-identity", "content-type;host;", "content-type;", "SignatureDoesNotMatch"},
      {"sts-identity", "POST / ", "POST /x ", "SignatureDoesNotMatch"},
      {"acm-list", "CertificateManager.ListCertificates", "CertificateManager.DeleteCertificate",
       "SignatureDoesNotMatch"},
  };
  const std::vector<RecordedRequest> all = ReadRecordedRequests();
  for (const Tampering& tampering : kTamperings) {
    for (const RecordedRequest& recorded : all) {
      if (recorded.name != tampering.recorded) continue;
      std::string head = recorded.head;
      const size_t at = head.find(tampering.from);
      ASSERT_NE(at, std::string::npos) << tampering.recorded << ": " << tampering.from;
      head.replace(at, tampering.from.size(), tampering.to);
      const TextRequest request(head);
      const Result<Verified> result =
          Check(request.head(), recorded.service == "s3", recorded.body, kRecordedTime, "eu-west-1");
      EXPECT_EQ(NameOf(result), tampering.error) << tampering.recorded << ": " << tampering.from << " -> "
                                                 << tampering.to << (result.ok() ? "" : result.error().detail);
    }
  }
}

TEST(SigV4, TellsWhatItExpected) {
  const TextRequest request(Example("GET /test.txt", "", "host;x-amz-content-sha256;x-amz-date", "00"));
  const Result<Verified> wrong = Check(request.head(), true, "", kExampleTime, "us-east-1");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(FieldOf(wrong.error(), "AWSAccessKeyId"), kAccessKey);
  EXPECT_EQ(FieldOf(wrong.error(), "SignatureProvided"), "00");
  EXPECT_EQ(FieldOf(wrong.error(), "CanonicalRequest"),
            "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nx-amz-content-sha256:" + std::string(kEmptySha256) +
                "\nx-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n" + std::string(kEmptySha256));
  EXPECT_TRUE(FieldOf(wrong.error(), "StringToSignBytes").starts_with("41 57 53 34 2d 48"));

  const Result<Verified> skewed =
      Check(request.head(), true, "", kExampleTime + std::chrono::minutes(15) + std::chrono::seconds(1), "us-east-1");
  ASSERT_FALSE(skewed.ok());
  EXPECT_EQ(FieldOf(skewed.error(), "RequestTime"), "20130524T000000Z");
  EXPECT_EQ(FieldOf(skewed.error(), "ServerTime"), "2013-05-24T00:15:01Z");
  EXPECT_EQ(FieldOf(skewed.error(), "MaxAllowedSkewMilliseconds"), "900000");

  const Result<Verified> region = Check(request.head(), true, "", kExampleTime, "eu-west-1");
  ASSERT_FALSE(region.ok());
  EXPECT_EQ(region.error().detail,
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'");
  EXPECT_EQ(FieldOf(region.error(), "Region"), "eu-west-1");
}

TEST(SigV4, TakesWhatClientsSignByTheMachinesTimeWhenTheCloudsWasMoved) {
  const ExampleCredentials credentials;
  FakeClock machine(kExampleTime);
  AdvanceableClock cloud(machine);
  const SigV4Verifier verifier(credentials, cloud, &machine);
  const TextRequest request(Example("GET /test.txt", "", "host;x-amz-content-sha256;x-amz-date", "00"));
  const SignedClaim claim = *ParseClaim(request.head(), true).value();
  const auto refusal = [&] {
    return NameOf(verifier.Verify(request.head(), claim, true, std::string(kEmptySha256), "us-east-1"));
  };
  cloud.Advance(35 * kDay);
  EXPECT_EQ(refusal(), "SignatureDoesNotMatch");  // it is in time, and "00" is no signature
  machine.Advance(std::chrono::minutes(16));
  EXPECT_EQ(refusal(), "RequestTimeTooSkewed");
}

TEST(SigV4, WordsAnExpiredSignatureAsAwsDoes) {
  for (const RecordedRequest& recorded : ReadRecordedRequests()) {
    const TextRequest request(recorded.head);
    if (recorded.name == "sts-identity") {
      const auto late = Check(request.head(), false, recorded.body, Instant::Utc("2024-01-01T03:16:00Z"), "eu-west-1");
      EXPECT_EQ(
          late.error().detail,
          "Signature expired: 20240101T030000Z is now earlier than 20240101T030100Z (20240101T031600Z - 15 min.)");
      const auto early = Check(request.head(), false, recorded.body, Instant::Utc("2024-01-01T02:44:00Z"), "eu-west-1");
      EXPECT_EQ(early.error().detail,
                "Signature not yet current: 20240101T030000Z is still later than 20240101T025900Z (20240101T024400Z + "
                "15 min.)");
    }
    if (recorded.name == "s3-presigned-get") {
      EXPECT_EQ(NameOf(Check(request.head(), true, "", Instant::Utc("2024-01-01T04:00:00Z"), "eu-west-1")), "ok");
      const auto late = Check(request.head(), true, "", Instant::Utc("2024-01-01T04:00:01Z"), "eu-west-1");
      EXPECT_EQ(late.error().detail, "Request has expired");
      EXPECT_EQ(FieldOf(late.error(), "Expires"), "2024-01-01T04:00:00Z");
      EXPECT_EQ(FieldOf(late.error(), "X-Amz-Expires"), "3600");
      EXPECT_EQ(FieldOf(late.error(), "ServerTime"), "2024-01-01T04:00:01Z");
    }
  }
}

TEST(SigV4, FindsNoClaimInAnAnonymousRequest) {
  const TextRequest request("GET /assets/a.txt?versionId=1 HTTP/1.1\nHost: localhost");
  const auto claim = ParseClaim(request.head(), true);
  ASSERT_TRUE(claim.ok());
  EXPECT_FALSE(claim->has_value());
  EXPECT_EQ(ClaimedService(request.head()), "");
}

// --- the signing side agrees with the verifying side

TEST(Signer, SignsWhatTheVerifierAccepts) {
  const Credential credential = *ExampleCredentials().Find(kAccessKey);
  const CredentialScope scope{"20240101", "eu-west-1", "s3"};
  const SigningInput input{"GET", "localhost:4566",         "/assets/a%20b//c.txt", "list-type=2&prefix=x%2Fy",
                           {},    std::string(kEmptySha256)};
  TextRequest request("GET /assets/a%20b//c.txt?list-type=2&prefix=x%2Fy HTTP/1.1\nHost: localhost:4566");
  for (const auto& [name, value] : SignRequest(input, credential, scope, kRecordedTime)) request.Add(name, value);
  EXPECT_EQ(NameOf(Check(request.head(), true, "", kRecordedTime, "eu-west-1")), "ok");

  SigningInput presigned = input;
  presigned.payload_hash.clear();
  const std::string query = PresignQuery(presigned, credential, scope, kRecordedTime, std::chrono::seconds(60));
  const TextRequest by_query("GET /assets/a%20b//c.txt?" + query + " HTTP/1.1\nHost: localhost:4566");
  EXPECT_EQ(NameOf(Check(by_query.head(), true, "", kRecordedTime, "eu-west-1")), "ok");
  EXPECT_EQ(NameOf(Check(by_query.head(), true, "", kRecordedTime + std::chrono::seconds(61), "eu-west-1")),
            "AccessDenied");
}

TEST(CanonicalRequest, FollowsEachPathRule) {
  const auto path = [](std::string_view text, PathRule rule) {
    std::string out;
    AppendCanonicalPath(out, text, rule);
    return out;
  };
  EXPECT_EQ(path("/a//b/../c%20d:e", PathRule::kEncodeOnce), "/a//b/../c%20d%3Ae");
  EXPECT_EQ(path("/a//b/../c%20d", PathRule::kNormaliseAndEncodeTwice), "/a/c%2520d");
  EXPECT_EQ(path("/../..", PathRule::kNormaliseAndEncodeTwice), "/");
  EXPECT_EQ(path("/a/b/", PathRule::kNormaliseAndEncodeTwice), "/a/b/");
  EXPECT_EQ(path("", PathRule::kEncodeOnce), "/");
  EXPECT_EQ(path("/100%", PathRule::kEncodeOnce), "/100%25");
}

TEST(CanonicalRequest, SortsTheQueryByEncodedNameThenValue) {
  std::string out;
  AppendCanonicalQuery(out, "b=2&a=z&a=%7e&a-b=1&B&&c=x+y&%61%20=1&X-Amz-Signature=s", "X-Amz-Signature");
  EXPECT_EQ(out, "B=&a=z&a=~&a%20=1&a-b=1&b=2&c=x%20y");
}

}  // namespace
}  // namespace meetinity::wire
