#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/uri.h"
#include "wire/api_request.h"
#include "wire/auth_errors.h"
#include "wire/body_verifier.h"
#include "wire/canonical_request.h"
#include "wire/error_codec.h"
#include "wire/errors.h"
#include "wire/request_ids.h"
#include "wire/s3_quirks.h"
#include "wire/sigv2.h"

// The steps of a request, each on a worker, in the order in which ApiRequest takes them.
namespace meetinity::wire {

void ApiRequest::FillCall() {
  call_.request_id = is_s3() ? NewS3RequestId() : NewRequestId();
  if (is_s3()) host_id_ = NewS3HostId();
  call_.now = context_->clock.Now();
  call_.account = context_->options.account;
  call_.region = context_->options.region;
  call_.host = HostWithoutPort(head_.authority);
  const net::PeerInfo& peer = exchange_->peer();
  call_.source_ip = peer.address;
  call_.secure_transport = peer.tls;
  call_.endpoint = (peer.tls ? "https://" : "http://") + std::string(head_.authority);
  if (const auto agent = head_.Find("user-agent")) call_.user_agent = *agent;
}

ProtocolRequest ApiRequest::ToProtocolRequest() const {
  if (post_ && !post_->path.empty()) return {"PUT", post_->path, {}, own_headers_, {}, addressee_.bucket};
  ProtocolRequest request{head_.method, head_.path, head_.query, head_.headers, body_, addressee_.bucket};
  if (route_ && route_->operation->streams_input) request.body = {};
  if (!own_headers_.empty()) request.headers = own_headers_;
  return request;
}

// The wire's framing is not the object's encoding: what is stored is the rest of the list, "gzip" say.
void ApiRequest::StripAwsChunked() {
  const auto encoding = head_.Find("content-encoding");
  if (!encoding || encoding->find("aws-chunked") == std::string_view::npos) return;
  for (const std::string_view piece : Split(*encoding, ',')) {
    const std::string_view coding = Trim(piece);
    if (coding.empty() || EqualsIgnoreCase(coding, "aws-chunked")) continue;
    if (!content_encoding_.empty()) content_encoding_ += ',';
    content_encoding_ += coding;
  }
  for (const net::HeaderView& header : head_.headers) {
    if (header.name != "content-encoding") {
      own_headers_.push_back(header);
    } else if (!content_encoding_.empty()) {
      own_headers_.push_back({header.name, content_encoding_});
    }
  }
}

ResponseIds ApiRequest::Ids() const { return {call_.request_id, host_id_, head_.path, head_.method == "HEAD"}; }

// Leaves claim_ and verified_ empty for an anonymous S3 request, which S3's own policies decide about.
Status ApiRequest::Authenticate(bool body_is_here) {
  claim_ = TRY(ParseClaim(head_, is_s3()));
  if (!claim_) {
    if (is_s3()) return AuthenticateV2();
    return Error{Kind::kUnauthorized, kMissingAuthenticationToken, "Request is missing Authentication Token"};
  }
  std::string payload_hash = TRY(DeclaredPayloadHash(head_, *claim_, is_s3()));
  if (body_is_here && !is_s3()) {
    // Nobody checks the body after this, so a hash that the client declared must be the body's.
    std::string computed = HexEncode(Sha256(body_));
    if (payload_hash != kUnsignedPayload) payload_hash = std::move(computed);
  }
  const std::string_view region = ExpectedRegion(claim_->scope.service, claim_->scope.region, context_->options.region);
  verified_ = TRY(context_->verifier.Verify(head_, *claim_, is_s3(), payload_hash, region));
  call_.principal = verified_->credential->principal;
  call_.scope_region = claim_->scope.region;
  call_.presigned = claim_->presigned;
  return {};
}

// Covers the head alone; a body comes as it comes.
Status ApiRequest::AuthenticateV2() {
  const std::optional<QueryClaimV2> claim = TRY(ParseQueryClaimV2(head_));
  if (!claim) return {};
  verified_.emplace();
  verified_->payload = PayloadKind::kUnsigned;
  verified_->credential =
      TRY(VerifyQueryV2(head_, *claim, addressee_.bucket, context_->verifier.credentials(), call_.now));
  call_.principal = verified_->credential->principal;
  call_.scope_region = context_->options.region;
  call_.presigned = true;
  call_.signature_version = "AWS";
  return {};
}

Status ApiRequest::FindOperation() {
  const ProtocolRequest request = ToProtocolRequest();
  protocol_ = DetectProtocol(service(), request);
  Route route = TRY(FindRoute(service(), protocol_, request));
  handler_ = addressee_.host->Find(route.operation->name);
  if (handler_ == nullptr) {
    return Error{Kind::kUnsupported, kNotImplemented, std::string(route.operation->name) + " is not served"};
  }
  route_ = std::move(route);
  return {};
}

Status ApiRequest::Decode() {
  const ValueOps& input = *route_->operation->input_ops;
  input_ = {input.make(), input.destroy};
  return DecodeInput(service(), *route_, ToProtocolRequest(), input_.get());
}

// S3 hashes and checksums documents as it does objects; for the others the signature has covered the body.
Status ApiRequest::CheckDocument() {
  if (!is_s3()) return {};
  const bool promises =
      verified_ && verified_->payload != PayloadKind::kUnsigned && verified_->payload_hash != kEmptySha256;
  const bool demands = S3DemandsChecksum(*route_->operation);
  if (!head_.has_body && !promises && !demands) return {};
  BodyPlan plan = TRY(PlanBody(head_, claim_ ? &*claim_ : nullptr, verified_ ? &*verified_ : nullptr));
  if (demands && plan.content_md5.empty() && !plan.checksum) {
    return Error{Kind::kInvalid, kInvalidRequest,
                 "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"};
  }
  const bool chunked = plan.is_chunked();
  std::string content;
  BodyVerifier verifier(std::move(plan), BodyUse::kParsed, [&](std::string_view bytes) -> Status {
    if (chunked) content += bytes;
    return {};
  });
  TRY(verifier.Push(body_));
  TRY(verifier.Finish());
  if (chunked) body_ = std::move(content);
  return {};
}

Result<std::unique_ptr<Staging>> ApiRequest::AdmitUpload() {
  TRY(RequireLength(head_));
  BodyPlan plan = TRY(PlanBody(head_, claim_ ? &*claim_ : nullptr, verified_ ? &*verified_ : nullptr));
  StripAwsChunked();
  TRY(Decode());
  if (handler_->admit) TRY(handler_->admit(call_, input_.get()));
  return Staging::Open(context_->blobs, std::move(plan));
}

Status ApiRequest::StageWholeBody() {
  const std::unique_ptr<Staging> staging = TRY(AdmitUpload());
  TRY(staging->Push(body_));
  *StreamedInput(*route_->operation, input_.get()) = TRY(staging->Finish());
  return {};
}

Status ApiRequest::Authorize() const {
  if (addressee_.host->authorization() != Authorization::kByDispatcher) return {};
  const std::string action = ActionOf(service(), route_->operation->name);
  if (NeedsNoPermission(action)) return {};
  Permissions permissions = TRY(handler_->permissions(call_, input_.get()));
  CHECK(!permissions.empty());
  for (Permission& permission : permissions) {
    if (permission.action.empty()) permission.action = action;
    TRY(context_->authorizer.Authorize(call_, permission));
  }
  return {};
}

Status ApiRequest::Handle() {
  if (call_.observation) call_.observation->OnReceived();
  TRY(Authorize());
  TRY(handler_->handle(call_, input_.get(), [this](void* output) {
    answer_.encoded = EncodeOutput(service(), protocol_, *route_->operation, output, Ids());
  }));
  return InlineShortStream(answer_.encoded);
}

// The rules of the bucket decide; nobody is asked who they are, since browsers send no credentials here.
Status ApiRequest::AnswerPreflight() {
  const std::string_view origin = head_.Find("origin").value_or("");
  const std::string_view method = head_.Find("access-control-request-method").value_or("");
  if (origin.empty()) {
    return Error{Kind::kInvalid, kBadRequest, "Insufficient information. Origin request header needed."};
  }
  if (method.empty()) {
    return Error{Kind::kInvalid, kBadRequest, "Invalid Access-Control-Request-Method: null"};
  }
  const std::string bucket = BucketAskedFor();
  const std::string_view headers = head_.Find("access-control-request-headers").value_or("");
  if (!addressee_.host->cross_origin()) {
    return Error{Kind::kUnauthorized, kAccessForbidden, "CORSResponse: CORS is not enabled for this bucket."};
  }
  const auto allowed = TRY(addressee_.host->cross_origin()(CrossOriginRequest{bucket, origin, method, headers}));
  for (const CrossOriginHeader& header : allowed) answer_.encoded.headers.Add(header.name, header.value);
  AddRequestIds(service(), protocol_, Ids(), answer_.encoded);
  return {};
}

void ApiRequest::AddCrossOriginHeaders() {
  const auto origin = head_.Find("origin");
  if (!origin || !is_s3() || head_.method == "OPTIONS" || !addressee_.host->cross_origin()) return;
  const std::string bucket = BucketAskedFor();
  const auto headers = addressee_.host->cross_origin()(CrossOriginRequest{bucket, *origin, head_.method, ""});
  if (!headers.ok()) return;
  for (const CrossOriginHeader& header : *headers) answer_.encoded.headers.Add(header.name, header.value);
}

// Of a virtual-hosted request, or the path's first segment.
std::string ApiRequest::BucketAskedFor() const {
  if (!addressee_.bucket.empty()) return addressee_.bucket;
  const std::string_view path = head_.path.substr(std::min<size_t>(1, head_.path.size()));
  Result<std::string> bucket = PercentDecode(path.substr(0, path.find('/')));
  return bucket.ok() ? std::move(*bucket) : std::string();
}

Result<std::string> ApiRequest::HandleAdmin() {
  const AdminRoutes::Handler* const handler = TRY(context_->admin.Find(head_.method, head_.path));
  TRY(Authenticate(/*body_is_here=*/true));
  if (claim_->scope.service != kAdminService) {
    return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
                 "Credential should be scoped to correct service: 'meetinity'."};
  }
  if (call_.principal.kind != PrincipalKind::kRoot) {
    return Error{Kind::kUnauthorized, kAccessDenied, "Only the account's root keys may do this."};
  }
  return (*handler)(call_, body_);
}

}  // namespace meetinity::wire
