#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/reactor.h"
#include "wire/admin_routes.h"
#include "wire/answer.h"
#include "wire/api_server.h"
#include "wire/body_plan.h"
#include "wire/call.h"
#include "wire/codec.h"
#include "wire/observer.h"
#include "wire/post_upload.h"
#include "wire/service_table.h"
#include "wire/sigv4.h"
#include "wire/staging.h"

namespace meetinity::wire {

// A body up to here is gathered on the reactor and served in one turn of a worker; a larger one, or one whose length is
// not known, is looked at by its head first.
inline constexpr uint64_t kInlineBodyMax = 64 * 1024;

// What all requests share; owned by ApiServer.
struct ApiContext {
  ApiOptions options;
  const Clock& clock;
  const Authorizer& authorizer;
  store::BlobStore& blobs;
  net::WorkerPool& workers;
  SigV4Verifier verifier;
  ServiceTable services;
  AdminRoutes admin;
};

// One request on its way through the house: found, authenticated, routed, received, decoded, authorised, handled,
// answered. Made on the exchange's reactor; the steps between receiving and sending run on workers, one at a time, and
// any of them may end it with a refusal in the protocol's own shape.
class ApiRequest : public std::enable_shared_from_this<ApiRequest> {
 public:
  static void Start(const std::shared_ptr<ApiContext>& context, const net::ExchangePtr& exchange);

 private:
  ApiRequest(std::shared_ptr<ApiContext> context, const net::ExchangePtr& exchange);

  // --- api_request.cc: the ways through, and back to the reactor
  void Receive();
  Status RefuseByHead() const;
  void Collect(uint64_t max, void (ApiRequest::*then)());  // reactor: gathers body_, then runs `then` on a worker
  void RunOnWorker(void (ApiRequest::*step)());
  void Guard(const std::function<Status()>& step);  // worker: a refusal, or an exception, becomes the answer
  void ServeWhole();                                // worker: the body is here
  void ServeHead();                                 // worker: S3, the body is still to come
  void ServeBody();                                 // worker: S3, after ServeHead found a document
  void ServeAdmin();                                // worker
  void ServePreflight();                            // worker: S3, a browser asks before it asks
  void ServePostForm();                             // worker: S3, a browser's upload form
  void ReceiveUpload(std::unique_ptr<Staging> staging);
  void Refuse(Error error);
  void TellObservation();  // what is about to be answered
  Error OutOfOrder(Error error) const;
  void SendAnswer();

  // --- api_steps.cc: one step each, on workers
  Status Authenticate(bool body_is_here);
  Status AuthenticateV2();
  Status FindOperation();
  Status Decode();
  Status CheckDocument();
  Result<std::unique_ptr<Staging>> AdmitUpload();
  Status StageWholeBody();
  Status Authorize() const;  // before Handle does anything
  Status Handle();
  Result<std::string> HandleAdmin();
  ProtocolRequest ToProtocolRequest() const;
  Status AnswerPreflight();
  std::string BucketAskedFor() const;
  void AddCrossOriginHeaders();  // worker
  void StripAwsChunked();

  // --- api_post_form.cc: an upload form becomes a PutObject, on workers
  bool IsPostForm() const;
  Status AdmitPost();                            // the fields are here, and the file begins
  Status TakePostBytes(std::string_view bytes);  // of the file
  Status FinishPost();
  Status AuthenticatePost();
  Status VerifyPostV4(const std::string& policy);
  Status VerifyPostV2(const std::string& policy);
  Status ShapePutOfPost();
  void ShapePostAnswer();
  ResponseIds Ids() const;
  void FillCall();

  bool is_s3() const { return addressee_.is_s3(); }
  const ServiceShape& service() const { return addressee_.host->model(); }

  const std::shared_ptr<ApiContext> context_;
  net::ExchangePtr exchange_;     // held elsewhere
  const net::RequestHead& head_;  // lives as long as the exchange
  const bool is_admin_;
  Addressee addressee_;
  Call call_;
  std::string host_id_;
  std::string body_;
  std::string content_encoding_;              // without aws-chunked
  std::vector<net::HeaderView> own_headers_;  // in place of the head's, where one had to change
  std::optional<SignedClaim> claim_;
  std::optional<Verified> verified_;
  Protocol protocol_ = Protocol::kQuery;
  std::optional<Route> route_;
  const ServiceHost::ErasedHandler* handler_ = nullptr;
  std::unique_ptr<void, void (*)(void*)> input_{nullptr, nullptr};  // of route_->operation
  std::unique_ptr<PostUpload> post_;  // of an upload form; once it has a path, that of the PutObject it stands for
  Answer answer_;
};

}  // namespace meetinity::wire
