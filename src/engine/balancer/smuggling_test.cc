// What a proxy must refuse, or pass on in one meaning only: each request is sent with another hidden behind it, and
// what the target saw is looked at.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_client.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::BalancerHouse;
using testing::TestTarget;

struct Odd {
  const char* name;
  std::string request;
  int status;             // what the client sees in defensive mode
  std::string body = {};  // what the target sees, where it is asked
  int strictest = 400;
};

std::string Post(const std::string& headers, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}
std::string With(const std::string& header) { return "GET / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n"; }

const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

const std::vector<Odd> kOddRequests = {
    // Content-Length and Transfer-Encoding, in every combination.
    {"ClTe", Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), 200, "hello"},
    {"TeCl", Post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2\r\nhi\r\n0\r\n\r\n"), 200, "hi"},
    {"TeTe", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"TeTwiceInOne", Post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400},
    {"TeIdentityChunked", Post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"), 501, "", 501},
    {"TeGzip", Post("Transfer-Encoding: gzip\r\n", "x"), 400},
    {"TeXchunked", Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
    {"TeWithParameter", Post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 400},
    {"TeTrailingComma", Post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"), 400},
    {"TeVerticalTab", Post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400},
    {"TeTab", Post("Transfer-Encoding:\tchunked\r\n", "2\r\nok\r\n0\r\n\r\n"), 200, "ok", 200},
    {"TeMixedCase", Post("tRANSFER-eNCODING: Chunked\r\n", "2\r\nok\r\n0\r\n\r\n"), 200, "ok", 200},
    {"TeSpaceBeforeColon", Post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
    {"TeUnderscore", Post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "ok"), 200, "ok"},
    {"TeLeadingSpace", Post("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"TeInHttp10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok"},
    {"ClTwiceTheSame", Post("Content-Length: 2\r\nContent-Length: 2\r\n", "ok"), 200, "ok"},
    {"ClTwice", Post("Content-Length: 2\r\nContent-Length: 3\r\n", "ok!"), 400},
    {"ClList", Post("Content-Length: 2, 2\r\n", "ok"), 400},
    {"ClPlus", Post("Content-Length: +2\r\n", "ok"), 400},
    {"ClMinus", Post("Content-Length: -2\r\n", "ok"), 400},
    {"ClHex", Post("Content-Length: 0x2\r\n", "ok"), 400},
    {"ClFraction", Post("Content-Length: 1.5\r\n", "ok"), 400},
    {"ClSpace", Post("Content-Length: 1 0\r\n", "ok"), 400},
    {"ClOverflow", Post("Content-Length: 18446744073709551618\r\n", "ok"), 400},
    {"ClEmpty", Post("Content-Length: \r\n", "ok"), 400},
    {"GetWithBody", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
    {"GetWithChunks", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok"},
    // Chunks.
    {"ChunkHexPrefix", Post("Transfer-Encoding: chunked\r\n", "0x2\r\nok\r\n0\r\n\r\n"), 400, "", 400},
    {"ChunkSign", Post("Transfer-Encoding: chunked\r\n", "+2\r\nok\r\n0\r\n\r\n"), 400, "", 400},
    {"ChunkLeadingSpace", Post("Transfer-Encoding: chunked\r\n", " 2\r\nok\r\n0\r\n\r\n"), 400, "", 400},
    {"ChunkOverflow", Post("Transfer-Encoding: chunked\r\n", "10000000000000002\r\nok\r\n0\r\n\r\n"), 400, "", 400},
    {"ChunkBareLineFeed", Post("Transfer-Encoding: chunked\r\n", "2\nok\n0\n\n"), 400, "", 400},
    {"ChunkWithoutEnd", Post("Transfer-Encoding: chunked\r\n", "2\r\nokX0\r\n\r\n"), 400, "", 400},
    {"ChunkLongExtension",
     Post("Transfer-Encoding: chunked\r\n", "2;" + std::string(5'000, 'x') + "\r\nok\r\n0\r\n\r\n"), 400, "", 400},
    {"ChunkTrailers", Post("Transfer-Encoding: chunked\r\n", "2\r\nok\r\n0\r\nContent-Length: 9\r\nHost: b\r\n\r\n"),
     200, "ok", 200},
    // Lines and names.
    {"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"BareReturn", With("X: a\rY: b"), 400},
    {"Folded", With("X: a\r\n b"), 400},
    {"NulInValue", With(std::string("X: a\0b", 6)), 400},
    {"NulInName", With(std::string("X\0Y: a", 6)), 400},
    {"EmptyName", With(": a"), 400},
    {"SpaceBeforeColon", With("X : a"), 400},
    {"NoColon", With("Xa"), 400},
    // Hosts and targets.
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"HostWithUser", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"AbsoluteAtOdds", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"AuthorityForm", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"Connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "", 405},
    {"Version2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "", 505},
    {"Version12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 200, "", 400},
    {"ZeroLengthGet", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 200, "", 400},
};

class SmugglingTest : public ::testing::TestWithParam<Odd> {
 protected:
  void Play(DesyncMode mode, int expected) {
    TestTarget target("one");
    BalancerHouse house(1);
    house.balancer().desync = mode;
    house.AddTarget("one", target.port());
    house.ApplyAndAwaitHealthy();
    RawClient client(house.port());
    client.Send(GetParam().request + kHidden);
    const auto answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, expected) << answer.body;
    if (expected != 200) {
      EXPECT_EQ(answer.Find("Server"), "awselb/2.0");
      EXPECT_EQ(answer.Find("Connection"), "close");
      EXPECT_EQ(client.ReadToEnd(), "") << "what follows is never taken for a request";
      EXPECT_NE(target.last().target, "/hidden");
      return;
    }
    if (answer.Find("Connection") == "close") {
      EXPECT_EQ(client.ReadToEnd(), "");
      EXPECT_EQ(target.requests(), 1);
    } else {
      EXPECT_EQ(client.ReadAnswer().status, 200);
      EXPECT_EQ(target.requests(), 2);
      return;
    }
    EXPECT_EQ(target.last().body, GetParam().body);
    EXPECT_LE(target.last().CountOf("content-length") + target.last().CountOf("transfer-encoding"), 1u)
        << "one framing, written anew";
  }
};
INSTANTIATE_TEST_SUITE_P(Requests, SmugglingTest, ::testing::ValuesIn(kOddRequests),
                         [](const auto& test) { return test.param.name; });

TEST_P(SmugglingTest, Defensive) { Play(DesyncMode::kDefensive, GetParam().status); }
TEST_P(SmugglingTest, Strictest) { Play(DesyncMode::kStrictest, GetParam().strictest); }

TEST(Smuggling, AnAmbiguousRequestClosesBothConnections) {
  TestTarget target("one");
  BalancerHouse house(1);
  house.AddTarget("one", target.port());
  house.ApplyAndAwaitHealthy();
  RawClient client(house.port());
  client.Send(Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n"));
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "close");
  EXPECT_EQ(target.last().Find("connection"), "close");
  EXPECT_EQ(house.engine().TotalsOf("lb").non_compliant, 1u);
}

TEST(Smuggling, MonitorPassesTheAmbiguousAndStillRefusesTheSevere) {
  TestTarget target("one");
  BalancerHouse house(1);
  house.balancer().desync = DesyncMode::kMonitor;
  house.AddTarget("one", target.port());
  house.ApplyAndAwaitHealthy();
  RawClient client(house.port());
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Find("Connection"), "");
  client.Send(Post("Content-Length: 1\r\nContent-Length: 2\r\n", "ok"));
  EXPECT_EQ(client.ReadAnswer().status, 400);
}

}  // namespace
}  // namespace meetinity::balancer
