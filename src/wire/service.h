#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "wire/call.h"
#include "wire/permission.h"
#include "wire/shape.h"

// How a service offers its operations.
//
// The generator makes, for each operation that models/served lists, the structs of its shapes and a tag:
//
//   namespace meetinity::sts {
//   struct GetCallerIdentityInput {};                          // always <Operation>Input and <Operation>Output
//   struct GetCallerIdentityOutput { std::optional<std::string> user_id; … };
//   struct GetCallerIdentity { using Input = …; using Output = …; static const wire::OperationShape& Shape(); };
//   }
//
// and a service says which method serves it:
//
//   host.Serve<GetCallerIdentity>([&sts](const Call& call, const GetCallerIdentityInput& in) { return sts.…; });
//
// Everything else (parsing, validation by the model's constraints, errors, serialisation) is wire's.
namespace meetinity::wire {

// Which checks the dispatcher makes before the handler. kByService is for S3, whose bucket policies take part.
enum class Authorization { kByDispatcher, kByService };

// A request that a page of another site makes from a browser (Fetch standard, "CORS protocol").
struct CrossOriginRequest {
  std::string_view bucket;
  std::string_view origin;
  std::string_view method;   // of the request, or the one that a preflight asks for
  std::string_view headers;  // Access-Control-Request-Headers; empty outside preflights
};
struct CrossOriginHeader {
  std::string_view name;
  std::string value;
};

class ServiceHost {
 public:
  // `model` is the generated description, such as sts::Model(). `authorization` as above.
  explicit ServiceHost(const ServiceShape& model, Authorization authorization = Authorization::kByDispatcher);

  template <class Operation, class Handler>
  void Serve(Handler handler) {
    using Input = typename Operation::Input;
    using Output = typename Operation::Output;
    Add(Operation::Shape(),
        [handler = std::move(handler)](const Call& call, const void* input, const Answerer& answer) -> Status {
          Result<Output> output = handler(call, *static_cast<const Input*>(input));
          if (!output.ok()) return std::move(output).error();
          answer(&*output);
          return {};
        });
  }

  // What a caller must be allowed before the handler runs; `permissions` makes it from the call and the typed input,
  // as Result<Permissions>, never an empty list. With kByDispatcher every operation has this, or none is served.
  template <class Operation, class Rule>
  void Require(Rule permissions) {
    using Input = typename Operation::Input;
    AddRequirement(Operation::Shape(),
                   [permissions = std::move(permissions)](const Call& call, const void* input) -> Result<Permissions> {
                     return permissions(call, *static_cast<const Input*>(input));
                   });
  }

  // Runs before a streamed body is received (and before "100 Continue"), so that a refused upload costs nothing.
  template <class Operation, class Check>
  void Admit(Check check) {
    using Input = typename Operation::Input;
    AddAdmission(Operation::Shape(), [check = std::move(check)](const Call& call, const void* input) -> Status {
      return check(call, *static_cast<const Input*>(input));
    });
  }

  // Decides what browsers are told; S3 alone has rules for that. An error refuses a preflight; another request is
  // served as if it came from nowhere, and the browser withholds the answer.
  using CrossOrigin = std::function<Result<std::vector<CrossOriginHeader>>(const CrossOriginRequest&)>;
  void DecideCrossOrigin(CrossOrigin decide) { cross_origin_ = std::move(decide); }
  const CrossOrigin& cross_origin() const { return cross_origin_; }

  // Begins to watch a request, or answers null. Asked for every request as soon as its head is here, on the reactor's
  // thread: must be quick. `virtual_bucket` is the one that Host named.
  using Observe =
      std::function<std::shared_ptr<RequestObservation>(const net::RequestHead& head, std::string_view virtual_bucket)>;
  void ObserveRequests(Observe observe) { observe_ = std::move(observe); }
  const Observe& observe() const { return observe_; }

  // Takes an <Operation>Output, which it may move from and which lives until it returns.
  using Answerer = std::function<void(void* output)>;
  // With the types of the operation forgotten: `input` is an <Operation>Input.
  using Handle = std::function<Status(const Call&, const void* input, const Answerer& answer)>;
  using Admission = std::function<Status(const Call&, const void* input)>;
  using Requirement = std::function<Result<Permissions>(const Call&, const void* input)>;
  struct ErasedHandler {
    Handle handle;
    Admission admit;
    Requirement permissions;
  };
  const ServiceShape& model() const { return model_; }
  Authorization authorization() const { return authorization_; }
  const ErasedHandler* Find(std::string_view operation) const;
  // An operation that the dispatcher must authorise and that says not on what; empty when there is none.
  std::string_view FindUnprotected() const;

 private:
  void Add(const OperationShape& operation, Handle handle);
  void AddAdmission(const OperationShape& operation, Admission admit);
  void AddRequirement(const OperationShape& operation, Requirement permissions);

  const ServiceShape& model_;
  Authorization authorization_;
  std::map<std::string, ErasedHandler, std::less<>> handlers_;
  CrossOrigin cross_origin_;
  Observe observe_;
};

}  // namespace meetinity::wire
