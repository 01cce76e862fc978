#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <thread>

#include "aws/acm_model.h"
#include "aws/s3_model.h"
#include "aws/sts_model.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "net/http_server.h"
#include "store/blob_store.h"
#include "store/temporary_directory.h"
#include "wire/api_server.h"
#include "wire/errors.h"
#include "wire/observer.h"
#include "wire/sigv4.h"

// For tests: an API endpoint on a real port with three small services behind it, and a client that speaks bytes.
namespace meetinity::wire {

// When the recorded requests were signed, give or take the seconds that a clock may be off.
inline const Instant kNow = Instant::Utc("2024-01-01T03:00:05Z");

inline constexpr std::string_view kRootKey = "AKIAIOSFODNN7EXAMPLE";
inline constexpr std::string_view kRootSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
inline constexpr std::string_view kUserKey = "AKIAI44QH8DHBEXAMPLE";

class HouseCredentials : public CredentialSource {
 public:
  std::shared_ptr<const Credential> Find(std::string_view access_key_id) const override {
    if (access_key_id != kRootKey && access_key_id != kUserKey) return nullptr;
    auto credential = std::make_shared<Credential>();
    credential->access_key_id = access_key_id;
    credential->secret_access_key = kRootSecret;
    credential->principal.kind = access_key_id == kRootKey ? PrincipalKind::kRoot : PrincipalKind::kUser;
    credential->principal.account = "123456789012";
    credential->principal.arn =
        access_key_id == kRootKey ? "arn:aws:iam::123456789012:root" : "arn:aws:iam::123456789012:user/alice";
    return credential;
  }
};

// Root may do everything, others nothing.
class HouseAuthorizer : public Authorizer {
 public:
  Status Authorize(const Call& call, const Permission& permission) const override {
    if (call.principal.kind == PrincipalKind::kRoot) return {};
    return Error{Kind::kUnauthorized, kAccessDenied,
                 "not authorized to perform: " + permission.action + " on resource: " + permission.resource};
  }
};

struct Reply {
  int status = 0;
  std::string head, body;
  bool Has(std::string_view text) const {
    return head.find(text) != std::string::npos || body.find(text) != std::string::npos;
  }
};

class ApiHouse {
 public:
  explicit ApiHouse(const Clock& clock, size_t queue_max = 64)
      : blobs_(store::BlobStore::Open(directory_ / "blobs").value()),
        reactor_(net::Reactor::Open(system_clock_, 0).value()),
        workers_(2, queue_max),
        api_(ApiOptions{"123456789012", "eu-west-1", {"s3.localhost", "localhost"}, 1 << 20}, clock, credentials_,
             authorizer_, *blobs_, workers_) {
    ServeOperations();
    api_.Add(s3_);
    api_.Add(sts_);
    api_.Add(acm_);
    api_.AddAdmin("POST", "/_meetinity/echo", [](const Call& call, std::string_view body) -> Result<std::string> {
      if (body == "refuse") return Error{Kind::kConflict, "Busy", "it is busy"};
      if (body == "throw") throw std::runtime_error("a library's");
      return "{\"caller\":\"" + call.principal.arn + "\",\"bytes\":" + std::to_string(body.size()) + "}";
    });
    net::ListenerOptions options;
    options.handler = &api_;
    options.limits.body_timeout = std::chrono::seconds(1);
    server_ = net::HttpServer::Listen({reactor_.get()}, workers_, options).value();
    thread_ = std::thread([this] { reactor_->Run(); });
  }

  ~ApiHouse() {
    std::latch drained(1);
    server_->Drain(std::chrono::seconds(0), [&] { drained.count_down(); });
    drained.wait();
    reactor_->Stop();
    thread_.join();
    server_.reset();
  }

  uint16_t port() const { return server_->port(); }
  net::WorkerPool& workers() { return workers_; }

  // Sends `bytes`, then what `more` makes of it, and reads until the server closes; `finish` says whether our side
  // closes first.
  enum class Finish { kStaysOpen, kHalfCloses };
  Reply Exchange(const std::string& bytes, const std::function<std::string()>& more = nullptr,
                 Finish finish = Finish::kStaysOpen) const {
    const int fd = Connect();
    const auto send = [fd](const std::string& piece) {
      for (size_t sent = 0; sent < piece.size();) {
        const ssize_t n = ::send(fd, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) break;
        sent += static_cast<size_t>(n);
      }
    };
    send(bytes);
    if (more) send(more());
    if (finish == Finish::kHalfCloses) ::shutdown(fd, SHUT_WR);
    std::string all;
    char buffer[65536];
    for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) all.append(buffer, static_cast<size_t>(n));
    ::close(fd);
    Reply reply;
    // Past an interim "100 Continue".
    while (all.starts_with("HTTP/1.1 100")) all.erase(0, all.find("\r\n\r\n") + 4);
    const size_t end = all.find("\r\n\r\n");
    if (all.size() > 12) reply.status = std::stoi(all.substr(9, 3));
    reply.head = all.substr(0, end);
    if (end != std::string::npos) reply.body = all.substr(end + 4);
    return reply;
  }

  // A head of one's own, with lines ended by "\n", and a body of the announced length.
  Reply Send(std::string head, std::string_view body = {}, Finish finish = Finish::kStaysOpen) const {
    std::string text;
    for (const char c : head) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    if (!text.ends_with("\r\n")) text += "\r\n";
    return Exchange(text + "Connection: close\r\n\r\n" + std::string(body), nullptr, finish);
  }

  // Signed by `key` for `service`; `headers` are signed too.
  Reply SendSigned(std::string_view method, std::string_view target, std::string_view service, std::string_view body,
                   Instant now, std::vector<std::pair<std::string, std::string>> headers = {},
                   std::string_view key = kRootKey, std::string payload_hash = {}) const {
    const Credential credential = *credentials_.Find(key);
    SigningInput input;
    input.method = method;
    input.host = "localhost:4566";
    const size_t question = std::min(target.find('?'), target.size());
    input.path = target.substr(0, question);
    input.query = target.substr(std::min(question + 1, target.size()));
    input.headers = std::move(headers);
    input.payload_hash = payload_hash.empty() ? HexEncode(Sha256(body)) : std::move(payload_hash);
    const CredentialScope scope{now.ToBasicIso8601().substr(0, 8), "eu-west-1", std::string(service)};
    std::string head = std::string(method) + " " + std::string(target) + " HTTP/1.1\nHost: localhost:4566\n";
    for (const auto& [name, value] : SignRequest(input, credential, scope, now)) head += name + ": " + value + "\n";
    for (const auto& [name, value] : input.headers) head += name + ": " + value + "\n";
    if (!body.empty()) head += "content-length: " + std::to_string(body.size()) + "\n";
    return Send(std::move(head), body);
  }

  // The last object that PutObject kept.
  struct Kept {
    store::BlobId blob;
    uint64_t size = 0;
    std::string md5, key;
    std::map<std::string, std::string> checksums;
    std::optional<std::string> content_encoding;
  };
  Kept kept() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  std::string ReadKept() const {
    const Kept object = kept();
    return blobs_->OpenBlob(object.blob).value()->Read(0, static_cast<size_t>(object.size)).value();
  }
  // How S3's next request is answered: begins to watch, and tells what was seen once its answer has ended.
  struct Observed {
    std::string operation, key, error;
    int status = 0;
    SignedIn signed_in = SignedIn::kNothing;
    bool received = false;
    uint64_t body_bytes_sent = 0;
  };
  std::future<Observed> ObserveNext() {
    const std::lock_guard lock(mutex_);
    return next_observed_.emplace().get_future();
  }

  // Every file that the blob store holds, temporary or sealed.
  size_t FilesOnDisk() const {
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ / "blobs")) {
      std::error_code gone;  // between the look at its folder and this one
      if (entry.is_regular_file(gone)) ++files;
    }
    return files;
  }
  // The same once nothing changes it any more: what a request leaves behind may go after its answer. The last count
  // when it never was `expected`.
  size_t FilesInTheEnd(size_t expected) const {
    size_t files = FilesOnDisk();
    for (int looks = 0; files != expected && looks < 10'000; ++looks, files = FilesOnDisk()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return files;
  }

 private:
  class Observation : public RequestObservation {
   public:
    explicit Observation(std::promise<Observed> done) : done_(std::move(done)) {}
    void OnReceived() override { seen_.received = true; }
    void OnAnswer(const AnsweredRequest& request) override {
      if (request.operation != nullptr) seen_.operation = request.operation->name;
      for (const auto& [label, value] : request.labels) {
        if (label == "Key") seen_.key = value;
      }
      seen_.error = request.error;
      seen_.status = request.status;
      seen_.signed_in = request.signed_in;
    }
    void OnEnd(uint64_t body_bytes_sent) override {
      seen_.body_bytes_sent = body_bytes_sent;
      done_.set_value(seen_);
    }

   private:
    std::promise<Observed> done_;
    Observed seen_;
  };

  void ServeOperations() {
    s3_.ObserveRequests([this](const net::RequestHead&, std::string_view) -> std::shared_ptr<RequestObservation> {
      const std::lock_guard lock(mutex_);
      if (!next_observed_) return nullptr;
      return std::make_shared<Observation>(*std::exchange(next_observed_, std::nullopt));
    });
    sts_.Serve<sts::GetCallerIdentity>(
        [](const Call& call, const sts::GetCallerIdentityInput&) -> Result<sts::GetCallerIdentityOutput> {
          return sts::GetCallerIdentityOutput{call.principal.account, call.principal.arn, call.principal.unique_id};
        });
    acm_.Serve<acm::ListCertificates>(
        [](const Call&, const acm::ListCertificatesInput&) -> Result<acm::ListCertificatesOutput> {
          return acm::ListCertificatesOutput{};
        });
    acm_.Require<acm::ListCertificates>(
        [](const Call& call, const acm::ListCertificatesInput& in) -> Result<Permissions> {
          return Permissions{{"", "arn:aws:acm:" + call.scope_region + "::" + in.next_token.value_or("first"), {}}};
        });
    s3_.Admit<s3::PutObject>([](const Call& call, const s3::PutObjectInput&) -> Status {
      if (call.principal.kind == PrincipalKind::kRoot) return {};
      return Error{Kind::kUnauthorized, kAccessDenied, "Access Denied"};
    });
    s3_.Serve<s3::PutObject>([this](const Call&, const s3::PutObjectInput& in) -> Result<s3::PutObjectOutput> {
      if (in.key == "refused") return Error{Kind::kPrecondition, "PreconditionFailed", "refused by its handler"};
      in.body->Keep();
      const std::lock_guard lock(mutex_);
      kept_ = {in.body->blob, in.body->size, in.body->md5, in.key, in.body->checksums, in.content_encoding};
      s3::PutObjectOutput out;
      out.e_tag = "\"" + HexEncode(in.body->md5) + "\"";
      return out;
    });
    s3_.Serve<s3::GetObject>([this](const Call&, const s3::GetObjectInput&) -> Result<s3::GetObjectOutput> {
      const Kept object = kept();
      const auto reader = TRY(blobs_->OpenBlob(object.blob));
      // Two ranges, as a multipart object has them.
      const uint64_t half = object.size / 2;
      s3::GetObjectOutput out;
      out.body = std::vector<BlobRange>{{reader, 0, half}, {reader, half, object.size - half}};
      return out;
    });
    s3_.Serve<s3::ListBuckets>([](const Call&, const s3::ListBucketsInput&) -> Result<s3::ListBucketsOutput> {
      return s3::ListBucketsOutput{};
    });
    s3_.Serve<s3::DeleteObjects>([](const Call&, const s3::DeleteObjectsInput& in) -> Result<s3::DeleteObjectsOutput> {
      s3::DeleteObjectsOutput out;
      out.deleted.emplace();
      for (const auto& object : in.delete_.objects) {
        s3::DeletedObject deleted;
        deleted.key = object.key;
        out.deleted->push_back(std::move(deleted));
      }
      return out;
    });
  }

  int Connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }

  const SystemClock system_clock_;
  const HouseCredentials credentials_;
  const HouseAuthorizer authorizer_;
  store::TemporaryDirectory directory_;
  std::unique_ptr<store::BlobStore> blobs_;
  std::unique_ptr<net::Reactor> reactor_;
  net::WorkerPool workers_;  // goes first: what it holds posts to the reactor
  ServiceHost s3_{s3::Model(), Authorization::kByService}, sts_{sts::Model()}, acm_{acm::Model()};
  ApiServer api_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
  mutable std::mutex mutex_;
  Kept kept_;
  std::optional<std::promise<Observed>> next_observed_;
};

}  // namespace meetinity::wire
