#include "wire/api_request.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "store/errors.h"
#include "wire/auth_errors.h"
#include "wire/body_pump.h"
#include "wire/errors.h"
#include "wire/request_ids.h"

namespace meetinity::wire {
namespace {

// Services that are not there answer in a shape that the client's parser reads all the same.
const ServiceShape& UnknownServiceShape(const net::RequestHead& request, Protocol& protocol) {
  static constexpr Protocol kXml[] = {Protocol::kQuery};
  static constexpr Protocol kJson[] = {Protocol::kJson11};
  const auto shape_of = [](std::span<const Protocol> protocols) {
    ServiceShape shape{};
    shape.name = shape.service_id = shape.signing_name = "unknown";
    shape.protocols = protocols;
    return shape;
  };
  static const ServiceShape xml = shape_of(kXml);
  static const ServiceShape json = shape_of(kJson);
  const std::string_view type = request.Find("content-type").value_or("");
  const bool is_json = request.Find("x-amz-target") || type.find("json") != std::string_view::npos;
  protocol = is_json ? Protocol::kJson11 : Protocol::kQuery;
  return is_json ? json : xml;
}

}  // namespace

void ApiRequest::Start(const std::shared_ptr<ApiContext>& context, const net::ExchangePtr& exchange) {
  std::shared_ptr<ApiRequest>(new ApiRequest(context, exchange))->Receive();
}

ApiRequest::ApiRequest(std::shared_ptr<ApiContext> context, const net::ExchangePtr& exchange)
    : context_(std::move(context)),
      exchange_(HoldElsewhere(exchange)),
      head_(exchange_->request()),
      is_admin_(head_.path.starts_with(kAdminPrefix)),
      addressee_(is_admin_ ? Addressee{} : context_->services.Find(head_)) {
  FillCall();
  if (addressee_.host != nullptr && addressee_.host->observe())
    call_.observation = addressee_.host->observe()(head_, addressee_.bucket);
}

// --- on the reactor

void ApiRequest::Receive() {
  if (const Status refused = RefuseByHead(); !refused.ok()) return Refuse(refused.error());
  if (is_s3() && head_.method == "OPTIONS" && addressee_.claimed.empty()) {
    return RunOnWorker(&ApiRequest::ServePreflight);
  }
  if (IsPostForm()) return RunOnWorker(&ApiRequest::ServePostForm);
  void (ApiRequest::*const serve)() = is_admin_ ? &ApiRequest::ServeAdmin : &ApiRequest::ServeWhole;
  if (!head_.has_body) return RunOnWorker(serve);
  const bool small = head_.content_length && *head_.content_length <= kInlineBodyMax;
  if (is_s3() && !small) return RunOnWorker(&ApiRequest::ServeHead);
  Collect(context_->options.buffered_body_max, serve);
}

Status ApiRequest::RefuseByHead() const {
  if (head_.method == "TRACE" || head_.method == "CONNECT") {
    return Error{Kind::kInvalid, kMethodNotAllowed, "The specified method is not allowed against this resource."};
  }
  if (is_admin_) return {};
  if (addressee_.host == nullptr && addressee_.claimed.empty()) {
    return Error{Kind::kUnauthorized, kMissingAuthenticationToken, "Request is missing Authentication Token"};
  }
  if (addressee_.host == nullptr) {
    return Error{Kind::kUnsupported, kUnknownService,
                 "The service '" + addressee_.claimed + "', which the request is signed for, is not served here."};
  }
  return {};
}

void ApiRequest::Collect(uint64_t max, void (ApiRequest::*then)()) {
  if (head_.content_length.value_or(0) > max) {
    return Refuse(Error{Kind::kLimit, kRequestEntityTooLarge,
                        "The request body is larger than " + std::to_string(max) + " bytes"});
  }
  CollectBody(exchange_, max, [self = shared_from_this(), then](Result<std::string> body) {
    if (!body.ok()) return self->Refuse(std::move(body).error());
    self->body_ = std::move(*body);
    self->RunOnWorker(then);
  });
}

void ApiRequest::RunOnWorker(void (ApiRequest::*step)()) {
  if (context_->workers.TryRun([self = shared_from_this(), step] { (self.get()->*step)(); })) return;
  Refuse(Error{Kind::kUnavailable, is_s3() ? kSlowDown : kServiceUnavailable, "Please reduce your request rate."});
}

// --- on a worker

void ApiRequest::Guard(const std::function<Status()>& step) {
  // Libraries throw; nothing of ours does, and nothing passes here.
  try {
    if (Status status = step(); !status.ok()) Refuse(std::move(status).error());
  } catch (const std::exception& thrown) {
    Refuse(Internal(std::string("exception: ") + thrown.what()));
  }
}

void ApiRequest::ServeWhole() {
  Guard([this]() -> Status {
    TRY(Authenticate(/*body_is_here=*/true));
    TRY(FindOperation());
    if (route_->operation->streams_input) {
      TRY(StageWholeBody());
    } else {
      TRY(CheckDocument());
      TRY(Decode());
    }
    TRY(Handle());
    SendAnswer();
    return {};
  });
}

void ApiRequest::ServeHead() {
  Guard([this]() -> Status {
    TRY(Authenticate(/*body_is_here=*/false));
    TRY(FindOperation());
    if (route_->operation->streams_input) {
      ReceiveUpload(TRY(AdmitUpload()));
      return {};
    }
    const uint64_t max = context_->options.buffered_body_max;
    exchange_->reactor().Post([self = shared_from_this(), max] { self->Collect(max, &ApiRequest::ServeBody); });
    return {};
  });
}

void ApiRequest::ServeBody() {
  Guard([this]() -> Status {
    TRY(CheckDocument());
    TRY(Decode());
    TRY(Handle());
    SendAnswer();
    return {};
  });
}

void ApiRequest::ReceiveUpload(std::unique_ptr<Staging> staging) {
  const std::shared_ptr<Staging> shared = std::move(staging);
  const auto consume = [shared](std::string_view bytes) { return shared->Push(bytes); };
  const auto done = [self = shared_from_this(), shared](Status received) {
    self->Guard([&]() -> Status {
      TRY(std::move(received));
      *StreamedInput(*self->route_->operation, self->input_.get()) = TRY(shared->Finish());
      TRY(self->Handle());
      self->SendAnswer();
      return {};
    });
  };
  exchange_->reactor().Post([self = shared_from_this(), consume, done] {
    BodyPump::Start(self->exchange_, self->context_->workers, consume, done);
  });
}

void ApiRequest::ServeAdmin() {
  Guard([this]() -> Status {
    answer_.encoded.body = TRY(HandleAdmin());
    answer_.style = AnswerStyle::kAdmin;
    SendAnswer();
    return {};
  });
}

void ApiRequest::ServePreflight() {
  Guard([this]() -> Status {
    TRY(AnswerPreflight());
    SendAnswer();
    return {};
  });
}

// --- answers, from anywhere

// What the store lacks is the operator's business and in the log; the client hears AWS's word for it, which SDKs retry.
Error ApiRequest::OutOfOrder(Error error) const {
  Log(LogLevel::kError, "wire", "{} {} {}: {}: {}", call_.request_id, head_.method, head_.path, error.name,
      error.detail);
  if (error.name == store::kStoreBusy && is_s3()) {
    return Error{Kind::kUnavailable, kSlowDown, "Please reduce your request rate."};
  }
  return Error{Kind::kUnavailable, kServiceUnavailable, "Service is unable to handle request."};
}

void ApiRequest::Refuse(Error error) {
  if (error.kind == Kind::kInternal) {
    Log(LogLevel::kError, "wire", "{} {} {}: {}: {}", call_.request_id, head_.method, head_.path, error.name,
        error.detail);
  }
  if (is_admin_) {
    AdminAnswer refused = ToAdminAnswer(error);
    answer_.encoded = {};
    answer_.encoded.status = refused.status;
    answer_.encoded.body = std::move(refused.body);
    answer_.style = AnswerStyle::kAdmin;
    return SendAnswer();
  }
  if (error.name == store::kDiskFull || error.name == store::kStoreBusy) error = OutOfOrder(std::move(error));
  Protocol protocol = protocol_;
  const ServiceShape& shape = addressee_.host == nullptr ? UnknownServiceShape(head_, protocol) : service();
  if (addressee_.host != nullptr && !route_) protocol = DetectProtocol(shape, ToProtocolRequest());
  if (is_s3() && error.name == kRequestEntityTooLarge) {
    error.name = kMaxMessageLengthExceeded;
    error.detail = "Your request was too big.";
  }
  const bool too_large = error.name == kRequestEntityTooLarge;
  error = InProtocolsWords(shape, protocol, std::move(error));
  answer_.encoded = EncodeError(shape, protocol, error, Ids());
  answer_.error = error.kind == Kind::kInternal ? kInternalError : error.name;
  // Kind has no word for it, because only this layer refuses a size.
  if (too_large) answer_.encoded.status = 413;
  SendAnswer();
}

void ApiRequest::TellObservation() {
  // What was refused before it was looked at had an operation in mind all the same.
  if (!route_) {
    Result<Route> route = FindRoute(service(), DetectProtocol(service(), ToProtocolRequest()), ToProtocolRequest());
    if (route.ok()) route_ = std::move(*route);
  }
  SignedIn signed_in = call_.presigned || (claim_ && claim_->presigned) ? SignedIn::kQuery : SignedIn::kNothing;
  if (claim_ && !claim_->presigned) signed_in = SignedIn::kHeader;
  if (post_ && call_.principal.kind != PrincipalKind::kAnonymous) signed_in = SignedIn::kForm;
  const std::span<const std::pair<std::string_view, std::string>> no_labels;
  Encoded& encoded = answer_.encoded;
  call_.observation->OnAnswer({.head = head_,
                               .peer = exchange_->peer(),
                               .call = call_,
                               .host_id = host_id_,
                               .operation = route_ ? route_->operation : nullptr,
                               .labels = route_ ? std::span(std::as_const(route_->labels)) : no_labels,
                               .signed_in = signed_in,
                               .status = encoded.status,
                               .error = answer_.error});
  if (encoded.stream) {
    answer_.observation = std::move(call_.observation);
  } else {
    const bool sends_body = head_.method != "HEAD" && encoded.status != 204 && encoded.status != 304;
    call_.observation->OnEnd(sends_body && !encoded.content_length ? encoded.body.size() : 0);
  }
  call_.observation.reset();
}

void ApiRequest::SendAnswer() {
  if (answer_.style != AnswerStyle::kAdmin) answer_.style = is_s3() ? AnswerStyle::kS3 : AnswerStyle::kAws;
  input_.reset();  // here and not on the reactor: an upload that nobody kept is deleted from the disk
  if (call_.observation) TellObservation();
  net::Reactor& reactor = exchange_->reactor();
  if (reactor.OnThisThread()) return Send(*exchange_, std::move(answer_));
  AddCrossOriginHeaders();
  reactor.Post([self = shared_from_this()] { Send(*self->exchange_, std::move(self->answer_)); });
}

}  // namespace meetinity::wire
