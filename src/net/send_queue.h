#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/transport.h"

namespace meetinity::net {

// Bytes on their way to a socket, in order: small ones copied side by side, so that many answers leave in one call,
// large ones as the slices they came as, out of their file where there is one and the transport is plain.
class SendQueue {
 public:
  // Where small pieces are written directly: append to it, nothing else, and call CommitText then.
  std::string& text() { return text_; }
  void CommitText();

  void AppendCopy(std::string_view bytes);
  void Append(Slice slice);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  uint64_t total_appended() const { return total_appended_; }

  // Writes until everything is gone (kReady), or the transport takes no more (kWouldBlock), or it failed.
  IoStatus Flush(Transport& transport);
  void Clear();
  // Gives the memory of an idle connection back.
  void ReleaseMemory();

 private:
  struct Piece {
    std::shared_ptr<const void> owner;
    const char* data;  // null: in text_, at `text_at`
    size_t text_at;
    size_t size;
    FileRange file;
  };
  IoResult SendSome(Transport& transport) const;
  void Consume(size_t bytes);

  std::string text_;
  size_t text_committed_ = 0;
  std::vector<Piece> pieces_;
  size_t first_ = 0;  // of pieces_, the first with bytes left
  size_t size_ = 0;
  uint64_t total_appended_ = 0;
};

}  // namespace meetinity::net
