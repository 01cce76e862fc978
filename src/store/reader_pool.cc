#include "store/reader_pool.h"

namespace meetinity::store {
namespace {

// Reads are short and mostly bound by the processor: more than a few at once gain nothing, and each connection keeps
// up to a MiB of pages.
constexpr size_t kReadersMax = 8;

}  // namespace

Result<ReaderPool::Lease> ReaderPool::Take() {
  {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return !idle_.empty() || open_ < kReadersMax; });
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
    ++open_;
  }
  Result<std::unique_ptr<Connection>> connection = Connection::Open(path_, Access::kReadOnly);
  if (connection.ok()) return Lease(*this, std::move(connection).value());
  const std::lock_guard lock(mutex_);
  --open_;
  given_back_.notify_one();
  return std::move(connection).error();
}

void ReaderPool::GiveBack(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  given_back_.notify_one();
}

}  // namespace meetinity::store
