#include <gtest/gtest.h>

#include <ostream>

#include "net/raw_http2.h"
#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

// What becomes of a bad head: its stream is reset, or answered with a status.
enum class Fate { kReset, kAnswered };

struct Http2Refusal {
  const char* name;
  RawFields fields;
  Fate fate = Fate::kReset;
  const char* status = "";
};
void PrintTo(const Http2Refusal& c, std::ostream* out) { *out << c.name; }

RawFields With(RawFields fields, const std::string& name, const std::string& value) {
  fields.emplace_back(name, value);
  return fields;
}
RawFields Get(const std::string& name, const std::string& value) { return With(RawHttp2::Fields(), name, value); }
RawFields Path(const std::string& path) { return RawHttp2::Fields("GET", path); }
RawFields Many(size_t count, const std::string& value) {
  RawFields fields = RawHttp2::Fields();
  for (size_t i = 0; i < count; ++i) fields.emplace_back("x", value);
  return fields;
}

// What HTTP/1.1 behind us, or a program behind that, would understand as something else (RFC 9113, sections 8.2, 8.3
// and 10.3).
const Http2Refusal kHttp2Refusals[] = {
    {"UpperCaseName", Get("X-Upper", "a")},
    {"EmptyName", Get("", "a")},
    {"NameWithSpace", Get("x y", "a")},
    {"NameWithColon", Get("x:y", "a")},
    {"NameWithLineEnd", Get("x\r\ny", "a")},
    {"ValueWithLineEnd", Get("x", "a\r\nContent-Length: 4")},
    {"ValueWithLineFeed", Get("x", "a\nb")},
    {"ValueWithCarriageReturn", Get("x", "a\rb")},
    {"ValueWithNul", Get("x", std::string("a\0b", 3))},
    {"Connection", Get("connection", "close")},
    {"KeepAlive", Get("keep-alive", "1")},
    {"ProxyConnection", Get("proxy-connection", "close")},
    {"TransferEncoding", Get("transfer-encoding", "chunked")},
    {"Upgrade", Get("upgrade", "h2c")},
    {"TeBesidesTrailers", Get("te", "gzip")},
    {"PseudoHeaderLast", {{":method", "GET"}, {":scheme", "http"}, {"x", "a"}, {":path", "/"}, {":authority", "a"}}},
    {"UnknownPseudoHeader", With({{":unknown", "a"}}, ":method", "GET")},
    {"PseudoHeaderOfAnswers", {{":status", "200"}, {":method", "GET"}, {":scheme", "http"}, {":path", "/"}}},
    {"TwoMethods", {{":method", "GET"}, {":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}}},
    {"TwoPaths", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":path", "/"}, {":authority", "a"}}},
    {"TwoAuthorities",
     {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}, {":authority", "b"}}},
    {"NoMethod", {{":scheme", "http"}, {":path", "/"}, {":authority", "a"}}},
    {"NoScheme", {{":method", "GET"}, {":path", "/"}, {":authority", "a"}}},
    {"NoPath", {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}},
    {"EmptyPath", Path("")},
    {"RelativePath", Path("a")},
    {"AsteriskForGet", Path("*")},
    {"PathWithSpace", Path("/a b")},
    {"PathWithLineEnd", Path("/a HTTP/1.1\r\nx: y")},
    {"PathWithFragment", Path("/a#b"), Fate::kAnswered, "400"},
    {"PathBeyondAscii", Path("/\xc3\xa4"), Fate::kAnswered, "400"},
    {"LongPath", Path("/" + std::string(16'384, 'a')), Fate::kAnswered, "414"},
    {"MethodWithSpace", RawHttp2::Fields("GET /hidden", "/")},
    {"Connect", {{":method", "CONNECT"}, {":authority", "a:80"}}, Fate::kAnswered, "405"},
    {"NoAuthority", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}},
    {"AuthorityWithUser",
     {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "u@a"}},
     Fate::kAnswered,
     "400"},
    {"AuthorityWithPath", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a/b"}}},
    {"HostAtOddsWithAuthority", Get("host", "b"), Fate::kAnswered, "400"},
    {"TwoHosts", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}, {"host", "b"}}, Fate::kReset},
    {"TwoLengths", With(Get("content-length", "0"), "content-length", "0")},
    {"SignedLength", Get("content-length", "+0")},
    {"LengthBeyond64Bits", Get("content-length", "18446744073709551616")},
    {"LengthWithoutBody", Get("content-length", "4")},
    {"ManyFields", Many(129, "a"), Fate::kAnswered, "431"},
    {"LongField", Many(1, std::string(40'000, 'a')), Fate::kAnswered, "431"},
    {"LongHead", Many(40, std::string(1'000, 'a')), Fate::kAnswered, "431"},
    {"UnknownExpectation", Get("expect", "200-ok"), Fate::kAnswered, "417"},
};

class Http2RefusalTest : public ServerFixture, public ::testing::WithParamInterface<Http2Refusal> {
 protected:
  // A head that may need several frames.
  static void SendHead(RawHttp2& client, uint32_t stream, const RawFields& fields) {
    const std::string block = PackFields(fields);
    for (size_t at = 0; at < block.size(); at += 16'384) {
      const bool is_first = at == 0;
      const bool is_last = at + 16'384 >= block.size();
      const auto flags =
          static_cast<uint8_t>((is_first ? RawFrame::kEndStream : 0) | (is_last ? RawFrame::kEndHeaders : 0));
      client.Send({is_first ? RawFrame::kHeaders : RawFrame::kContinuation, flags, stream, block.substr(at, 16'384)});
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Heads, Http2RefusalTest, ::testing::ValuesIn(kHttp2Refusals),
                         [](const auto& test) { return test.param.name; });

TEST_P(Http2RefusalTest, ReachesNoHandler) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  SendHead(client, 1, GetParam().fields);
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.reset, GetParam().fate == Fate::kReset ? 1u : 0u);
  EXPECT_EQ(handler_.requests, 0);
  // The next stream is none the worse.
  SendHead(client, 3, RawHttp2::Fields());
  EXPECT_EQ(client.ReadAnswer(3).status, "200");
}

class Http2BodyTest : public ServerFixture {};

TEST_F(Http2BodyTest, ThatIsNotAsLongAsAnnouncedIsReset) {
  std::vector<std::string> errors;
  Serve([&](const ExchangePtr& exchange) {
    exchange->ReadBody({.on_data = [](std::string_view) {},
                        .on_end = [] { ADD_FAILURE() << "the body is not what was announced"; },
                        .on_error = [&errors, exchange](const Error& why) { errors.emplace_back(why.name); }});
  });
  RawHttp2 client(port());
  client.Begin();
  uint32_t stream = 1;
  for (const char* body : {"abc", "abcde"}) {
    client.Send(RawHttp2::Head(stream, With(RawHttp2::Fields("POST"), "content-length", "4"), RawFrame::kEndHeaders));
    Settle();
    client.Send({RawFrame::kData, RawFrame::kEndStream, stream, body});
    EXPECT_EQ(client.ReadAnswer(stream).reset, 1u) << body;
    stream += 2;
  }
  EXPECT_EQ(errors, std::vector<std::string>(2, std::string(kIncompleteBody)));
}

TEST_F(Http2BodyTest, BeyondTheWindowEndsTheStreamOrTheConnection) {
  Serve([](const ExchangePtr& exchange) { exchange->OnGone([exchange] {}); });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields("POST"), RawFrame::kEndHeaders));
  for (int i = 0; i < 17; ++i) client.Send({RawFrame::kData, 0, 1, std::string(16'384, 'x')});
  // Sent at once, so neither window can have been opened further.
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_TRUE(answer.reset == 3 || client.ReadToGoAway() == 3) << answer.reset;  // FLOW_CONTROL_ERROR
}

}  // namespace
}  // namespace meetinity::net
