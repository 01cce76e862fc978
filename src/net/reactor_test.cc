#include "net/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace meetinity::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// On the test's own thread: Run returns when something calls Stop.
class ReactorTest : public ::testing::Test {
 protected:
  // One round of the loop: what is ready, due, posted or deferred now.
  void Round() {
    reactor_->Post([this] { reactor_->Stop(); });
    reactor_->Run();
  }

  FakeClock clock_;
  std::unique_ptr<Reactor> reactor_ = Reactor::Open(clock_, 3).value();
};

TEST_F(ReactorTest, RunsWhatIsPostedInItsOrder) {
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) reactor_->Post([&order, i] { order.push_back(i); });
  Round();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(reactor_->index(), 3);
}

TEST_F(ReactorTest, RunsWhatIsDeferredAfterwards) {
  std::vector<int> order;
  reactor_->Post([&] {
    reactor_->Defer([&order] { order.push_back(2); });
    order.push_back(1);
  });
  Round();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST_F(ReactorTest, WakesForWhatOtherThreadsPost) {
  std::thread other([this] { reactor_->Post([this] { reactor_->Stop(); }); });
  reactor_->Run();
  other.join();
  EXPECT_FALSE(reactor_->OnThisThread());
}

TEST_F(ReactorTest, FiresTimersByTheirTimeAndNotBefore) {
  std::vector<int> fired;
  std::vector<Timer> timers;
  for (const int after : {3, 1, 2, 9}) {
    timers.push_back(reactor_->StartTimer(seconds(after), [&fired, after] { fired.push_back(after); }));
  }
  timers.push_back(reactor_->StartTimer(seconds(2), [&fired] { fired.push_back(-1); }));
  timers.back().Cancel();
  EXPECT_FALSE(timers.back().armed());
  clock_.Advance(seconds(3) - milliseconds(1));
  // The last one ends the run, and is the last to be due.
  const Timer end = reactor_->StartTimer(Duration(0), [this] { reactor_->Stop(); });
  reactor_->Run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_TRUE(timers[0].armed());
  EXPECT_FALSE(timers[1].armed());
}

TEST_F(ReactorTest, ATimerMayDestroyItself) {
  Timer timer;
  timer = reactor_->StartTimer(Duration(0), [&] {
    timer = Timer();
    reactor_->Stop();
  });
  reactor_->Run();
  EXPECT_FALSE(timer.armed());
}

TEST_F(ReactorTest, ATimerThatArmsItselfForAtOnceDoesNotKeepOthersWaiting) {
  int fired = 0;
  Timer timer;
  std::function<void()> again = [&] {
    ++fired;
    timer = reactor_->StartTimer(Duration(0), again);
  };
  again();
  bool posted = false;
  reactor_->Post([&] {
    posted = true;
    reactor_->Stop();
  });
  reactor_->Run();
  EXPECT_TRUE(posted);
  EXPECT_LE(fired, 3);
}

// Notes what it is told.
class Watcher : public IoHandler {
 public:
  Task on_ready;
  int told = 0;
  void OnReady(uint32_t) override {
    ++told;
    if (on_ready) on_ready();
  }
};

TEST_F(ReactorTest, TellsNothingOfADescriptorThatIsNoLongerWatched) {
  // Both are ready at once; whichever is told first takes the other's watch away.
  int pairs[2][2];
  Watcher watchers[2];
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
    ASSERT_TRUE(reactor_->Watch(pairs[i][0], &watchers[i]).ok());
  }
  for (int i = 0; i < 2; ++i) {
    watchers[i].on_ready = [&, other = 1 - i] {
      reactor_->Unwatch(pairs[other][0], &watchers[other]);
      reactor_->Stop();
    };
  }
  reactor_->Run();
  EXPECT_EQ(watchers[0].told + watchers[1].told, 1);
  for (auto& pair : pairs) {
    for (const int fd : pair) ::close(fd);
  }
}

TEST(WorkerPool, RefusesBeyondItsQueueAndFinishesWhatItTook) {
  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;
  bool go = false;
  int done = 0;
  {
    WorkerPool pool(1, 2);
    const auto wait = [&] {
      std::unique_lock lock(mutex);
      started = true;
      changed.notify_all();
      changed.wait(lock, [&] { return go; });
      ++done;
    };
    EXPECT_TRUE(pool.TryRun(wait));
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return started; });
    }
    EXPECT_TRUE(pool.TryRun(wait));
    EXPECT_TRUE(pool.TryRun(wait));
    EXPECT_FALSE(pool.TryRun(wait));
    pool.Run(wait);  // a continuation is never refused
    const std::lock_guard lock(mutex);
    go = true;
    changed.notify_all();
  }
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace meetinity::net
