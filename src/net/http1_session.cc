#include "net/http1_session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/response_line.h"
#include "net/server_shard.h"

namespace meetinity::net {

namespace {

constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Answers that may gather unsent before a pipelining client must read some.
constexpr size_t kPipelinedAnswersMax = 65'536;

// Pipelined requests answered before other connections get their turn.
constexpr int kRequestsPerTurn = 128;

}  // namespace

Http1Session::Http1Session(ServerConnection& connection) : connection_(connection), shard_(connection.shard()) {
  deadline_ = shard_.reactor().monotonic() + shard_.limits().idle_timeout;
}

Http1Session::~Http1Session() = default;

std::string_view Http1Session::Unread() const {
  return block_ == nullptr ? std::string_view() : std::string_view(block_->bytes.get() + begin_, end_ - begin_);
}

void Http1Session::Advance() {
  const uint32_t turn_begins = requests_;
  while (connection_.is_serving() && Step()) {
    if (requests_ - turn_begins < kRequestsPerTurn) continue;
    connection_.RequestAnotherTurn();
    break;
  }
  if (!connection_.is_serving()) return;
  DropBlockIfEmpty();
  UpdateDeadline();
}

bool Http1Session::Step() {
  switch (phase_) {
    case Phase::kHead:
      return StepHead();
    case Phase::kExchange:
      return StepExchange();
    case Phase::kClosing:
      return false;
  }
  return false;
}

// ---- heads

bool Http1Session::IsHttp2Preface(bool& is_prefix) const {
  const std::string_view unread = Unread();
  const size_t common = std::min(unread.size(), kHttp2Preface.size());
  is_prefix = requests_ == 0 && !connection_.transport().is_tls() && shard_.limits().http2_prior_knowledge &&
              unread.substr(0, common) == kHttp2Preface.substr(0, common);
  return is_prefix && common == kHttp2Preface.size();
}

bool Http1Session::StepHead() {
  if (begin_ == end_) return FillBlock();
  if (connection_.queued() > kPipelinedAnswersMax) return false;
  if (head_deadline_ == kNever) head_deadline_ = shard_.reactor().monotonic() + shard_.limits().head_timeout;
  if (block_->bytes[begin_] == 'P') {
    bool may_become_http2 = false;
    if (IsHttp2Preface(may_become_http2)) {
      phase_ = Phase::kClosing;
      connection_.SwitchToHttp2(Unread());
      return false;
    }
    if (may_become_http2) return FillBlock();
  }
  if (exchange_ == nullptr) {
    exchange_ = shard_.BorrowExchange();
    exchange_->Attach(*this);
  }
  Http1Parser& parser = exchange_->parser();
  switch (parser.Parse(block_->all().subspan(begin_, end_ - begin_))) {
    case Http1Parser::State::kIncomplete:
      return FillBlock();
    case Http1Parser::State::kRefused:
      RefuseHead(parser.refusal());
      return false;
    case Http1Parser::State::kComplete:
      BeginExchange();
      return true;
  }
  return false;
}

bool Http1Session::FillBlock() {
  if (!connection_.transport().may_read() || peer_ended_) return false;
  if (block_ == nullptr) {
    block_ = shard_.BorrowBlock();
    begin_ = end_ = 0;
  }
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == block_->capacity) {
    // A head at the block's end moves to the front, or into a block that holds the largest one allowed.
    const std::string_view unread = Unread();
    auto larger = begin_ > 0 ? shard_.BorrowBlock()
                             : std::make_shared<InputBlock>(shard_.limits().request_head_bytes + InputBlock::kSize);
    memcpy(larger->bytes.get(), unread.data(), unread.size());
    shard_.ReturnBlock(std::exchange(block_, std::move(larger)));
    end_ = unread.size();
    begin_ = 0;
  }
  const IoResult result = connection_.transport().Read(block_->all().subspan(end_));
  if (result.status != IoStatus::kReady) return OnReadFailed(result.status);
  end_ += result.bytes;
  return true;
}

bool Http1Session::OnReadFailed(IoStatus status) {
  if (status == IoStatus::kWouldBlock) return false;
  peer_ended_ = true;
  if (status == IoStatus::kFailed) {
    connection_.CloseNow();
  } else if (phase_ == Phase::kHead) {
    phase_ = Phase::kClosing;
    connection_.CloseAfterFlush(ServerConnection::Farewell::kClose);
  } else {
    FailBody(kIncompleteBody, "the client closed the connection before the end of the body");
  }
  return false;
}

void Http1Session::Answer(const RefusalAnswer& answer) {
  std::string& out = connection_.queue().text();
  AppendStatusLine(out, answer.status);
  out += shard_.DateLine();
  out += answer.headers.http1_bytes();
  out += "Content-Length: ";
  AppendDecimal(out, answer.body.size());
  out += "\r\nConnection: close\r\n\r\n";
  out += answer.body;
  connection_.queue().CommitText();
  phase_ = Phase::kClosing;
  connection_.CloseAfterFlush(ServerConnection::Farewell::kLinger);
}

void Http1Session::RefuseHead(Http1Refusal refusal) {
  if (refusal != Http1Refusal::kHeadTimeout) shard_.counts().parse_errors.Add();
  Answer(AnswerTo(shard_, *connection_.peer(), HttpVersion::kHttp11, refusal));
}

TakenConnection Http1Session::TakeConnection() {
  std::string unread(Unread());
  return {connection_.ReleaseTransport(), std::move(unread), {}};
}

void Http1Session::BeginExchange() {
  const Http1Exchange& exchange = *exchange_;
  const Http1Framing& framing = exchange.parser().framing();
  begin_ += exchange.parser().head_size();
  head_deadline_ = kNever;
  phase_ = Phase::kExchange;
  keep_alive_ = framing.keep_alive && !shard_.draining();
  continue_owed_ = framing.expects_continue;
  body_ = Body::kEnd;
  if (framing.chunked) {
    body_ = Body::kChunked;
    chunks_.Reset();
  } else if (exchange.request().has_body) {
    body_ = Body::kLength;
    body_left_ = *exchange.request().content_length;
  }
  discarded_ = 0;
  ++requests_;
  shard_.counts().requests.Add();
  // By a hold of its own: the handler may end the connection, and with it exchange_.
  handed_ = exchange_;
  shard_.config().handler->OnRequest(handed_);
  if (!connection_.is_open() || exchange_ == nullptr) return;
  if (exchange_->answered() && body_ == Body::kEnd && exchange_.use_count() == 2) return;  // nothing outlives this
  // The head stays where it lies, for as long as the exchange does; what follows it moves on.
  const std::string_view rest = Unread();
  exchange_->KeepBlock(std::exchange(block_, nullptr));
  begin_ = end_ = 0;
  Keep(rest);
}

void Http1Session::Keep(std::string_view bytes) {
  if (bytes.empty()) return;
  block_ = bytes.size() < InputBlock::kSize ? shard_.BorrowBlock() : std::make_shared<InputBlock>(bytes.size());
  memcpy(block_->bytes.get(), bytes.data(), bytes.size());
  begin_ = 0;
  end_ = bytes.size();
}

// ---- exchanges

bool Http1Session::StepExchange() {
  if (body_ == Body::kFailed && exchange_->wants_body()) {
    exchange_->DeliverBodyError(kIncompleteBody, "the body broke off");
    return true;
  }
  if (exchange_->wants_body() || (exchange_->answered() && DiscardsBody())) {
    if (body_ == Body::kLength || body_ == Body::kChunked) {
      if (!ReadBody()) return false;
      return true;
    }
    if (body_ == Body::kEnd && exchange_->wants_body()) {
      exchange_->DeliverBodyEnd();
      return true;
    }
  }
  if (exchange_->answered()) {
    FinishExchange();
    return true;
  }
  // A client that hangs up while it is owed an answer has given up on it, unless that is on its way already and there
  // is still somebody to take it. Waiting for a write to find that out would be long where the handler waits for
  // others.
  const bool body_over = body_ == Body::kEnd || body_ == Body::kFailed;
  const Transport& transport = connection_.transport();
  if (body_over && transport.hung_up() && (!exchange_->answer_begun() || transport.is_broken())) connection_.CloseNow();
  return false;
}

// An answer given before the body was read: the rest of it is read and dropped, up to a bound, to save the connection.
bool Http1Session::DiscardsBody() const {
  if (!keep_alive_ || (body_ != Body::kLength && body_ != Body::kChunked)) return false;
  return discarded_ <= shard_.limits().drained_body_bytes;
}

bool Http1Session::DecideKeepAlive() {
  if (requests_ >= shard_.limits().requests_per_connection || shard_.draining() || peer_ended_) keep_alive_ = false;
  if (connection_.is_old()) keep_alive_ = false;
  if (body_ == Body::kFailed) keep_alive_ = false;
  // A body of which nobody wants to know is worth waiting for only if it is small and sure to come.
  if (!exchange_->body_read_begun() && body_ != Body::kEnd) {
    if (continue_owed_) keep_alive_ = false;
    if (body_ == Body::kLength && body_left_ > shard_.limits().drained_body_bytes) keep_alive_ = false;
  }
  return keep_alive_;
}

void Http1Session::FinishExchange() {
  const bool body_over = body_ == Body::kEnd;
  if (!keep_alive_ || !body_over || shard_.draining()) {
    phase_ = Phase::kClosing;
    const bool may_send_more = !peer_ended_ && (!body_over || begin_ < end_);
    connection_.CloseAfterFlush(may_send_more ? ServerConnection::Farewell::kLinger
                                              : ServerConnection::Farewell::kClose);
  } else {
    phase_ = Phase::kHead;
    deadline_ = kNever;
  }
  body_ = Body::kNone;
  body_deadline_ = kNever;
  const auto exchange = std::exchange(exchange_, nullptr);
  exchange->Recycle();
  // Two are ours. Reading the count orders nothing, but letting go of one of them changes it, which acquires what
  // anybody on another thread did before letting go: only then is the exchange used again.
  const bool is_ours_alone = exchange.use_count() == 2;
  handed_.reset();
  if (!is_ours_alone) return;
  if (auto block = exchange->TakeBlock()) shard_.ReturnBlock(std::move(block));
  shard_.ReturnExchange(exchange);
}

// ---- bodies

void Http1Session::OnAnswered() {
  body_deadline_ = shard_.reactor().monotonic() + shard_.limits().body_timeout;
  connection_.RequestTurn();
}

void Http1Session::OnBodyWanted() {
  if (continue_owed_ && body_ != Body::kEnd && !exchange_->answer_begun()) {
    connection_.queue().AppendCopy("HTTP/1.1 100 Continue\r\n\r\n");
  }
  continue_owed_ = false;
  body_deadline_ = shard_.reactor().monotonic() + shard_.limits().body_timeout;
  connection_.RequestTurn();
}

// Reads one buffer of the body. False: there is none to be had now.
bool Http1Session::ReadBody() {
  if (begin_ < end_) {
    begin_ += FeedBody(Unread());
    return true;
  }
  DropBlockIfEmpty();
  if (peer_ended_ || !connection_.transport().may_read()) return false;
  const std::span<char> scratch = shard_.scratch();
  const IoResult result = connection_.transport().Read(scratch);
  if (result.status != IoStatus::kReady) {
    OnReadFailed(result.status);
    return body_ == Body::kFailed;
  }
  const std::string_view bytes(scratch.data(), result.bytes);
  const size_t fed = FeedBody(bytes);
  if (connection_.is_open()) Keep(bytes.substr(fed));
  return true;
}

// Hands on what of `bytes` belongs to the body and is wanted; says how much that was.
size_t Http1Session::FeedBody(std::string_view bytes) {
  size_t fed = 0;
  body_deadline_ = shard_.reactor().monotonic() + shard_.limits().body_timeout;
  while (fed < bytes.size() && (body_ == Body::kLength || body_ == Body::kChunked)) {
    const bool wanted = exchange_->wants_body();
    if (!wanted && !(exchange_->answered() && DiscardsBody())) break;
    std::string_view data;
    if (body_ == Body::kLength) {
      data = bytes.substr(fed, static_cast<size_t>(std::min<uint64_t>(body_left_, bytes.size())));
      fed += data.size();
      body_left_ -= data.size();
      if (body_left_ == 0) body_ = Body::kEnd;
    } else {
      const ChunkedDecoder::Step step = chunks_.Next(bytes.substr(fed));
      data = step.data;
      fed += step.consumed;
      if (step.state == ChunkedDecoder::State::kEnd) body_ = Body::kEnd;
      if (step.state == ChunkedDecoder::State::kBroken) {
        shard_.counts().parse_errors.Add();
        FailBody(kIncompleteBody, "the body's chunks are malformed");
        break;
      }
    }
    if (!wanted) {
      discarded_ += data.size();
    } else if (!data.empty()) {
      exchange_->DeliverBody(data);
      if (!connection_.is_open()) break;
    }
  }
  return fed;
}

void Http1Session::FailBody(std::string_view name, std::string_view detail) {
  body_ = Body::kFailed;
  body_deadline_ = kNever;
  keep_alive_ = false;
  const auto exchange = exchange_;
  exchange->DeliverBodyError(name, std::string(detail));
  connection_.RequestTurn();
}

// ---- time and endings

void Http1Session::DropBlockIfEmpty() {
  if (block_ == nullptr || begin_ < end_) return;
  shard_.ReturnBlock(std::exchange(block_, nullptr));
  begin_ = end_ = 0;
}

void Http1Session::UpdateDeadline() {
  if (phase_ == Phase::kHead) {
    deadline_ = head_deadline_ != kNever ? head_deadline_ : shard_.reactor().monotonic() + shard_.limits().idle_timeout;
    return;
  }
  const bool awaits_body = (body_ == Body::kLength || body_ == Body::kChunked) &&
                           (exchange_->wants_body() || (exchange_->answered() && DiscardsBody()));
  deadline_ = phase_ == Phase::kExchange && awaits_body ? body_deadline_ : kNever;
}

void Http1Session::OnDeadline() {
  deadline_ = kNever;
  if (phase_ == Phase::kHead) {
    // An idle client is left quietly; one that was half through a request is told why.
    if (exchange_ == nullptr) return connection_.CloseNow();
    return RefuseHead(Http1Refusal::kHeadTimeout);
  }
  if (phase_ != Phase::kExchange) return;
  // It was answered in this very moment, and nobody has looked since: the answer is still to be sent.
  if (body_deadline_ > shard_.reactor().monotonic()) return UpdateDeadline();
  if (exchange_->answered()) return connection_.CloseNow();
  FailBody(kBodyTimeout, "the request's body did not arrive in time");
}

void Http1Session::OnWritten() {
  if (exchange_ != nullptr && phase_ == Phase::kExchange) {
    const auto exchange = exchange_;
    exchange->TellDrained();
  }
  // Requests may wait for room in the queue.
  if (phase_ == Phase::kHead && begin_ < end_ && connection_.queued() <= kPipelinedAnswersMax) {
    connection_.RequestTurn();
  }
}

void Http1Session::StartDrain() {
  if (phase_ == Phase::kHead && exchange_ == nullptr && begin_ == end_) {
    phase_ = Phase::kClosing;
    connection_.CloseAfterFlush(ServerConnection::Farewell::kClose);
  }
}

void Http1Session::OnClosed() {
  phase_ = Phase::kClosing;
  if (exchange_ == nullptr) return;
  const auto exchange = std::exchange(exchange_, nullptr);
  exchange->LoseUnsent(connection_.queued());
  // A head that never was complete has no handler to tell; a head that was keeps its bytes.
  if (block_ != nullptr && !exchange->has_block()) exchange->KeepBlock(std::exchange(block_, nullptr));
  exchange->TellGone();
  exchange->Detach();
}

}  // namespace meetinity::net
