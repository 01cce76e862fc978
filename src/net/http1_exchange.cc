#include "net/http1_exchange.h"

#include <utility>

#include "net/http1_session.h"
#include "net/response_line.h"
#include "net/server_shard.h"
#include "net/transport.h"

namespace meetinity::net {

void Http1Exchange::Attach(Http1Session& session) {
  session_ = &session;
  parser_.Reset();
  chunked_ = ends_by_closing_ = false;
  ServerConnection& connection = session.connection();
  Begin(&connection.shard().reactor(), connection.peer());
}

void Http1Exchange::Recycle() {
  DropCallbacks();
  session_ = nullptr;
}

void Http1Exchange::CloseAfterAnswer() {
  if (session_ != nullptr) session_->MustClose();
}

std::optional<TakenConnection> Http1Exchange::SwitchProtocols(std::span<const HeaderBlock* const> headers) {
  if (session_ == nullptr || gone() || answer_begun() || !session_->may_switch()) return std::nullopt;
  const auto keep = shared_from_this();
  std::string head;
  AppendStatusLine(head, 101);
  head += session_->connection().shard().DateLine();
  for (const HeaderBlock* block : headers) head += block->http1_bytes();
  head += "Connection: Upgrade\r\n\r\n";
  GiveUp();
  bytes_sent_ += head.size();
  TakenConnection taken = session_->TakeConnection();
  taken.unsent = std::move(head);
  return taken;
}

void Http1Exchange::SendHead(int status, std::span<const HeaderBlock* const> headers, const Framing& framing) {
  SendQueue& queue = session_->connection().queue();
  std::string& out = queue.text();
  const size_t before = out.size();
  const bool http10 = request().version == HttpVersion::kHttp10;
  chunked_ = framing.has_body && !framing.length && !http10;
  ends_by_closing_ = framing.has_body && !framing.length && http10;
  if (ends_by_closing_) session_->MustClose();
  const bool keep_alive = session_->DecideKeepAlive();
  AppendStatusLine(out, status);
  out += session_->connection().shard().DateLine();
  for (const HeaderBlock* block : headers) out += block->http1_bytes();
  if (chunked_) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (framing.length) {
    out += "Content-Length: ";
    AppendDecimal(out, *framing.length);
    out += "\r\n";
  }
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (http10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  bytes_sent_ += out.size() - before;
  queue.CommitText();
  session_->connection().RequestTurn();
}

void Http1Exchange::SendData(Slice slice) {
  SendQueue& queue = session_->connection().queue();
  const uint64_t before = queue.total_appended();
  if (chunked_) {
    std::string size_line;
    AppendHex(size_line, slice.bytes.size());
    size_line += "\r\n";
    queue.AppendCopy(size_line);
  }
  queue.Append(std::move(slice));
  if (chunked_) queue.AppendCopy("\r\n");
  bytes_sent_ += queue.total_appended() - before;
  session_->connection().RequestTurn();
}

void Http1Exchange::SendEnd() {
  if (chunked_) {
    session_->connection().queue().AppendCopy("0\r\n\r\n");
    bytes_sent_ += 5;
  }
  session_->OnAnswered();
}

void Http1Exchange::SendAbort() {
  if (session_ == nullptr) return;
  // Where the end of the connection is the end of the body, only a reset tells that this is not it.
  if (ends_by_closing_) return session_->connection().Reset();
  session_->connection().CloseNow();
}

void Http1Exchange::OnBodyWanted() {
  if (session_ != nullptr) session_->OnBodyWanted();
}

size_t Http1Exchange::Unsent() const { return session_ == nullptr ? 0 : session_->connection().queued(); }

WorkerPool& Http1Exchange::workers() { return *session_->connection().shard().config().workers; }

}  // namespace meetinity::net
