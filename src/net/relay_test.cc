#include "net/relay.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "net/raw_client.h"
#include "net/tcp_server.h"

namespace meetinity::net {
namespace {

// Two clients of one server that joins the first two connections it gets.
class RelayTest : public ::testing::Test {
 protected:
  RelayTest() : reactor_(Reactor::Open(clock_, 0).value()) {
    TcpListenerOptions options;
    options.on_connection = [this](Reactor&, Socket socket, const SocketAddress&) { Take(std::move(socket)); };
    server_ = TcpServer::Listen({reactor_.get()}, options).value();
    thread_ = std::thread([this] { reactor_->Run(); });
    left_ = std::make_unique<RawClient>(server_->port());
    RunOnReactor([] {});
  }
  ~RelayTest() override {
    left_.reset();
    right_.reset();
    reactor_->Stop();
    thread_.join();
  }

  void Join(std::string unread = "", std::string unsent = "") {
    unread_ = std::move(unread);
    unsent_ = std::move(unsent);
    right_ = std::make_unique<RawClient>(server_->port());
    joined_.get_future().wait();
  }

  void Take(Socket socket) {
    if (!first_) {
      first_ = std::make_unique<Transport>(std::move(socket));
      return;
    }
    Relay::Side left{std::move(first_), unread_, {}};
    Relay::Side right{std::make_unique<Transport>(std::move(socket)), {}, unsent_};
    relay_ = Relay::Start(*reactor_, std::move(left), std::move(right), std::chrono::seconds(60),
                          [this](Relay::End end) { ended_.set_value(end); });
    joined_.set_value();
  }

  void RunOnReactor(const Task& task) {
    std::promise<void> done;
    reactor_->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  // A reactor reads the clock once a round; what is run in the second round from now comes after that.
  void Advance(Duration by) {
    clock_.Advance(by);
    RunOnReactor([] {});
    RunOnReactor([] {});
  }
  Relay::End AwaitEnd() { return ended_.get_future().get(); }

  FakeClock clock_;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<TcpServer> server_;
  std::thread thread_;
  std::unique_ptr<RawClient> left_, right_;
  std::unique_ptr<Transport> first_;
  std::shared_ptr<Relay> relay_;
  std::promise<void> joined_;
  std::promise<Relay::End> ended_;
  std::string unread_, unsent_;
};

TEST_F(RelayTest, CarriesBytesBothWays) {
  Join();
  left_->Send("to the right");
  EXPECT_EQ(right_->ReadBytes(12), "to the right");
  right_->Send("to the left");
  EXPECT_EQ(left_->ReadBytes(11), "to the left");
}

TEST_F(RelayTest, BeginsWithWhatWasReadAndWhatIsToBeSaid) {
  Join("read before", "said first, ");
  EXPECT_EQ(right_->ReadBytes(23), "said first, read before");
  RunOnReactor([this] { EXPECT_EQ(relay_->totals().from_left, 11u); });
}

TEST_F(RelayTest, CarriesBulkUnchanged) {
  Join();
  std::string bulk(8 << 20, '\0');
  for (size_t i = 0; i < bulk.size(); ++i) bulk[i] = static_cast<char>(i * 2'654'435'761u >> 13);
  std::thread sender([&] {
    left_->Send(bulk);
    left_->EndSending();
  });
  EXPECT_TRUE(right_->ReadToEnd() == bulk);
  sender.join();
  RunOnReactor([&] { EXPECT_EQ(relay_->totals().from_left, bulk.size()); });
}

TEST_F(RelayTest, HandsOnAnEndAndKeepsTheOtherDirectionOpen) {
  Join();
  left_->Send("question");
  left_->EndSending();
  EXPECT_EQ(right_->ReadToEnd(), "question");
  right_->Send("answer");
  EXPECT_EQ(left_->ReadBytes(6), "answer");
  right_->Close();
  EXPECT_EQ(left_->ReadToEnd(), "");
  EXPECT_EQ(left_->end(), RawClient::End::kClosed);
  EXPECT_EQ(AwaitEnd(), Relay::End::kOrderly);
}

TEST_F(RelayTest, HandsOnAReset) {
  Join();
  right_->Send("x");
  EXPECT_EQ(left_->ReadBytes(1), "x");
  const linger at_once{1, 0};
  setsockopt(right_->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  right_->Close();
  left_->ReadToEnd();
  EXPECT_EQ(left_->end(), RawClient::End::kReset);
  EXPECT_EQ(AwaitEnd(), Relay::End::kRightBroke);
}

TEST_F(RelayTest, EndsWhenNothingMovesForTooLong) {
  Join();
  Advance(std::chrono::seconds(59));
  left_->Send("still here");
  EXPECT_EQ(right_->ReadBytes(10), "still here");
  Advance(std::chrono::seconds(59));
  left_->Send("and again");
  EXPECT_EQ(right_->ReadBytes(9), "and again");
  Advance(std::chrono::seconds(61));
  EXPECT_EQ(AwaitEnd(), Relay::End::kIdle);
  EXPECT_EQ(left_->ReadToEnd(), "");
}

TEST_F(RelayTest, IsStoppedFromOutside) {
  Join();
  RunOnReactor([this] { relay_->Stop(Relay::Farewell::kReset); });
  EXPECT_EQ(AwaitEnd(), Relay::End::kStopped);
  left_->ReadToEnd();
  EXPECT_EQ(left_->end(), RawClient::End::kReset);
}

}  // namespace
}  // namespace meetinity::net
