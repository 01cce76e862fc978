#include <gtest/gtest.h>

#include <ostream>

#include "net/http1_parser.h"
#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

struct Http1Refusal {
  const char* name;
  std::string request;
  int status;
};
void PrintTo(const Http1Refusal& c, std::ostream* out) { *out << c.name; }

std::string Get(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
std::string Post(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
std::string Line(const std::string& line) { return line + "\r\nHost: a\r\n\r\n"; }
std::string Host(const std::string& lines) { return "GET / HTTP/1.1\r\n" + lines + "\r\n"; }
std::string Many(const std::string& line, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += line;
  return lines;
}

const std::string kNul(1, '\0');

// What two programs could understand differently, and what is beyond a bound. RFC 9112 unless said otherwise.
const Http1Refusal kHttp1Refusals[] = {
    // Where the body ends (section 6.3): the ways to hide a request in another.
    {"LengthAndChunked", Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"ChunkedAndLength", Post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), 400},
    {"TwoLengths", Post("Content-Length: 4\r\nContent-Length: 5\r\n"), 400},
    {"TheSameLengthTwice", Post("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
    {"ListedLength", Post("Content-Length: 4, 4\r\n"), 400},
    {"SignedLength", Post("Content-Length: +4\r\n"), 400},
    {"NegativeLength", Post("Content-Length: -4\r\n"), 400},
    {"HexadecimalLength", Post("Content-Length: 0x4\r\n"), 400},
    {"LengthWithUnderscore", Post("Content-Length: 1_0\r\n"), 400},
    {"LengthWithSpace", Post("Content-Length: 1 0\r\n"), 400},
    {"FractionalLength", Post("Content-Length: 4.0\r\n"), 400},
    {"EmptyLength", Post("Content-Length: \r\n"), 400},
    {"LengthBeyond64Bits", Post("Content-Length: 18446744073709551616\r\n"), 400},
    {"UnknownCodingLast", Post("Transfer-Encoding: xchunked\r\n"), 400},
    {"ChunkedTwice", Post("Transfer-Encoding: chunked, chunked\r\n"), 400},
    {"ChunkedOnTwoLines", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"ChunkedThenIdentity", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
    {"ChunkedNotLast", Post("Transfer-Encoding: chunked, gzip\r\n"), 400},
    {"Identity", Post("Transfer-Encoding: identity\r\n"), 400},
    {"QuotedChunked", Post("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"ChunkedWithParameter", Post("Transfer-Encoding: chunked;q=1\r\n"), 400},
    {"ChunkedBehindVerticalTab", Post("Transfer-Encoding: \vchunked\r\n"), 400},
    {"EmptyCoding", Post("Transfer-Encoding:\r\n"), 400},
    {"GzipThenChunked", Post("Transfer-Encoding: gzip, chunked\r\n"), 501},
    {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    // Lines (section 2.2) and fields (section 5).
    {"FoldedHeader", Get("X: a\r\n b\r\n"), 400},
    {"FoldedWithTab", Get("X: a\r\n\tb\r\n"), 400},
    {"FirstHeaderIndented", Host(" Host: a\r\n"), 400},
    {"SpaceBeforeColon", Get("Content-Length : 4\r\n"), 400},
    {"TabBeforeColon", Get("Transfer-Encoding\t: chunked\r\n"), 400},
    {"NoName", Get(": a\r\n"), 400},
    {"NoColon", Get("X\r\n"), 400},
    {"NameWithSpace", Get("X Y: a\r\n"), 400},
    {"NameWithNul", Get("X" + kNul + ": a\r\n"), 400},
    {"NameBeyondAscii", Get("X\xc3\xa4: a\r\n"), 400},
    {"ValueWithNul", Get("X: a" + kNul + "b\r\n"), 400},
    {"ValueWithCarriageReturn", Get("X: a\rb\r\n"), 400},
    {"ValueWithDelete", Get("X: a\x7f\r\n"), 400},
    {"ValueWithControlAfterSixteen", Get("X: 0123456789abcdef\x01\r\n"), 400},
    {"BareLineFeedInHeaders", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
    {"BareLineFeedAfterRequestLine", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"BareLineFeedAtTheEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"BareLineFeedFirst", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"BareCarriageReturns", "GET / HTTP/1.1\rHost: a\r\r\n\r\n", 400},
    {"TwoEmptyLinesFirst", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    // The request line (section 3).
    {"TwoSpaces", Line("GET  / HTTP/1.1"), 400},
    {"TabForSpace", Line("GET\t/ HTTP/1.1"), 400},
    {"SpaceFirst", Line(" GET / HTTP/1.1"), 400},
    {"SpaceLast", Line("GET / HTTP/1.1 "), 400},
    {"SpaceInTarget", Line("GET /a b HTTP/1.1"), 400},
    {"NoVersion", Line("GET /"), 400},
    {"NoTarget", Line("GET HTTP/1.1"), 400},
    {"LowerCaseProtocol", Line("GET / http/1.1"), 400},
    {"LongVersion", Line("GET / HTTP/1.10"), 400},
    {"OtherProtocol", Line("GET / HTTPS/1.1"), 400},
    {"Version2", Line("GET / HTTP/2.0"), 505},
    {"Version0", Line("GET / HTTP/0.9"), 505},
    {"ForeignBytes", "\x16\x03\x01\x02", 400},
    {"MethodWithColon", Line("GE:T / HTTP/1.1"), 400},
    {"LongMethod", std::string(33, 'A'), 501},
    {"Connect", Line("CONNECT a:80 HTTP/1.1"), 405},
    // Targets and authorities (sections 3.2 and 3.2.2).
    {"NulInTarget", Line("GET /" + kNul + " HTTP/1.1"), 400},
    {"FragmentInTarget", Line("GET /a#b HTTP/1.1"), 400},
    {"TargetBeyondAscii", Line("GET /\xc3\xa4 HTTP/1.1"), 400},
    {"RelativeTarget", Line("GET a HTTP/1.1"), 400},
    {"AsteriskForGet", Line("GET * HTTP/1.1"), 400},
    {"AuthorityForGet", Line("GET a:80 HTTP/1.1"), 400},
    {"OtherScheme", Line("GET ftp://a/ HTTP/1.1"), 400},
    {"AbsoluteWithoutHost", Line("GET http:///x HTTP/1.1"), 400},
    {"AbsoluteWithUser", Line("GET http://u@a/ HTTP/1.1"), 400},
    {"AbsoluteAtOddsWithHost", Line("GET http://b/ HTTP/1.1"), 400},
    {"AbsoluteAtOddsWithPort", Line("GET http://a:81/ HTTP/1.1"), 400},
    {"NoHost", Host("X: a\r\n"), 400},
    {"TwoHosts", Host("Host: a\r\nHost: b\r\n"), 400},
    {"TheSameHostTwice", Host("Host: a\r\nHost: a\r\n"), 400},
    {"EmptyHost", Host("Host: \r\n"), 400},
    {"HostWithPath", Host("Host: a/b\r\n"), 400},
    {"HostWithUser", Host("Host: u@a\r\n"), 400},
    {"HostWithSpace", Host("Host: a b\r\n"), 400},
    {"HostWithComma", Host("Host: a\r\n, b\r\n"), 400},
    {"HostWithPortName", Host("Host: a:http\r\n"), 400},
    {"HostWithLongPort", Host("Host: a:123456\r\n"), 400},
    {"HostWithOpenBracket", Host("Host: [::1\r\n"), 400},
    // Bounds.
    {"LongTarget", Line("GET /" + std::string(16'384, 'a') + " HTTP/1.1"), 414},
    {"TargetWithoutEnd", "GET /" + std::string(40'000, 'a'), 414},
    {"LongHeader", Get("X: " + std::string(33'000, 'a') + "\r\n"), 431},
    {"HeaderWithoutEnd", "GET / HTTP/1.1\r\nX: " + std::string(33'000, 'a'), 431},
    {"LongHead", Get(Many("X: " + std::string(1'000, 'a') + "\r\n", 40)), 431},
    {"ManyHeaders", Get(Many("X: a\r\n", 128)), 431},
    {"UnknownExpectation", Post("Expect: 200-ok\r\nContent-Length: 1\r\n"), 417},
};

constexpr Http1ParserLimits kLimits{32'768, 16'384, 128};

class Http1RefusalTest : public ServerFixture, public ::testing::WithParamInterface<Http1Refusal> {};
INSTANTIATE_TEST_SUITE_P(Requests, Http1RefusalTest, ::testing::ValuesIn(kHttp1Refusals),
                         [](const auto& test) { return test.param.name; });

TEST_P(Http1RefusalTest, HoweverTheBytesArrive) {
  for (const size_t step : {GetParam().request.size(), size_t{1}, size_t{7}}) {
    Http1Parser parser(kLimits);
    auto state = Http1Parser::State::kIncomplete;
    std::string bytes;
    for (size_t at = 0; at < GetParam().request.size() && state == Http1Parser::State::kIncomplete; at += step) {
      // Another buffer each time, as when a connection's moves.
      std::string moved = bytes + GetParam().request.substr(at, step);
      state = parser.Parse(moved);
      bytes.swap(moved);
      state = state == Http1Parser::State::kIncomplete ? parser.Parse(bytes) : state;
    }
    ASSERT_EQ(state, Http1Parser::State::kRefused) << "in steps of " << step;
    EXPECT_EQ(StatusOf(parser.refusal()), GetParam().status) << Describe(parser.refusal());
  }
}

TEST_P(Http1RefusalTest, AnswersAndCloses) {
  Serve();
  RawClient client(port());
  // What follows a refused head must never be taken for a request.
  client.Send(GetParam().request + "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n");
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(client.end(), RawClient::End::kClosed);
  EXPECT_EQ(handler_.requests, 0);
  EXPECT_EQ(server_->counters().parse_errors, 1u);
}

}  // namespace
}  // namespace meetinity::net
