#include "net/send_queue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace meetinity::net {

namespace {

// Up to here copying is cheaper than another slice for the kernel and another reference to count.
constexpr size_t kCopyMax = 2'048;

// What text_ grows to while the queue never runs empty; beyond, small pieces become slices of their own.
constexpr size_t kTextMax = 65'536;

constexpr size_t kSlicesPerFlush = 64;

// Sent from a file from here on. Below, handing over each page costs what copying it does.
constexpr size_t kFromFileMin = 32 * 1'024;

}  // namespace

void SendQueue::CommitText() {
  const size_t added = text_.size() - text_committed_;
  if (added == 0) return;
  size_ += added;
  total_appended_ += added;
  if (pieces_.size() > first_ && pieces_.back().data == nullptr &&
      pieces_.back().text_at + pieces_.back().size == text_committed_) {
    pieces_.back().size += added;
  } else {
    pieces_.push_back({nullptr, nullptr, text_committed_, added, {}});
  }
  text_committed_ = text_.size();
}

void SendQueue::AppendCopy(std::string_view bytes) {
  if (text_.size() + bytes.size() > kTextMax) {
    Append(Slice::Copy(bytes));
    return;
  }
  text_ += bytes;
  CommitText();
}

void SendQueue::Append(Slice slice) {
  if (slice.bytes.empty()) return;
  if (slice.bytes.size() <= kCopyMax && text_.size() + slice.bytes.size() <= kTextMax) {
    text_ += slice.bytes;
    CommitText();
    return;
  }
  size_ += slice.bytes.size();
  total_appended_ += slice.bytes.size();
  pieces_.push_back({std::move(slice.owner), slice.bytes.data(), 0, slice.bytes.size(), slice.file});
}

// One call's worth: a large piece out of its file, or all that stands before the next of those.
IoResult SendQueue::SendSome(Transport& transport) const {
  const auto is_sent_from_file = [is_plain = !transport.is_tls()](const Piece& piece) {
    return is_plain && piece.file.descriptor >= 0 && piece.size >= kFromFileMin;
  };
  const Piece& front = pieces_[first_];
  if (is_sent_from_file(front)) return transport.SendFile(front.file, front.size);
  std::array<iovec, kSlicesPerFlush> slices;
  size_t count = 0;
  auto then = Transport::Then::kNothing;
  for (size_t i = first_; i < pieces_.size() && count < slices.size(); ++i, ++count) {
    const Piece& piece = pieces_[i];
    if (is_sent_from_file(piece)) {
      then = Transport::Then::kMore;
      break;
    }
    const char* data = piece.data != nullptr ? piece.data : text_.data() + piece.text_at;
    slices[count] = {const_cast<char*>(data), piece.size};  // the kernel only reads it
  }
  return transport.Write(std::span(slices).first(count), then);
}

IoStatus SendQueue::Flush(Transport& transport) {
  while (size_ > 0) {
    const IoResult result = SendSome(transport);
    if (result.status != IoStatus::kReady) return result.status;
    Consume(result.bytes);
    if (size_ > 0 && !transport.may_write()) return IoStatus::kWouldBlock;
  }
  return IoStatus::kReady;
}

void SendQueue::Consume(size_t bytes) {
  size_ -= bytes;
  if (size_ == 0) {
    text_.clear();
    text_committed_ = 0;
    pieces_.clear();
    first_ = 0;
    return;
  }
  while (bytes > 0) {
    Piece& piece = pieces_[first_];
    const size_t part = std::min(bytes, piece.size);
    bytes -= part;
    piece.size -= part;
    if (piece.data != nullptr) {
      piece.data += part;
      piece.file.offset += part;
    } else {
      piece.text_at += part;
    }
    if (piece.size == 0) {
      piece.owner.reset();
      ++first_;
    }
  }
  // A queue that never runs empty must not remember all it ever held.
  if (first_ >= kSlicesPerFlush) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
}

void SendQueue::Clear() {
  text_.clear();
  text_committed_ = 0;
  pieces_.clear();
  first_ = size_ = 0;
}

void SendQueue::ReleaseMemory() {
  if (!empty()) return;
  text_ = std::string();
  pieces_ = std::vector<Piece>();
}

}  // namespace meetinity::net
