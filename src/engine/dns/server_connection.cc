#include <sys/socket.h>
#include <cerrno>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/dns/server_shard.h"

namespace meetinity::dns {
namespace {

// Steps of one connection before others of the reactor get their turn.
constexpr int kStepsPerTurn = 64;
constexpr size_t kLengthBytes = 2;

size_t LengthAt(const char* bytes) {
  return static_cast<size_t>(static_cast<uint8_t>(bytes[0])) << 8 | static_cast<uint8_t>(bytes[1]);
}

}  // namespace

Server::Connection::Connection(Shard& shard, net::Socket socket)
    : shard_(shard), socket_(std::move(socket)), last_progress_(shard.reactor().monotonic()) {}

Server::Connection::~Connection() {
  if (socket_.valid()) shard_.reactor().Unwatch(socket_.fd(), this);
}

void Server::Connection::Start() {
  if (!shard_.reactor().Watch(socket_.fd(), this).ok()) return End();
  Watchdog();
}

void Server::Connection::Watchdog() {
  const MonotonicInstant due = last_progress_ + shard_.options().idle_max;
  const MonotonicInstant now = shard_.reactor().monotonic();
  if (due <= now) return End();
  idle_ = shard_.reactor().StartTimer(due - now, [this] { Watchdog(); });
}

void Server::Connection::End() {
  idle_.Cancel();
  if (socket_.valid()) shard_.reactor().Unwatch(socket_.fd(), this);
  socket_.Close();
  shard_.Remove(this);
}

void Server::Connection::Turn() {
  if (!socket_.valid()) return;
  for (int i = 0; i < kStepsPerTurn; ++i) {
    Progress progress = Send();
    if (progress == Progress::kMade) {
      progress = AnswerNext();
      if (progress == Progress::kBlocked) progress = Receive();
    }
    if (progress == Progress::kBlocked) return;
    if (progress == Progress::kEnded) return End();
  }
  shard_.reactor().Defer([weak = weak_from_this()] {
    if (const auto connection = weak.lock()) connection->Turn();
  });
}

Server::Connection::Progress Server::Connection::Send() {
  while (sent_ < output_.size()) {
    const ssize_t sent = send(socket_.fd(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? Progress::kBlocked : Progress::kEnded;
    sent_ += static_cast<size_t>(sent);
    last_progress_ = shard_.reactor().monotonic();
  }
  output_.clear();
  sent_ = 0;
  return Progress::kMade;
}

Server::Connection::Progress Server::Connection::AnswerNext() {
  if (input_size_ < kLengthBytes) return Progress::kBlocked;
  const size_t length = LengthAt(input_.data());
  if (length > kQueryBytesMax) return Progress::kEnded;
  const size_t taken = kLengthBytes + length;
  if (input_size_ < taken) return Progress::kBlocked;
  auto& scratch = shard_.scratch();
  const std::span<char> room = std::span(scratch).subspan(kLengthBytes);
  const size_t answer = Respond(shard_.zones(), {input_.data() + kLengthBytes, length}, Transport::kTcp, room);
  std::copy(input_.begin() + static_cast<std::ptrdiff_t>(taken),
            input_.begin() + static_cast<std::ptrdiff_t>(input_size_), input_.begin());
  input_size_ -= taken;
  last_progress_ = shard_.reactor().monotonic();
  if (answer == 0) return Progress::kEnded;  // not even a question
  scratch[0] = static_cast<char>(answer >> 8);
  scratch[1] = static_cast<char>(answer & 0xFF);
  output_.assign(scratch.data(), kLengthBytes + answer);
  return Progress::kMade;
}

Server::Connection::Progress Server::Connection::Receive() {
  const ssize_t received = recv(socket_.fd(), input_.data() + input_size_, input_.size() - input_size_, 0);
  if (received < 0) return errno == EAGAIN ? Progress::kBlocked : Progress::kEnded;
  if (received == 0) return Progress::kEnded;
  input_size_ += static_cast<size_t>(received);
  return Progress::kMade;
}

}  // namespace meetinity::dns
