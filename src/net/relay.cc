#include "net/relay.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace meetinity::net {

namespace {

// One read, and the most that is held for a side that is slower than the other.
constexpr size_t kChunk = 65'536;

// Reads of one direction before other connections get their turn.
constexpr int kChunksPerTurn = 8;

// A direction that fills a whole chunk so many times in a row carries bulk, and is worth a pipe.
constexpr int kFullChunksForSplice = 2;

class Pipe {
 public:
  Pipe() = default;
  ~Pipe() {
    if (ends_[0] >= 0) close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool Open() { return pipe2(ends_, O_NONBLOCK | O_CLOEXEC) == 0; }
  bool is_open() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};

class TransportRelay final : public Relay {
 public:
  TransportRelay(Reactor& reactor, Side left, Side right, Duration idle_timeout, std::function<void(End)> ended)
      : reactor_(reactor),
        left_(*this, std::move(left.transport)),
        right_(*this, std::move(right.transport)),
        rightward_{left_, right_},
        leftward_{right_, left_},
        idle_timeout_(idle_timeout),
        ended_(std::move(ended)) {
    rightward_.held = std::move(right.unsent) + left.unread;
    leftward_.held = std::move(left.unsent) + right.unread;
    rightward_.moved = left.unread.size();
    leftward_.moved = right.unread.size();
  }

  ~TransportRelay() override {
    for (Peer* side : {&left_, &right_}) {
      if (side->watched) reactor_.Unwatch(side->transport->socket().fd(), side);
    }
  }

  void Begin() {
    last_moved_ = reactor_.monotonic();
    for (Peer* side : {&left_, &right_}) {
      if (!reactor_.Watch(side->transport->socket().fd(), side).ok()) {
        reactor_.Defer([self = shared_from_this(), this] { Finish(End::kStopped, Farewell::kReset); });
        return;
      }
      side->watched = true;
    }
    ArmTimer(idle_timeout_);
    RequestTurn();
  }

  Totals totals() const override { return {rightward_.moved, leftward_.moved}; }

  void Stop(Farewell farewell) override {
    reactor_.Defer([self = shared_from_this(), this, farewell] { Finish(End::kStopped, farewell); });
  }

 private:
  // One side's socket, and who is told of it.
  struct Peer final : IoHandler {
    Peer(TransportRelay& owner, std::unique_ptr<Transport> carries) : relay(owner), transport(std::move(carries)) {}
    void OnReady(uint32_t epoll_events) override {
      transport->OnEvents(epoll_events);
      relay.Turn();
    }
    TransportRelay& relay;
    std::unique_ptr<Transport> transport;
    bool watched = false;
  };

  // What flows from one side to the other.
  struct Direction {
    Peer& from;
    Peer& to;
    std::string held = {};  // read, or to be said first; sent from `sent` on
    size_t sent = 0;
    std::unique_ptr<Pipe> pipe = {};
    size_t piped = 0;  // bytes in the pipe
    int full_chunks = 0;
    uint64_t moved = 0;
    bool ended = false;   // the sender has said its last
    bool closed = false;  // and the receiver knows
  };

  enum class Step : uint8_t { kMoved, kWaits, kOver };

  void RequestTurn() {
    if (std::exchange(turn_requested_, true)) return;
    reactor_.Defer([self = shared_from_this(), this] {
      turn_requested_ = false;
      Turn();
    });
  }

  void Turn() {
    const auto keep = shared_from_this();
    if (over_) return;
    Pump(rightward_);
    if (!over_) Pump(leftward_);
    // One that said its last and was reset afterwards takes nothing more, and no write may come that finds it out.
    if (!over_ && rightward_.ended && !leftward_.closed && left_.transport->is_broken()) Break(left_);
    if (!over_ && leftward_.ended && !rightward_.closed && right_.transport->is_broken()) Break(right_);
    if (!over_ && rightward_.closed && leftward_.closed) Finish(End::kOrderly, Farewell::kClose);
  }

  void Pump(Direction& direction) {
    for (int i = 0; i < kChunksPerTurn; ++i) {
      if (!Drain(direction) || direction.closed) return;
      if (direction.ended) return HandOnEnd(direction);
      const Step step = Fill(direction);
      if (step != Step::kMoved) {
        if (step == Step::kOver && !over_) HandOnEnd(direction);
        return;
      }
    }
    if (!over_) RequestTurn();
  }

  // Sends what is held; true when nothing is left.
  bool Drain(Direction& direction) {
    Transport& to = *direction.to.transport;
    while (direction.sent < direction.held.size()) {
      const iovec slice{direction.held.data() + direction.sent, direction.held.size() - direction.sent};
      const IoResult result = to.Write({&slice, 1});
      if (result.status == IoStatus::kWouldBlock) return false;
      if (result.status != IoStatus::kReady) return Break(direction.to);
      direction.sent += result.bytes;
      last_moved_ = reactor_.monotonic();
    }
    direction.held.clear();
    direction.sent = 0;
    while (direction.piped > 0) {
      const IoResult result = to.SpliceFrom(direction.pipe->read_end(), direction.piped);
      if (result.status == IoStatus::kWouldBlock) return false;
      if (result.status != IoStatus::kReady) return Break(direction.to);
      direction.piped -= result.bytes;
      last_moved_ = reactor_.monotonic();
    }
    return true;
  }

  Step Fill(Direction& direction) {
    Transport& from = *direction.from.transport;
    if (!from.may_read()) return Step::kWaits;
    const bool splices = direction.pipe != nullptr && direction.pipe->is_open();
    IoResult result{IoStatus::kWouldBlock};
    if (splices) {
      result = from.SpliceTo(direction.pipe->write_end(), kChunk);
      if (result.status == IoStatus::kReady) direction.piped += result.bytes;
    } else {
      // Not cleared, and not kept: what goes on at once needs no memory of its own.
      std::array<char, kChunk> chunk;
      result = from.Read(chunk);
      if (result.status == IoStatus::kReady && !Pass(direction, {chunk.data(), result.bytes})) return Step::kWaits;
    }
    switch (result.status) {
      case IoStatus::kReady:
        direction.moved += result.bytes;
        last_moved_ = reactor_.monotonic();
        if (!splices) ConsiderSplice(direction, result.bytes);
        return Step::kMoved;
      case IoStatus::kWouldBlock:
        return Step::kWaits;
      case IoStatus::kEnd:
        direction.ended = true;
        return Step::kOver;
      case IoStatus::kFailed:
        Break(direction.from);
        return Step::kWaits;
    }
    return Step::kWaits;
  }

  // Sends what was read, and holds what does not go now.
  bool Pass(Direction& direction, std::string_view bytes) {
    const iovec slice{const_cast<char*>(bytes.data()), bytes.size()};
    const IoResult result = direction.to.transport->Write({&slice, 1});
    if (result.status != IoStatus::kReady && result.status != IoStatus::kWouldBlock) return Break(direction.to);
    direction.held.append(bytes.substr(result.bytes));
    return true;
  }

  void ConsiderSplice(Direction& direction, size_t bytes) {
    direction.full_chunks = bytes == kChunk ? direction.full_chunks + 1 : 0;
    if (direction.full_chunks < kFullChunksForSplice || direction.pipe != nullptr) return;
    if (direction.from.transport->is_tls() || direction.to.transport->is_tls()) return;
    direction.pipe = std::make_unique<Pipe>();
    if (!direction.pipe->Open()) Log(LogLevel::kDebug, "net", "no pipe to be had: bytes are copied");
  }

  void HandOnEnd(Direction& direction) {
    if (std::exchange(direction.closed, true)) return;
    direction.to.transport->SendCloseNotify();
    direction.to.transport->ShutdownWrite();
    direction.pipe.reset();
    if (rightward_.closed && leftward_.closed) Finish(End::kOrderly, Farewell::kClose);
  }

  bool Break(Peer& side) {
    Finish(&side == &left_ ? End::kLeftBroke : End::kRightBroke, Farewell::kReset);
    return false;
  }

  void ArmTimer(Duration after) {
    timer_ = reactor_.StartTimer(after, [this] {
      const Duration silent = reactor_.monotonic() - last_moved_;
      if (silent >= idle_timeout_) return Finish(End::kIdle, Farewell::kClose);
      ArmTimer(idle_timeout_ - silent);
    });
  }

  void Finish(End end, Farewell farewell) {
    if (std::exchange(over_, true)) return;
    timer_.Cancel();
    for (Peer* side : {&left_, &right_}) {
      if (std::exchange(side->watched, false)) reactor_.Unwatch(side->transport->socket().fd(), side);
      if (farewell == Farewell::kReset) {
        CloseWithReset(*side->transport);
      } else {
        side->transport->Close();
      }
    }
    rightward_.pipe.reset();
    leftward_.pipe.reset();
    // Later, because one of the two sockets may be on the stack below.
    reactor_.Defer([self = shared_from_this(), this, end] {
      if (const auto ended = std::exchange(ended_, nullptr)) ended(end);
    });
  }

  Reactor& reactor_;
  Peer left_, right_;
  Direction rightward_, leftward_;
  const Duration idle_timeout_;
  std::function<void(End)> ended_;
  Timer timer_;
  MonotonicInstant last_moved_{};
  bool turn_requested_ = false;
  bool over_ = false;
};

}  // namespace

void CloseWithReset(Transport& transport) {
  if (!transport.is_open()) return;
  // Nothing is flushed and the kernel sends RST.
  const linger at_once{1, 0};
  setsockopt(transport.socket().fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  transport.Close();
}

std::shared_ptr<Relay> Relay::Start(Reactor& reactor, Side left, Side right, Duration idle_timeout,
                                    std::function<void(End)> ended) {
  auto relay =
      std::make_shared<TransportRelay>(reactor, std::move(left), std::move(right), idle_timeout, std::move(ended));
  relay->Begin();
  return relay;
}

}  // namespace meetinity::net
