#include <gtest/gtest.h>

#include "wire/canonical_request.h"
#include "wire/recorded_requests.h"
#include "wire/testing_api.h"

// Uploads through a real port: received, verified and durable before their handler runs, or gone without a trace.
namespace meetinity::wire {
namespace {

class ApiUploadTest : public testing::Test {
 protected:
  Reply SendRecorded(std::string_view name, std::string_view from = "", std::string_view to = "") {
    for (const RecordedRequest& recorded : ReadRecordedRequests()) {
      if (recorded.name != name) continue;
      std::string body = recorded.body;
      if (!from.empty()) body.replace(body.find(from), from.size(), to);
      if (recorded.head.find("Transfer-Encoding: chunked") != std::string::npos) {
        body = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size(), body);
      }
      return house_.Send(recorded.head, body);
    }
    ADD_FAILURE() << "nothing recorded as " << name;
    return {};
  }

  // Not repeating within 256, so that a misplaced block shows.
  static std::string Pattern(size_t size) {
    std::string bytes(size, '\0');
    uint32_t state = 1;
    for (char& byte : bytes) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<char>(state >> 24);
    }
    return bytes;
  }

  static void SetUpTestSuite() { shared_ = new ApiHouse(clock_); }
  static void TearDownTestSuite() { delete std::exchange(shared_, nullptr); }

  static inline const FakeClock clock_{kNow};
  static inline ApiHouse* shared_ = nullptr;
  ApiHouse& house_ = *shared_;
  const size_t files_before_ = house_.FilesOnDisk();
};

TEST_F(ApiUploadTest, TakesEveryWayInWhichBotocoreUploads) {
  for (const std::string_view name : {"s3-put-hashed", "s3-put-unsigned", "s3-put-trailer", "s3-put-checksum"}) {
    const Reply reply = SendRecorded(name);
    EXPECT_EQ(reply.status, 200) << name << reply.body;
    EXPECT_TRUE(reply.Has("etag: \"5eb63bbbe01eeed093cb22bb8f5acdc3\"")) << name << reply.head;
    EXPECT_EQ(house_.ReadKept(), "hello world") << name;
  }
  EXPECT_EQ(house_.kept().checksums.count("SHA256"), 1u);
}

TEST_F(ApiUploadTest, RefusesABodyThatIsNotTheSignedOneAndKeepsNothing) {
  EXPECT_TRUE(SendRecorded("s3-put-hashed", "hello", "jello").Has("<Code>XAmzContentSHA256Mismatch</Code>"));
  EXPECT_TRUE(SendRecorded("s3-put-trailer", "hello", "jello").Has("<Code>BadDigest</Code>"));
  EXPECT_TRUE(SendRecorded("s3-put-checksum", "hello", "jello").Has("<Error>"));
  EXPECT_EQ(house_.FilesInTheEnd(files_before_), files_before_);
}

TEST_F(ApiUploadTest, StreamsALargeBodyInAndOutAgain) {
  const std::string body = Pattern(3'000'000);
  const Reply put = house_.SendSigned("PUT", "/assets/big.bin", "s3", body, kNow);
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(house_.kept().size, body.size());
  EXPECT_EQ(HexEncode(house_.kept().md5), HexEncode(Md5(body)));
  EXPECT_EQ(house_.kept().checksums.count("CRC64NVME"), 1u);
  const Reply get = house_.SendSigned("GET", "/assets/big.bin", "s3", "", kNow);
  EXPECT_EQ(get.status, 200);
  EXPECT_TRUE(get.Has("content-length: 3000000") || get.Has("Content-Length: 3000000")) << get.head;
  EXPECT_TRUE(get.body == body);
}

TEST_F(ApiUploadTest, AnswersAShortObjectAndAnEmptyOne) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, size_t{65'536}, size_t{65'537}}) {
    const std::string body = Pattern(size);
    std::vector<std::pair<std::string, std::string>> headers;
    if (size == 0) headers = {{"content-length", "0"}};
    ASSERT_EQ(house_.SendSigned("PUT", "/assets/a.bin", "s3", body, kNow, headers).status, 200) << size;
    const Reply get = house_.SendSigned("GET", "/assets/a.bin", "s3", "", kNow);
    EXPECT_EQ(get.status, 200);
    EXPECT_TRUE(get.body == body) << size;
  }
}

TEST_F(ApiUploadTest, StripsAwsChunkedFromTheContentEncoding) {
  ASSERT_EQ(SendRecorded("s3-put-trailer").status, 200);
  EXPECT_EQ(house_.kept().content_encoding.value_or(""), "");
}

TEST_F(ApiUploadTest, RefusesWithoutALengthBeforeItAsksForTheBody) {
  const Reply reply = house_.SendSigned("PUT", "/assets/a.txt", "s3", "", kNow);
  EXPECT_EQ(reply.status, 411);
  EXPECT_TRUE(reply.Has("<Code>MissingContentLength</Code>")) << reply.body;
  const Reply huge = house_.SendSigned("PUT", "/assets/a.txt", "s3", "", kNow, {{"content-length", "5368709121"}});
  EXPECT_TRUE(huge.Has("<Code>EntityTooLarge</Code>")) << huge.body;
}

// The body never comes, and need not: the refusal does not wait for it.
TEST_F(ApiUploadTest, RefusesAnUploadThatIsNotAdmittedWithoutReadingIt) {
  const Reply reply = house_.SendSigned("PUT", "/assets/a.txt", "s3", "", kNow, {{"content-length", "1000000"}},
                                        kUserKey, std::string(kUnsignedPayload));
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(reply.Has("<Code>AccessDenied</Code>")) << reply.body;
  EXPECT_EQ(house_.FilesInTheEnd(files_before_), files_before_);
}

TEST_F(ApiUploadTest, RemovesWhatItsHandlerDidNotKeep) {
  const Reply small = house_.SendSigned("PUT", "/assets/refused", "s3", "hello", kNow);
  EXPECT_EQ(small.status, 412) << small.body;
  const Reply large = house_.SendSigned("PUT", "/assets/refused", "s3", Pattern(500'000), kNow);
  EXPECT_EQ(large.status, 412) << large.body;
  EXPECT_EQ(house_.FilesInTheEnd(files_before_), files_before_);
}

TEST_F(ApiUploadTest, NoticesABodyThatBreaksOffOrFallsSilent) {
  for (const std::string_view length : {"100", "100000"}) {
    const SigningInput input{"PUT", "localhost:4566", "/assets/a.txt", "", {}, std::string(kUnsignedPayload)};
    std::string head =
        "PUT /assets/a.txt HTTP/1.1\nHost: localhost:4566\nContent-Length: " + std::string(length) + "\n";
    for (const auto& [name, value] :
         SignRequest(input, *HouseCredentials().Find(kRootKey), {"20240101", "eu-west-1", "s3"}, kNow)) {
      head += name + ": " + value + "\n";
    }
    const Reply broken = house_.Send(head, "hello", ApiHouse::Finish::kHalfCloses);
    // Nobody may be left to read the answer; when somebody is, this is it.
    EXPECT_TRUE(broken.status == 0 || broken.Has("<Code>IncompleteBody</Code>")) << broken.status << broken.body;
    const Reply silent = house_.Send(head, "hello");
    EXPECT_EQ(silent.status, 400) << length;
    EXPECT_TRUE(silent.Has("<Code>RequestTimeout</Code>")) << silent.body;
  }
  EXPECT_EQ(house_.FilesInTheEnd(files_before_), files_before_);
}

// Signed chunks, whose boundaries fall anywhere in what the network delivers.
TEST_F(ApiUploadTest, ChecksEverySignedChunk) {
  constexpr size_t kChunk = 65'536;
  const std::string content = Pattern(5 * kChunk + 1234);
  const Credential credential = *HouseCredentials().Find(kRootKey);
  const CredentialScope scope{"20240101", "eu-west-1", "s3"};
  SigningInput input{"PUT", "localhost:4566", "/assets/chunked.bin", "", {}, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"};
  input.headers = {{"content-encoding", "aws-chunked,gzip"},
                   {"x-amz-decoded-content-length", std::to_string(content.size())}};
  std::string head = "PUT /assets/chunked.bin HTTP/1.1\nHost: localhost:4566\n", seed;
  for (const auto& [name, value] : SignRequest(input, credential, scope, kNow)) {
    head += name + ": " + value + "\n";
    if (name == "authorization") seed = value.substr(value.size() - 64);
  }
  for (const auto& [name, value] : input.headers) head += name + ": " + value + "\n";
  std::string body;
  const std::string key = DeriveSigningKey(credential.secret_access_key, scope);
  for (size_t at = 0;; at += kChunk) {
    const std::string chunk = at < content.size() ? content.substr(at, kChunk) : std::string();
    std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n20240101T030005Z\n" + scope.ToString() + "\n" + seed + "\n";
    text.append(kEmptySha256).append("\n").append(HexEncode(Sha256(chunk)));
    seed = SignatureOf(key, text);
    body += fmt::format("{:x};chunk-signature={}\r\n{}\r\n", chunk.size(), seed, chunk);
    if (chunk.empty()) break;
  }
  head += "Content-Length: " + std::to_string(body.size()) + "\n";
  ASSERT_EQ(house_.Send(head, body).status, 200);
  EXPECT_TRUE(house_.ReadKept() == content);
  EXPECT_EQ(house_.kept().content_encoding.value_or(""), "gzip");
  const size_t files = house_.FilesOnDisk();

  body[3 * kChunk] = static_cast<char>(body[3 * kChunk] ^ 1);
  const Reply tampered = house_.Send(head, body);
  EXPECT_EQ(tampered.status, 403);
  EXPECT_TRUE(tampered.Has("<Code>SignatureDoesNotMatch</Code>")) << tampered.body;
  EXPECT_EQ(house_.FilesInTheEnd(files), files);
}

// More uploads than workers, each slower than the disk: none holds a worker while it waits.
TEST_F(ApiUploadTest, SlowClientsHoldNoWorker) {
  constexpr int kClients = 16;
  std::latch half_sent(kClients), go_on(1);
  std::vector<std::thread> clients;
  std::atomic<int> ok = 0;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const SigningInput input{"PUT", "localhost:4566", "/assets/slow.bin", "", {}, std::string(kUnsignedPayload)};
      std::string head =
          "PUT /assets/slow.bin HTTP/1.1\r\nHost: localhost:4566\r\nContent-Length: 200000\r\n"
          "Connection: close\r\n";
      for (const auto& [name, value] :
           SignRequest(input, *HouseCredentials().Find(kRootKey), {"20240101", "eu-west-1", "s3"}, kNow)) {
        head += name + ": " + value + "\r\n";
      }
      const Reply reply = house_.Exchange(head + "\r\n" + std::string(100'000, 'x'), [&] {
        half_sent.count_down();
        go_on.wait();
        return std::string(100'000, 'y');
      });
      if (reply.status == 200) ++ok;
    });
  }
  half_sent.wait();
  const Reply other = house_.SendSigned("POST", "/", "sts", "Action=GetCallerIdentity&Version=2011-06-15", kNow);
  EXPECT_EQ(other.status, 200);
  go_on.count_down();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(ok.load(), kClients);
}

TEST_F(ApiUploadTest, AreWatchedToTheirLastByte) {
  auto put = house_.ObserveNext();
  const std::string bytes = Pattern(300'000);
  ASSERT_EQ(house_.SendSigned("PUT", "/assets/a%20b", "s3", bytes, kNow).status, 200);
  const ApiHouse::Observed written = put.get();
  EXPECT_EQ(written.operation + " " + written.key, "PutObject a b");
  EXPECT_TRUE(written.received && written.status == 200 && written.error.empty());
  EXPECT_EQ(written.signed_in, SignedIn::kHeader);
  EXPECT_EQ(written.body_bytes_sent, 0U);

  auto get = house_.ObserveNext();
  ASSERT_EQ(house_.SendSigned("GET", "/assets/a%20b", "s3", "", kNow).body.size(), bytes.size());
  EXPECT_EQ(get.get().body_bytes_sent, bytes.size()) << "streamed";

  auto refused = house_.ObserveNext();
  const Reply reply = house_.SendSigned("PUT", "/assets/refused", "s3", "x", kNow);
  const ApiHouse::Observed seen = refused.get();
  EXPECT_EQ(seen.error, "PreconditionFailed");
  EXPECT_EQ(seen.status, 412);
  EXPECT_EQ(seen.body_bytes_sent, reply.body.size());
}

TEST_F(ApiUploadTest, AreWatchedThoughTheirSignatureIsWrong) {
  auto watched = house_.ObserveNext();
  const Reply reply = house_.SendSigned("GET", "/assets/a", "s3", "", kNow, {}, kRootKey, std::string(64, 'x'));
  const ApiHouse::Observed seen = watched.get();
  EXPECT_EQ(seen.status, reply.status);
  EXPECT_EQ(seen.operation + " " + seen.key, "GetObject a");
  EXPECT_FALSE(seen.received || seen.error.empty());
}

}  // namespace
}  // namespace meetinity::wire
