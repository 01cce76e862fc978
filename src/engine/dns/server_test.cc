#include "engine/dns/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/dns/testing/messages.h"
#include "net/socket.h"

namespace meetinity::dns {
namespace {

using testing::Answer;
using testing::MakeSet;
using testing::MakeZone;
using testing::ReadAnswer;
using testing::ToQuery;

ZoneSetPtr Serving(const std::string& address) {
  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i) many.push_back("192.0.2." + std::to_string(i));
  return std::make_shared<const ZoneSet>(
      std::vector{MakeZone("example.com", {MakeSet("www.example.com", RecordType::kA, {address}),
                                           MakeSet("many.example.com", RecordType::kA, many)})});
}

// A blocking socket, connected to the server.
class Asker {
 public:
  Asker(uint16_t port, int type) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    const auto address = net::SocketAddress::Parse("127.0.0.1", port).value();
    EXPECT_EQ(connect(socket_.fd(), address.native(), address.native_size()), 0);
  }

  void Send(const std::string& bytes) const {
    EXPECT_EQ(send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  Answer ReceiveDatagram() const {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(socket_.fd(), bytes.data(), bytes.size(), 0);
    return ReadAnswer({bytes.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))}).value();
  }
  // Fewer bytes than asked for at the stream's end.
  std::string Receive(size_t size) const {
    std::string bytes(size, '\0');
    const ssize_t received = recv(socket_.fd(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(received, 0)));
    return bytes;
  }
  Answer ReceiveFramed() const {
    const std::string length = Receive(2);
    return ReadAnswer(Receive(testing::NumberAt(length, 0, 2))).value();
  }
  void EndSending() const { shutdown(socket_.fd(), SHUT_WR); }

 private:
  net::Socket socket_;
};

std::string Framed(const std::string& query) {
  std::string framed;
  testing::AppendNumber(framed, query.size(), 2);
  return framed + query;
}

class DnsServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<net::Reactor*> borrowed;
    for (int i = 0; i < 2; ++i) {
      reactors_.push_back(net::Reactor::Open(clock_, i).value());
      borrowed.push_back(reactors_.back().get());
    }
    ServerOptions options;
    options.port = 0;
    options.connections_max = 4;
    server_ = Server::Listen(borrowed, options).value();
    for (const auto& reactor : reactors_) threads_.emplace_back([loop = reactor.get()] { loop->Run(); });
    Apply(Serving("192.0.2.1"), 1);
  }
  void TearDown() override {
    std::promise<void> closed;
    server_->Close([&] { closed.set_value(); });
    closed.get_future().wait();
    for (const auto& reactor : reactors_) reactor->Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  void Apply(ZoneSetPtr zones, uint64_t number) {
    std::promise<void> adopted;
    server_->Apply(std::move(zones), number, [&] { adopted.set_value(); });
    adopted.get_future().wait();
  }
  std::string AskUdp() const {
    const Asker asker(server_->port(), SOCK_DGRAM);
    asker.Send(ToQuery({}));
    return asker.ReceiveDatagram().answers().front();
  }

  FakeClock clock_;
  std::vector<std::unique_ptr<net::Reactor>> reactors_;
  std::unique_ptr<Server> server_;
  std::vector<std::thread> threads_;
};

TEST_F(DnsServerTest, AnswersDatagrams) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(AskUdp(), "www.example.com. 300 A 192.0.2.1");
}

TEST_F(DnsServerTest, ServesNewZonesOnEveryReactorOnceTheyAreAdopted) {
  Apply(Serving("192.0.2.9"), 3);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(AskUdp(), "www.example.com. 300 A 192.0.2.9");
  Apply(Serving("192.0.2.2"), 2);  // late
  EXPECT_EQ(AskUdp(), "www.example.com. 300 A 192.0.2.9");
}

TEST_F(DnsServerTest, SendsOverTcpWhatADatagramCannotHold) {
  const Asker udp(server_->port(), SOCK_DGRAM);
  udp.Send(ToQuery({.name = "many.example.com"}));
  EXPECT_TRUE(udp.ReceiveDatagram().truncated());
  const Asker tcp(server_->port(), SOCK_STREAM);
  tcp.Send(Framed(ToQuery({.name = "many.example.com"})));
  EXPECT_EQ(tcp.ReceiveFramed().answers().size(), 200U);
}

TEST_F(DnsServerTest, AnswersPipelinedQueriesHoweverTheyAreCut) {
  const Asker tcp(server_->port(), SOCK_STREAM);
  std::string bytes;
  for (uint16_t id = 0; id < 200; ++id) bytes += Framed(ToQuery({.name = "many.example.com", .id = id}));
  tcp.Send(bytes.substr(0, 1));
  tcp.Send(bytes.substr(1, 40));
  tcp.Send(bytes.substr(41));
  tcp.EndSending();
  for (uint16_t id = 0; id < 200; ++id) EXPECT_EQ(tcp.ReceiveFramed().id, id);
  EXPECT_EQ(tcp.Receive(1), "");
}

TEST_F(DnsServerTest, ClosesConnectionsThatAreNoQuestions) {
  const Asker garbage(server_->port(), SOCK_STREAM);
  garbage.Send("\xFF\xFFGET / HTTP/1.1\r\n");
  EXPECT_EQ(garbage.Receive(1), "");
  const Asker short_message(server_->port(), SOCK_STREAM);
  short_message.Send(std::string("\0\1x", 3));
  EXPECT_EQ(short_message.Receive(1), "");
}

TEST_F(DnsServerTest, ClosesConnectionsThatAskNothing) {
  const Asker idle(server_->port(), SOCK_STREAM);
  idle.Send(Framed(ToQuery({})));
  EXPECT_EQ(idle.ReceiveFramed().id, 0x1234);
  idle.Send(std::string(1, '\0'));
  clock_.Advance(std::chrono::seconds(11));
  Apply(Serving("192.0.2.1"), 2);  // wakes the loops, which look at the clock then
  EXPECT_EQ(idle.Receive(1), "");
}

TEST_F(DnsServerTest, TakesSoManyConnectionsAndNoMore) {
  // On two reactors together there are at most eight.
  int served = 0;
  std::vector<std::unique_ptr<Asker>> open;
  for (int i = 0; i < 20; ++i) {
    auto asker = std::make_unique<Asker>(server_->port(), SOCK_STREAM);
    asker->Send(Framed(ToQuery({})));
    if (asker->Receive(2).size() == 2) ++served;
    open.push_back(std::move(asker));
  }
  EXPECT_GE(served, 4);
  EXPECT_LE(served, 8);
}

TEST_F(DnsServerTest, HasItsPortAlone) {
  ServerOptions options;
  options.port = server_->port();
  const auto second = Server::Listen({reactors_.front().get()}, options);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().name, net::kAddressInUse);
}

}  // namespace
}  // namespace meetinity::dns
