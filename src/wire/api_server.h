#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "net/reactor.h"
#include "store/blob_store.h"
#include "wire/auth.h"
#include "wire/service.h"

namespace meetinity::wire {

struct ApiOptions {
  std::string account = "123456789012";
  std::string region = "eu-west-1";
  // Suffixes under which "<bucket>.<suffix>" is a virtual-hosted S3 request: "s3.localhost", "s3.eu-west-1.localhost",
  // "s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", "localhost" …
  std::vector<std::string> s3_host_suffixes;
  uint64_t buffered_body_max = 1 << 20;  // control-plane requests; larger ones are refused with 413
  // What clients go by, where the cloud's clock was moved ahead of the machine's; null: the cloud's.
  const Clock* clients_clock = nullptr;
};

// The AWS API endpoint: every service of the house behind one HttpHandler.
//
// For each request: find the service (credential scope, else X-Amz-Target, else host, else S3), verify the signature,
// find the operation by that protocol's rules, parse and validate, receive a streamed body into the blob store,
// authorize, run the handler on a worker, serialise, answer. Each refusal takes that protocol's own shape.
class ApiServer : public net::HttpHandler {
 public:
  ApiServer(ApiOptions options, const Clock& clock, const CredentialSource& credentials, const Authorizer& authorizer,
            store::BlobStore& blobs, net::WorkerPool& workers);
  ~ApiServer() override;

  // Before the first request; `host` outlives the server.
  void Add(const ServiceHost& host);
  // Paths that are the house's own ("/_meetinity/…"): `handle` gets the verified caller (root or 403 before) and the
  // body, on a worker, and returns a JSON text or an error.
  using AdminHandler = std::function<Result<std::string>(const Call& call, std::string_view body)>;
  void AddAdmin(std::string method, std::string path, AdminHandler handle);

  void OnRequest(const net::ExchangePtr& exchange) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meetinity::wire
