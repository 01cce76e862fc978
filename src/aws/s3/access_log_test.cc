#include "aws/s3/access_log.h"

#include <gtest/gtest.h>

#include "wire/text_request.h"

namespace meetinity::s3 {
namespace {

const LogHome kHome{"123456789012", "eu-west-1"};
const store::LineSpool::Segment kSegment{"1704078000-abcdefgh.lines", Instant::Utc("2024-01-01T03:00:00Z")};

std::string KeyOf(const LogTarget& target, std::string_view at = "2023-12-31T23:59:59Z") {
  const std::string line = LogStream("site", target, Instant::Utc(at)) + "owner site [x] y\n";
  const auto sorted = SortLogLine(line, kSegment, kHome);
  if (!sorted) return "nowhere";
  EXPECT_EQ(sorted->place.bucket, "logs");
  EXPECT_EQ(sorted->line, "owner site [x] y\n");
  return sorted->place.key;
}

TEST(LogKeys, AreThoseOfTheirForm) {
  const std::string simple = KeyOf({"logs", "a b/\t"});
  EXPECT_EQ(simple.substr(0, simple.size() - 16), "a b/\t2024-01-01-03-00-00-");
  EXPECT_EQ(simple.find_first_not_of("0123456789ABCDEF", simple.size() - 16), std::string::npos);
  const std::string by_delivery = KeyOf({"logs", "p-", LogTarget::Key::kByDeliveryTime});
  EXPECT_TRUE(by_delivery.starts_with("p-123456789012/eu-west-1/site/2024/01/01/2024-01-01-03-00-00-")) << by_delivery;
  const std::string by_event = KeyOf({"logs", "", LogTarget::Key::kByEventTime});
  EXPECT_TRUE(by_event.starts_with("123456789012/eu-west-1/site/2023/12/31/2023-12-31-00-00-00-")) << by_event;
}

TEST(LogKeys, AreTheSameForTheSameSegmentAndDifferFromOtherStreams) {
  EXPECT_EQ(KeyOf({"logs", "p"}), KeyOf({"logs", "p"}));
  EXPECT_NE(KeyOf({"logs", "p"}), KeyOf({"logs", "q"}).replace(0, 1, "p"));
}

TEST(LogKeys, OfWhatAPowerCutSpoiledAreNone) {
  for (const char* const line :
       {"", "\n", "site\tlogs\tsimple\n", "site\tlogs\tother\tp\tx\n", "site\tlogs\tevent=\tp\tx\n",
        "site\tlogs\tevent=2024-1-1\tp\tx\n", "site\tlogs\tsimple\t%zz\tx\n"})
    EXPECT_FALSE(SortLogLine(line, kSegment, kHome)) << line;
}

TEST(LogLines, TellTheirSource) {
  EXPECT_EQ(SourceOf("owner site [01/Jan/2024"), "site");
  EXPECT_EQ(SourceOf("owner"), "");
}

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    log_.SendTo([this](std::string_view lines) { lines_ += lines; });
  }
  std::shared_ptr<wire::RequestObservation> Begin(std::string_view request, std::string_view virtual_bucket = "") {
    return log_.Begin(wire::TextRequest(request).head(), virtual_bucket);
  }

  FakeClock clock_;
  AccessLog log_{clock_, "owner"};
  std::string lines_;
};

TEST_F(AccessLogTest, WatchesTheBucketsThatLog) {
  EXPECT_FALSE(Begin("GET /site/a HTTP/1.1"));
  log_.Adopt({{"site", {"logs", "p"}}});
  EXPECT_TRUE(Begin("GET /site/a HTTP/1.1"));
  EXPECT_TRUE(Begin("GET /s%69te HTTP/1.1"));
  EXPECT_TRUE(Begin("GET /a HTTP/1.1", "site"));
  EXPECT_FALSE(Begin("GET /other/a HTTP/1.1"));
  EXPECT_FALSE(Begin("GET /%zz HTTP/1.1"));
  log_.Adopt({});
  EXPECT_FALSE(Begin("GET /site/a HTTP/1.1"));
}

TEST_F(AccessLogTest, WritesALineWhenTheAnswerEnds) {
  log_.Adopt({{"site", {"logs", "p"}}});
  const wire::TextRequest request("GET /site/a?versionId=null HTTP/1.1\nHost: localhost:4566\nReferer: http://here/");
  net::PeerInfo peer;
  peer.address = "192.0.2.3";
  wire::Call call;
  call.now = clock_.Now();
  call.request_id = "ID";
  call.user_agent = "curl";
  call.observation = log_.Begin(request.head(), "");
  AccessLogEntry* const entry = AccessLogEntry::Of(call);
  ASSERT_NE(entry, nullptr);
  clock_.Advance(std::chrono::milliseconds(5));
  entry->OnReceived();
  entry->SetObjectSize(9);
  entry->RequireAcl();
  clock_.Advance(std::chrono::milliseconds(7));
  const std::vector<std::pair<std::string_view, std::string>> labels = {{"Bucket", "site"}, {"Key", "a"}};
  entry->OnAnswer({request.head(), peer, call, "HOST", &GetObject::Shape(), labels, wire::SignedIn::kNothing, 206, ""});
  EXPECT_EQ(lines_, "");
  clock_.Advance(std::chrono::milliseconds(11));
  entry->OnEnd(4);
  EXPECT_EQ(lines_,
            "site\tlogs\tsimple\tp\towner site [01/Jan/2024:00:00:00 +0000] 192.0.2.3 - ID REST.GET.OBJECT a "
            "\"GET /site/a?versionId=null HTTP/1.1\" 206 - 4 9 23 7 \"http://here/\" \"curl\" null HOST - - - "
            "localhost:4566 - - Yes\n");
}

TEST_F(AccessLogTest, WritesACopyIntoBothBucketsLogs) {
  const wire::TextRequest request(
      "PUT /new/b HTTP/1.1\nHost: localhost\nx-amz-copy-source: /site/a%20b?versionId=null");
  const auto lines_of_a_copy = [&] {
    lines_.clear();
    wire::Call call;
    call.observation = log_.Begin(request.head(), "");
    AccessLogEntry* const entry = AccessLogEntry::Of(call);
    if (entry == nullptr) return lines_;
    entry->SetSourceSize(9);
    const std::vector<std::pair<std::string_view, std::string>> labels = {{"Bucket", "new"}, {"Key", "b"}};
    entry->OnAnswer({request.head(), {}, call, "", &CopyObject::Shape(), labels, wire::SignedIn::kNothing, 200, ""});
    entry->OnEnd(100);
    return lines_;
  };
  const std::string read = "REST.COPY.OBJECT_GET a%20b \"PUT /new/b HTTP/1.1\" 200 - - 9 ";
  const std::string written = "REST.COPY.OBJECT b \"PUT /new/b HTTP/1.1\" 200 - 100 - ";
  log_.Adopt({{"site", {"logs", "p"}}});
  EXPECT_EQ(std::ranges::count(lines_of_a_copy(), '\n'), 1);
  EXPECT_TRUE(lines_.starts_with("site\tlogs\tsimple\tp\towner site ")) << lines_;
  EXPECT_NE(lines_.find(read), std::string::npos) << lines_;
  EXPECT_NE(lines_.find(" null "), std::string::npos) << lines_;
  log_.Adopt({{"new", {"logs", "p"}}});
  EXPECT_EQ(std::ranges::count(lines_of_a_copy(), '\n'), 1);
  EXPECT_NE(lines_.find(written), std::string::npos) << lines_;
  log_.Adopt({{"new", {"logs", "p"}}, {"site", {"logs", "q"}}});
  EXPECT_EQ(std::ranges::count(lines_of_a_copy(), '\n'), 2);
  EXPECT_NE(lines_.find(read), std::string::npos) << lines_;
  EXPECT_NE(lines_.find(written), std::string::npos) << lines_;
}

TEST_F(AccessLogTest, WritesALineForEachOfSeveralDeletions) {
  log_.Adopt({{"site", {"logs", "p"}}});
  const wire::TextRequest request("POST /site?delete HTTP/1.1\nHost: localhost");
  wire::Call call;
  call.observation = log_.Begin(request.head(), "");
  AccessLogEntry* const entry = AccessLogEntry::Of(call);
  entry->AddDeletion("a", "", "", 204);
  entry->AddDeletion("b", "v1", "AccessDenied", 403);
  entry->OnAnswer({request.head(), {}, call, "", &DeleteObjects::Shape(), {}, wire::SignedIn::kNothing, 200, ""});
  entry->OnEnd(100);
  EXPECT_EQ(std::ranges::count(lines_, '\n'), 3);
  EXPECT_NE(lines_.find("REST.POST.MULTI_OBJECT_DELETE - "), std::string::npos) << lines_;
  EXPECT_NE(lines_.find("BATCH.DELETE.OBJECT a \"POST /site?delete HTTP/1.1\" 204 - - "), std::string::npos) << lines_;
  EXPECT_NE(lines_.find("BATCH.DELETE.OBJECT b \"POST /site?delete HTTP/1.1\" 403 AccessDenied - "), std::string::npos)
      << lines_;
}

}  // namespace
}  // namespace meetinity::s3
