#include <gtest/gtest.h>

#include "net/raw_http2.h"
#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

constexpr uint32_t kEnhanceYourCalm = 11;

// Cheap to send and dear to serve: each of these must cost the client its connection before it costs us much.
class Http2FloodTest : public ServerFixture {
 protected:
  // Sends `bytes` over and over, reading nothing, until the server ends it or that many times.
  static int SendUntilRefused(RawHttp2& client, const std::string& bytes, int times) {
    int sent = 0;
    while (sent < times && client.client().Send(bytes)) ++sent;
    return sent;
  }
};

TEST_F(Http2FloodTest, RapidResets) {
  std::atomic<int> gone{0};
  Serve([&](const ExchangePtr& exchange) { exchange->OnGone([&gone, exchange] { ++gone; }); });
  RawHttp2 client(port());
  client.Begin();
  for (uint32_t stream = 1; stream < 20'000; stream += 2) {
    const RawFrame reset{RawFrame::kRstStream, 0, stream, RawFrame::Number(8)};
    if (!client.client().Send(RawHttp2::Head(stream).Bytes() + reset.Bytes())) break;
  }
  EXPECT_EQ(client.ReadToGoAway(), kEnhanceYourCalm);
  EXPECT_LT(handler_.requests, 1'000);
  EXPECT_TRUE(Eventually([&] { return gone == handler_.requests; }));
}

TEST_F(Http2FloodTest, ResetsThatTheServerIsMadeToSend) {
  Serve([](const ExchangePtr& exchange) { exchange->OnGone([exchange] {}); });
  RawHttp2 client(port());
  client.Begin();
  for (uint32_t stream = 1; stream < 20'000; stream += 2) {
    const RawFrame too_much{RawFrame::kWindow, 0, stream, RawFrame::Number(0x7fffffff)};
    client.client().Send(RawHttp2::Head(stream).Bytes() + too_much.Bytes());
    if (client.ReadAnswer(stream).reset == 0) break;
  }
  EXPECT_EQ(client.ReadToGoAway(), kEnhanceYourCalm);
  EXPECT_LT(handler_.requests, 1'000);
}

TEST_F(Http2FloodTest, PingsOfAClientThatReadsNothing) {
  Serve();
  RawHttp2 client(port(), 4'096);
  client.Begin();
  const std::string pings = RawFrame{RawFrame::kPing, 0, 0, "12345678"}.Bytes();
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += pings;
  EXPECT_LT(SendUntilRefused(client, many, 100'000), 100'000);
}

TEST_F(Http2FloodTest, SettingsOfAClientThatReadsNothing) {
  Serve();
  RawHttp2 client(port(), 4'096);
  client.Begin();
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += RawFrame{RawFrame::kSettings, 0, 0, ""}.Bytes();
  EXPECT_LT(SendUntilRefused(client, many, 100'000), 100'000);
}

TEST_F(Http2FloodTest, AHeadContinuedForEver) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields(), RawFrame::kEndStream));
  const std::string more =
      RawFrame{RawFrame::kContinuation, 0, 1, PackFields({{"x", std::string(1'000, 'a')}})}.Bytes();
  EXPECT_LT(SendUntilRefused(client, more, 100'000), 100'000);
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(Http2FloodTest, AHeadContinuedByNothing) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields(), RawFrame::kEndStream));
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += RawFrame{RawFrame::kContinuation, 0, 1, ""}.Bytes();
  EXPECT_LT(SendUntilRefused(client, many, 10'000), 10'000);
}

TEST_F(Http2FloodTest, HeadsThatUnpackToFarMoreThanTheyAre) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  // One entry of the table, as large as it may be, and then a byte for each time that it is meant (RFC 7541).
  std::string block = PackFields(RawHttp2::Fields());
  block += '\x40';
  block += std::string("\x01x\x7f\xa1\x1e", 5) + std::string(4'000, 'a');
  block += std::string(10'000, '\xbe');
  client.Send({RawFrame::kHeaders, RawFrame::kEndHeaders | RawFrame::kEndStream, 1, block});
  EXPECT_EQ(client.ReadAnswer(1).status, "431");
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(Http2FloodTest, EmptyDataFrames) {
  Serve([](const ExchangePtr& exchange) {
    exchange->OnGone([exchange] {});
    exchange->ReadBody({.on_data = [](std::string_view) {}, .on_end = [] {}, .on_error = [](const Error&) {}});
  });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields("POST"), RawFrame::kEndHeaders));
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += RawFrame{RawFrame::kData, 0, 1, ""}.Bytes();
  EXPECT_LT(SendUntilRefused(client, many, 1'000), 1'000);
}

}  // namespace
}  // namespace meetinity::net
