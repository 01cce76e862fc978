#include "wire/body_pump.h"

#include <algorithm>
#include <utility>

#include "wire/errors.h"

namespace meetinity::wire {

net::ExchangePtr HoldElsewhere(net::ExchangePtr exchange) {
  net::HttpExchange* const raw = exchange.get();
  return {raw, [owner = std::move(exchange)](net::HttpExchange*) mutable {
            net::Reactor& reactor = owner->reactor();
            if (reactor.OnThisThread()) {
              owner.reset();
            } else {
              reactor.Post([last = std::move(owner)] {});
            }
          }};
}

Error ToBodyError(const Error& error) {
  if (error.name == net::kBodyTimeout) {
    return Error{Kind::kInvalid, kRequestTimeout,
                 "Your socket connection to the server was not read from or written to within the timeout period. Idle "
                 "connections will be closed."};
  }
  if (error.name == net::kBodyTooLarge) {
    return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"};
  }
  return Error{Kind::kInvalid, kIncompleteBodyError,
               "You did not provide the number of bytes specified by the Content-Length HTTP header"};
}

void BodyPump::Start(net::ExchangePtr exchange, net::WorkerPool& workers, Consume consume, Done done) {
  const std::shared_ptr<BodyPump> pump(
      new BodyPump(HoldElsewhere(std::move(exchange)), workers, std::move(consume), std::move(done)));
  pump->Read();
}

BodyPump::BodyPump(net::ExchangePtr exchange, net::WorkerPool& workers, Consume consume, Done done)
    : workers_(workers), consume_(std::move(consume)), done_(std::move(done)), exchange_(std::move(exchange)) {}

void BodyPump::Read() {
  const auto self = shared_from_this();
  exchange_->ReadBody({[self](std::string_view bytes) { self->OnData(bytes); }, [self] { self->OnEnd({}); },
                       [self](Error error) { self->OnEnd(ToBodyError(error)); }});
}

void BodyPump::OnData(std::string_view bytes) {
  net::ExchangePtr to_pause;
  {
    const std::lock_guard lock(mutex_);
    if (done_called_) return;  // refused by now; what still comes is drained
    pending_.append(bytes);
    if (pending_.size() >= kBodyPumpMax && !paused_) {
      paused_ = true;
      to_pause = exchange_;
    }
    Schedule();
  }
  // The worker can only ask for more by Post, so its resume comes after this pause.
  if (to_pause) to_pause->PauseBody();
}

void BodyPump::OnEnd(Status how) {
  const std::lock_guard lock(mutex_);
  ended_ = std::move(how);
  Schedule();
}

void BodyPump::Schedule() {
  if (working_ || done_called_) return;
  working_ = true;
  workers_.Run([self = shared_from_this()] { self->Work(); });
}

void BodyPump::Work() {
  {
    std::unique_lock lock(mutex_);
    // A body that broke off is worth no more disk writes.
    if (ended_ && !ended_->ok()) {
      lock.unlock();
      return End(*ended_);
    }
    batch_.swap(pending_);
    if (paused_) {
      paused_ = false;
      exchange_->reactor().Post([exchange = exchange_] { exchange->ResumeBody(); });
    }
  }
  if (!batch_.empty()) {
    Status consumed = consume_(batch_);
    batch_.clear();
    if (!consumed.ok()) return End(std::move(consumed));
  }
  std::unique_lock lock(mutex_);
  if (pending_.empty() && ended_ && ended_->ok()) {
    lock.unlock();
    return End({});
  }
  working_ = false;
  // Back of the queue after each batch: a fast client must not keep the others waiting.
  if (!pending_.empty() || ended_) Schedule();
}

void BodyPump::End(Status how) {
  {
    const std::lock_guard lock(mutex_);
    done_called_ = true;
    std::string().swap(pending_);
    exchange_.reset();  // which holds us until the client has sent, or will never send, the rest
  }
  // Moved out, so that what they hold goes when they return and not with the last late event of the network.
  const Consume consume = std::move(consume_);
  const Done done = std::move(done_);
  done(std::move(how));
}

void CollectBody(const net::ExchangePtr& exchange, size_t max, std::function<void(Result<std::string>)> done) {
  struct Collector {
    std::string body;
    std::function<void(Result<std::string>)> done;
    void Finish(Result<std::string> result) {
      if (const auto call = std::exchange(done, nullptr)) call(std::move(result));
    }
  };
  const auto collector = std::make_shared<Collector>(Collector{{}, std::move(done)});
  collector->body.reserve(static_cast<size_t>(std::min<uint64_t>(exchange->request().content_length.value_or(0), max)));
  exchange->ReadBody({[collector, max](std::string_view bytes) {
                        if (collector->body.size() + bytes.size() <= max) {
                          collector->body.append(bytes);
                          return;
                        }
                        collector->Finish(Error{Kind::kLimit, kRequestEntityTooLarge,
                                                "The request body is larger than " + std::to_string(max) + " bytes"});
                      },
                      [collector] { collector->Finish(std::move(collector->body)); },
                      [collector](Error error) { collector->Finish(ToBodyError(error)); }});
}

}  // namespace meetinity::wire
