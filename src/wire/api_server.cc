#include "wire/api_server.h"

#include "base/check.h"
#include "wire/api_request.h"

namespace meetinity::wire {

// Shared with every request under way, so that one which outlives the server's owner still finds its context.
struct ApiServer::State {
  std::shared_ptr<ApiContext> context;
};

ApiServer::ApiServer(ApiOptions options, const Clock& clock, const CredentialSource& credentials,
                     const Authorizer& authorizer, store::BlobStore& blobs, net::WorkerPool& workers)
    // make_shared takes no braces, and parts of the context do not move. NOLINTNEXTLINE(modernize-make-shared)
    : state_(
          new State{std::shared_ptr<ApiContext>(new ApiContext{options,
                                                               clock,
                                                               authorizer,
                                                               blobs,
                                                               workers,
                                                               SigV4Verifier(credentials, clock, options.clients_clock),
                                                               ServiceTable(options.s3_host_suffixes),
                                                               {}})}) {}

ApiServer::~ApiServer() = default;

void ApiServer::Add(const ServiceHost& host) {
  CHECK(host.FindUnprotected().empty());  // an operation that nobody guards would be open to the whole account
  state_->context->services.Add(host);
}

void ApiServer::AddAdmin(std::string method, std::string path, AdminHandler handle) {
  state_->context->admin.Add(std::move(method), std::move(path), std::move(handle));
}

void ApiServer::OnRequest(const net::ExchangePtr& exchange) {
  const net::RequestHead& head = exchange->request();
  // What supervisors ask every few seconds: no credentials, no worker, no state.
  if (head.path == kHealthPath && (head.method == "GET" || head.method == "HEAD")) {
    net::HeaderBlock headers;
    headers.Add("Content-Type", "application/json");
    headers.Add("Cache-Control", "no-store");
    return exchange->Respond(200, headers, net::Slice::Static("{\"status\":\"running\"}\n"));
  }
  ApiRequest::Start(state_->context, exchange);
}

}  // namespace meetinity::wire
