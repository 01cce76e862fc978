#include "net/chunked.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

using State = ChunkedDecoder::State;

const std::string kNulByte(1, '\0');

struct Case {
  const char* name;
  std::string bytes;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

// Each could end elsewhere for another program, or grow without end (RFC 9112, section 7.1).
const Case kBroken[] = {
    {"NoSize", "\r\nab\r\n0\r\n\r\n"},
    {"NotHexadecimal", "g\r\nab\r\n0\r\n\r\n"},
    {"Prefixed", "0x2\r\nab\r\n0\r\n\r\n"},
    {"Signed", "+2\r\nab\r\n0\r\n\r\n"},
    {"Negative", "-2\r\nab\r\n0\r\n\r\n"},
    {"SpaceBeforeSize", " 2\r\nab\r\n0\r\n\r\n"},
    {"SpaceAfterSize", "2 \r\nab\r\n0\r\n\r\n"},
    {"TabAfterSize", "2\t\r\nab\r\n0\r\n\r\n"},
    {"Underscore", "1_0\r\nab\r\n0\r\n\r\n"},
    {"NulAfterSize", "2" + kNulByte + "\r\nab\r\n0\r\n\r\n"},
    {"SixtyFourBits", "ffffffffffffffff\r\nab"},
    {"BeyondSixtyFourBits", "10000000000000002\r\nab\r\n0\r\n\r\n"},
    {"ManyZeros", "0000000000000000000002\r\nab\r\n0\r\n\r\n"},
    {"LineFeedAlone", "2\nab\r\n0\r\n\r\n"},
    {"CarriageReturnAlone", "2\rab\r\n0\r\n\r\n"},
    {"TwoCarriageReturns", "2\r\r\nab\r\n0\r\n\r\n"},
    {"NoLineEndAfterData", "2\r\nab0\r\n\r\n"},
    {"LineFeedAloneAfterData", "2\r\nab\n0\r\n\r\n"},
    {"CarriageReturnAloneAfterData", "2\r\nab\r0\r\n\r\n"},
    {"DataLongerThanItsSize", "2\r\nabc\r\n0\r\n\r\n"},
    {"LineFeedInExtension", "2;a\nb\r\nab\r\n0\r\n\r\n"},
    {"CarriageReturnInExtension", "2;a\rb\r\nab\r\n0\r\n\r\n"},
    {"NulInExtension", "2;a" + kNulByte + "\r\nab\r\n0\r\n\r\n"},
    {"LongExtension", "2;" + std::string(5'000, 'a') + "\r\nab\r\n0\r\n\r\n"},
    {"ManyExtensions",
     [] {
       std::string bytes;
       for (int i = 0; i < 500; ++i) bytes += "1;abcdefghijk\r\na\r\n";
       return bytes;
     }()},
    {"LastChunkWithLineFeedAlone", "2\r\nab\r\n0\n\n"},
    {"EndWithLineFeedAlone", "2\r\nab\r\n0\r\n\n"},
    {"TrailerWithoutColon", "0\r\nabc\r\n\r\n"},
    {"TrailerWithoutName", "0\r\n: a\r\n\r\n"},
    {"TrailerWithSpaceBeforeColon", "0\r\nX : a\r\n\r\n"},
    {"FoldedTrailer", "0\r\nX: a\r\n b\r\n\r\n"},
    {"TrailerWithLineFeedAlone", "0\r\nX: a\nY: b\r\n\r\n"},
    {"TrailerWithNul", "0\r\nX: " + kNulByte + "\r\n\r\n"},
    {"RequestInTrailer", "0\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"LongTrailer", "0\r\nX: " + std::string(9'000, 'a') + "\r\n\r\n"},
    {"ManyTrailers",
     [] {
       std::string bytes = "0\r\n";
       for (int i = 0; i < 1'000; ++i) bytes += "X: abcdef\r\n";
       return bytes;
     }()},
};

const Case kGood[] = {
    {"OneChunk", "4\r\nabcd\r\n0\r\n\r\n"},
    {"TwoChunks", "1\r\na\r\n3\r\nbcd\r\n0\r\n\r\n"},
    {"UpperAndLowerCase", "00A\r\n0123456789\r\n00a\r\n0123456789\r\n0\r\n\r\n"},
    {"FifteenDigits", "000000000000004\r\nabcd\r\n0\r\n\r\n"},
    {"ManyZerosLast", "4\r\nabcd\r\n000\r\n\r\n"},
    {"Extensions", "4;name=value;other=\"a;b\"\r\nabcd\r\n0;last\r\n\r\n"},
    {"Trailers", "4\r\nabcd\r\n0\r\nX-Checksum: abc\r\nContent-Length: 4\r\n\r\n"},
    {"LineEndsInData", "4\r\n\r\n\r\n\r\n0\r\n\r\n"},
    {"Empty", "0\r\n\r\n"},
};

struct Decoded {
  State state = State::kMore;
  std::string body;
  size_t consumed = 0;
  bool operator==(const Decoded&) const = default;
};

Decoded Decode(std::string_view bytes, size_t step) {
  ChunkedDecoder decoder;
  Decoded decoded;
  while (!bytes.empty() && decoded.state == State::kMore) {
    const ChunkedDecoder::Step next = decoder.Next(bytes.substr(0, step));
    decoded.state = next.state;
    decoded.body += next.data;
    decoded.consumed += next.consumed;
    bytes.remove_prefix(next.consumed);
  }
  return decoded;
}

class BrokenChunksTest : public ServerFixture, public ::testing::WithParamInterface<Case> {};
INSTANTIATE_TEST_SUITE_P(Bodies, BrokenChunksTest, ::testing::ValuesIn(kBroken),
                         [](const auto& test) { return test.param.name; });

TEST_P(BrokenChunksTest, AreRefusedHoweverTheyArrive) {
  const std::string& bytes = GetParam().bytes;
  for (const size_t step : {bytes.size(), size_t{1}, size_t{3}}) {
    EXPECT_EQ(Decode(bytes, step).state, State::kBroken) << "in steps of " << step;
  }
}

TEST_P(BrokenChunksTest, EndTheConnectionAndNothingBehindThemIsARequest) {
  std::string error;
  Serve([&](const ExchangePtr& exchange) {
    exchange->ReadBody({.on_data = [](std::string_view) {},
                        .on_end = [] { ADD_FAILURE() << "the body is broken"; },
                        .on_error =
                            [&error, exchange](const Error& why) {
                              error = why.name;
                              exchange->Respond(400, HeaderBlock(), Slice::Static("no\n"));
                            }});
  });
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + GetParam().bytes +
              "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n");
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(error, kIncompleteBody);
  EXPECT_EQ(handler_.requests, 1);
}

TEST_P(BrokenChunksTest, EndTheConnectionWhenNobodyReadsThem) {
  Serve();
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + GetParam().bytes +
              "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(handler_.requests, 1);
}

class GoodChunksTest : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Bodies, GoodChunksTest, ::testing::ValuesIn(kGood),
                         [](const auto& test) { return test.param.name; });

TEST_P(GoodChunksTest, AreTheSameBodyHoweverTheyArrive) {
  const std::string& bytes = GetParam().bytes;
  const Decoded whole = Decode(bytes + "GET", bytes.size() + 3);
  EXPECT_EQ(whole.state, State::kEnd);
  EXPECT_EQ(whole.consumed, bytes.size());
  for (const size_t step : {size_t{1}, size_t{2}, size_t{5}}) {
    EXPECT_TRUE(Decode(bytes, step) == whole) << "in steps of " << step;
  }
}

}  // namespace
}  // namespace meetinity::net
