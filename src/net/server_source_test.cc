#include <gtest/gtest.h>

#include "net/raw_http2.h"
#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

char SourceByteAt(uint64_t at) { return static_cast<char>('a' + (at * 7 + at / 251) % 26); }

std::string SourceBytes(uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = SourceByteAt(offset + i);
  return bytes;
}

// As large as a test wants, and broken from `fails_at` on.
class GeneratedSource : public BodySource {
 public:
  GeneratedSource(uint64_t size, uint64_t fails_at, std::atomic<uint64_t>& read)
      : size_(size), fails_at_(fails_at), read_(read) {}
  uint64_t size() const override { return size_; }
  Result<Slice> Read(uint64_t offset, size_t max) override {
    const auto size = static_cast<size_t>(std::min<uint64_t>(max, size_ - offset));
    if (offset + size > fails_at_) return Error{Kind::kInternal, "Broken", "the disk is broken"};
    read_ += size;
    return Slice::Own(SourceBytes(offset, size));
  }

 private:
  const uint64_t size_, fails_at_;
  std::atomic<uint64_t>& read_;
};

// Bodies that come from elsewhere than memory.
class ServerSourceTest : public ServerFixture {
 protected:
  static constexpr uint64_t kNever = ~uint64_t{0};

  void ServeSource(uint64_t size, uint64_t offset, uint64_t length, uint64_t fails_at = kNever) {
    Serve([=, this](const ExchangePtr& exchange) {
      HeaderBlock headers;
      headers.Add("X-Test", "kept");
      const HeaderBlock* const blocks[] = {&headers};
      exchange->RespondFrom(200, blocks, std::make_unique<GeneratedSource>(size, fails_at, read_), offset, length);
    });
  }

  std::atomic<uint64_t> read_{0};
};

TEST_F(ServerSourceTest, ArriveWhole) {
  ServeSource(3'000'000, 0, 3'000'000);
  RawClient client(port());
  for (int i = 0; i < 2; ++i) {
    client.Send(kGet);
    const RawClient::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.Find("Content-Length"), "3000000");
    EXPECT_EQ(answer.Find("X-Test"), "kept");
    EXPECT_TRUE(answer.body == SourceBytes(0, 3'000'000));
  }
}

TEST_F(ServerSourceTest, ArriveInPart) {
  ServeSource(3'000'000, 1'234'567, 700'000);
  RawClient client(port());
  client.Send(kGet);
  EXPECT_TRUE(client.ReadAnswer().body == SourceBytes(1'234'567, 700'000));
}

TEST_F(ServerSourceTest, ArriveOverHttp2) {
  ServeSource(1'000'000, 7, 900'000);
  RawHttp2 client(port());
  client.Begin({{4, 2'000'000}});
  client.Send({RawFrame::kWindow, 0, 0, RawFrame::Number(2'000'000)});
  client.Send(RawHttp2::Head(1));
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.headers.at("content-length"), "900000");
  EXPECT_TRUE(answer.body == SourceBytes(7, 900'000));
}

TEST_F(ServerSourceTest, AreNotReadForHead) {
  ServeSource(1'000, 0, 1'000);
  RawClient client(port());
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  EXPECT_EQ(client.ReadAnswer(true).Find("Content-Length"), "1000");
  EXPECT_EQ(client.ReadAnswer().body, SourceBytes(0, 1'000));
  EXPECT_EQ(read_, 1'000u);
}

TEST_F(ServerSourceTest, ThatCannotBeReadAtAllAreAnInternalError) {
  ServeSource(1'000, 0, 1'000, 0);
  RawClient client(port());
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().status, 500);
}

TEST_F(ServerSourceTest, ThatBreakHalfWayBreakTheAnswer) {
  ServeSource(3'000'000, 0, 3'000'000, 1'000'000);
  RawClient client(port());
  client.Send(kGet);
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
}

TEST_F(ServerSourceTest, AreReadNoFurtherThanTheClientReads) {
  ServeSource(100'000'000, 0, 100'000'000);
  RawClient client(port(), 4'096);
  client.Send(kGet);
  EXPECT_EQ(client.ReadBytes(1'000).size(), 1'000u);
  uint64_t before = 0;
  do {
    before = read_;
    Settle();
  } while (read_ != before);
  EXPECT_LT(read_, 20'000'000u);
  client.Close();
  Settle();
}

}  // namespace
}  // namespace meetinity::net
