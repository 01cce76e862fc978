#include "wire/api_server.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "wire/recorded_requests.h"
#include "wire/testing_api.h"

// Requests through a real port: who asks, whom, and how refusals look. Uploads are in api_upload_test.cc.
namespace meetinity::wire {
namespace {

class ApiServerTest : public testing::Test {
 protected:
  Reply SendRecorded(std::string_view name, std::string_view from = "", std::string_view to = "") {
    for (const RecordedRequest& recorded : ReadRecordedRequests()) {
      if (recorded.name != name) continue;
      std::string head = recorded.head;
      if (!from.empty()) head.replace(head.find(from), from.size(), to);
      return house_.Send(head, recorded.body);
    }
    ADD_FAILURE() << "nothing recorded as " << name;
    return {};
  }

  static void SetUpTestSuite() { shared_ = new ApiHouse(clock_); }
  static void TearDownTestSuite() { delete std::exchange(shared_, nullptr); }

  static inline const FakeClock clock_{kNow};
  static inline ApiHouse* shared_ = nullptr;  // making one costs a blob store's folders
  ApiHouse& house_ = *shared_;
};

TEST_F(ApiServerTest, AnswersASignedQueryCall) {
  const Reply reply = SendRecorded("sts-identity");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.Has("<Arn>arn:aws:iam::123456789012:root</Arn>")) << reply.body;
  EXPECT_TRUE(reply.Has("x-amzn-requestid: ")) << reply.head;
}

TEST_F(ApiServerTest, AnswersASignedJsonCall) {
  const Reply reply = SendRecorded("acm-list");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.Has("content-type: application/x-amz-json-1.1")) << reply.head;
  EXPECT_TRUE(reply.body.starts_with("{")) << reply.body;
}

TEST_F(ApiServerTest, AnswersASignedS3Call) {
  const Reply reply = SendRecorded("s3-list-buckets");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.Has("<ListAllMyBucketsResult")) << reply.body;
  EXPECT_TRUE(reply.Has("server: AmazonS3") && reply.Has("x-amz-request-id: ") && reply.Has("x-amz-id-2: "));
}

// Each protocol has its own name, status and shape for the same refusal.
TEST_F(ApiServerTest, RefusesInTheProtocolsOwnShape) {
  const Reply query = SendRecorded("sts-identity", "Signature=", "Signature=0");
  EXPECT_EQ(query.status, 403);
  EXPECT_TRUE(query.Has("<Code>SignatureDoesNotMatch</Code>")) << query.body;
  const Reply json = SendRecorded("acm-list", "Signature=", "Signature=0");
  EXPECT_EQ(json.status, 400);
  EXPECT_TRUE(json.Has("\"__type\":\"InvalidSignatureException\"")) << json.body;
  const Reply s3 = SendRecorded("s3-list-buckets", "Signature=", "Signature=0");
  EXPECT_EQ(s3.status, 403);
  EXPECT_TRUE(s3.Has("<Error><Code>SignatureDoesNotMatch</Code>")) << s3.body;
  EXPECT_TRUE(s3.Has("<StringToSign>AWS4-HMAC-SHA256\n20240101T030000Z\n")) << s3.body;

  EXPECT_TRUE(SendRecorded("sts-identity", "AKIAIOSFODNN7EXAMPLE", "AKIANOBODY").Has("<Code>InvalidClientTokenId"));
  EXPECT_TRUE(SendRecorded("acm-list", "AKIAIOSFODNN7EXAMPLE", "AKIANOBODY").Has("UnrecognizedClientException"));
  EXPECT_TRUE(SendRecorded("s3-list-buckets", "AKIAIOSFODNN7EXAMPLE", "AKIANOBODY").Has("<Code>InvalidAccessKeyId"));
}

TEST_F(ApiServerTest, SaysWhoIsMissing) {
  const Reply query = house_.Send(
      "POST / HTTP/1.1\nHost: localhost:4566\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 24",
      "Action=GetCallerIdentity");
  EXPECT_EQ(query.status, 403);
  EXPECT_TRUE(query.Has("<Code>MissingAuthenticationToken</Code>")) << query.body;
  const Reply json = house_.Send(
      "POST / HTTP/1.1\nHost: localhost:4566\nX-Amz-Target: CertificateManager.ListCertificates\nContent-Length: 2",
      "{}");
  EXPECT_EQ(json.status, 400);
  EXPECT_TRUE(json.Has("MissingAuthenticationTokenException")) << json.body;
}

TEST_F(ApiServerTest, NamesAServiceThatIsNotServed) {
  const Reply xml = house_.SendSigned("POST", "/", "quantum", "Action=X&Version=1", kNow);
  EXPECT_EQ(xml.status, 501);
  EXPECT_TRUE(xml.Has("<Code>UnknownService</Code>") && xml.Has("'quantum'")) << xml.body;
  const Reply json = house_.SendSigned("POST", "/", "quantum", "{}", kNow, {{"x-amz-target", "Quantum.X"}});
  EXPECT_EQ(json.status, 501);
  EXPECT_TRUE(json.Has("\"__type\":\"UnknownService\"")) << json.body;
}

TEST_F(ApiServerTest, NamesAnOperationThatIsNotServed) {
  EXPECT_EQ(house_.SendSigned("POST", "/", "sts", "Action=Nonsense&Version=2011-06-15", kNow).status, 400);
  const Reply json =
      house_.SendSigned("POST", "/", "acm", "{}", kNow, {{"x-amz-target", "CertificateManager.Nonsense"}});
  EXPECT_TRUE(json.Has("UnknownOperationException")) << json.body;
}

TEST_F(ApiServerTest, AsksTheAuthorizerExceptForWhatNeedsNoPermission) {
  EXPECT_EQ(
      house_.SendSigned("POST", "/", "sts", "Action=GetCallerIdentity&Version=2011-06-15", kNow, {}, kUserKey).status,
      200);
  const Reply refused = house_.SendSigned("POST", "/", "acm", "{}", kNow,
                                          {{"x-amz-target", "CertificateManager.ListCertificates"}}, kUserKey);
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(refused.Has("AccessDeniedException") && refused.Has("acm:ListCertificates")) << refused.body;
}

TEST_F(ApiServerTest, AuthorisesOnTheResourceThatTheInputNames) {
  const Reply refused = house_.SendSigned("POST", "/", "acm", R"({"NextToken":"second"})", kNow,
                                          {{"x-amz-target", "CertificateManager.ListCertificates"}}, kUserKey);
  EXPECT_TRUE(refused.Has("on resource: arn:aws:acm:eu-west-1::second")) << refused.body;
}

TEST_F(ApiServerTest, RefusesTraceConnectAndAPreflightWithoutRules) {
  EXPECT_EQ(house_.Send("TRACE / HTTP/1.1\nHost: localhost").status, 405);
  const Reply preflight = house_.Send(
      "OPTIONS /assets/a.txt HTTP/1.1\nHost: localhost\nOrigin: https://a.test\nAccess-Control-Request-Method: PUT");
  EXPECT_EQ(preflight.status, 403);
  EXPECT_TRUE(preflight.Has("<Code>AccessForbidden</Code>")) << preflight.body;
}

TEST_F(ApiServerTest, RefusesADocumentBeyondItsBound) {
  const Reply sts = house_.Send(
      "POST / HTTP/1.1\nHost: localhost\nContent-Length: 2000000\nAuthorization: AWS4-HMAC-SHA256 "
      "Credential=AK/20240101/eu-west-1/sts/aws4_request");
  EXPECT_EQ(sts.status, 413);
  const Reply s3 = house_.SendSigned("POST", "/assets?delete", "s3", std::string((1 << 20) + 1, 'x'), kNow);
  EXPECT_EQ(s3.status, 400);
  EXPECT_TRUE(s3.Has("MaxMessageLengthExceeded")) << s3.body;
}

TEST_F(ApiServerTest, HoldsAnS3DocumentToItsDigests) {
  const std::string document =
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object></Delete>";
  const std::string md5 = Base64Encode(Md5(document));
  const Reply ok = house_.SendSigned("POST", "/assets?delete", "s3", document, kNow, {{"content-md5", md5}});
  EXPECT_EQ(ok.status, 200) << ok.body;
  EXPECT_TRUE(ok.Has("<Deleted><Key>a</Key></Deleted>")) << ok.body;
  EXPECT_TRUE(house_.SendSigned("POST", "/assets?delete", "s3", document, kNow).Has("<Code>InvalidRequest</Code>"));
  EXPECT_TRUE(
      house_.SendSigned("POST", "/assets?delete", "s3", document, kNow, {{"content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="}})
          .Has("<Code>BadDigest</Code>"));
  const Reply tampered = house_.SendSigned("POST", "/assets?delete", "s3", document, kNow, {{"content-md5", md5}},
                                           kRootKey, HexEncode(Sha256("something else")));
  EXPECT_TRUE(tampered.Has("<Code>XAmzContentSHA256Mismatch</Code>")) << tampered.body;
  EXPECT_TRUE(SendRecorded("s3-delete-objects").Has("<Key>a&amp;b</Key>"));
}

TEST_F(ApiServerTest, AnswersAHeadRequestWithoutABody) {
  const Reply reply = house_.Send("HEAD /assets/a.txt HTTP/1.1\nHost: localhost");
  EXPECT_GE(reply.status, 400);
  EXPECT_EQ(reply.body, "");
}

TEST_F(ApiServerTest, TellsThatItRunsToAnybody) {
  const Reply reply = house_.Send("GET /_meetinity/health HTTP/1.1\nHost: localhost");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"status\":\"running\"}\n");
}

TEST_F(ApiServerTest, ServesItsOwnPathsToRootAlone) {
  const Reply ok = house_.SendSigned("POST", "/_meetinity/echo", "meetinity", "hello", kNow);
  EXPECT_EQ(ok.status, 200) << ok.body;
  EXPECT_EQ(ok.body, "{\"caller\":\"arn:aws:iam::123456789012:root\",\"bytes\":5}");
  const Reply user = house_.SendSigned("POST", "/_meetinity/echo", "meetinity", "hello", kNow, {}, kUserKey);
  EXPECT_EQ(user.status, 403);
  EXPECT_TRUE(user.Has("{\"error\":{\"code\":\"AccessDenied\"")) << user.body;
  EXPECT_EQ(house_.Send("POST /_meetinity/echo HTTP/1.1\nHost: localhost").status, 403);
  EXPECT_EQ(house_.SendSigned("POST", "/_meetinity/echo", "s3", "hello", kNow).status, 403);
  EXPECT_EQ(house_.SendSigned("GET", "/_meetinity/echo", "meetinity", "", kNow).status, 405);
  EXPECT_EQ(house_.SendSigned("GET", "/_meetinity/nothing", "meetinity", "", kNow).status, 404);
  EXPECT_EQ(house_.SendSigned("POST", "/_meetinity/echo", "meetinity", "refuse", kNow).status, 409);
}

TEST_F(ApiServerTest, TurnsAnExceptionIntoAnInternalErrorThatSaysNothing) {
  const Reply reply = house_.SendSigned("POST", "/_meetinity/echo", "meetinity", "throw", kNow);
  EXPECT_EQ(reply.status, 500);
  EXPECT_FALSE(reply.Has("library")) << reply.body;
}

TEST(ApiServer, SaysComeBackLaterWhenItsQueueIsFull) {
  FakeClock clock{kNow};
  std::latch release(1), started(2);  // outlive the workers
  ApiHouse house(clock, 1);
  for (int i = 0; i < 2; ++i) {
    house.workers().Run([&] {
      started.count_down();
      release.wait();
    });
  }
  started.wait();
  ASSERT_TRUE(house.workers().TryRun([] {}));  // the queue's one place
  const Reply s3 = house.SendSigned("GET", "/", "s3", "", kNow);
  EXPECT_EQ(s3.status, 503);
  EXPECT_TRUE(s3.Has("<Code>SlowDown</Code>")) << s3.body;
  const Reply sts = house.SendSigned("POST", "/", "sts", "Action=GetCallerIdentity&Version=2011-06-15", kNow);
  EXPECT_EQ(sts.status, 503);
  EXPECT_TRUE(sts.Has("<Code>ServiceUnavailable</Code>")) << sts.body;
  release.count_down();
}

// curl signs by itself: a client that shares no code and no author with botocore.
TEST(ApiServer, UnderstandsCurl) {
  const SystemClock clock;
  ApiHouse house(clock);
  const std::string command =
      "curl -s --max-time 10 --user AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY "
      "--aws-sigv4 aws:amz:eu-west-1:sts -d 'Action=GetCallerIdentity&Version=2011-06-15' http://127.0.0.1:" +
      std::to_string(house.port()) + "/";
  FILE* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string answer;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.append(buffer, n);
  if (::pclose(pipe) != 0) GTEST_SKIP() << "no curl here";
  EXPECT_NE(answer.find("<Arn>arn:aws:iam::123456789012:root</Arn>"), std::string::npos) << answer;
}

}  // namespace
}  // namespace meetinity::wire
