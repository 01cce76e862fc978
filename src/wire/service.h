#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "wire/call.h"
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

class ServiceHost {
 public:
  // `model` is the generated description, such as sts::Model(). `authorization` as above.
  explicit ServiceHost(const ServiceShape& model, Authorization authorization = Authorization::kByDispatcher);

  template <class Operation, class Handler>
  void Serve(Handler handler) {
    using Input = typename Operation::Input;
    using Output = typename Operation::Output;
    Add(Operation::Shape(),
        ErasedHandler{
            [] { return std::static_pointer_cast<void>(std::make_shared<Input>()); },
            [handler = std::move(handler)](const Call& call, const void* input) -> Result<std::shared_ptr<void>> {
              Result<Output> output = handler(call, *static_cast<const Input*>(input));
              if (!output.ok()) return std::move(output).error();
              return std::static_pointer_cast<void>(std::make_shared<Output>(std::move(output).value()));
            },
            nullptr});
  }

  // Runs before a streamed body is received (and before "100 Continue"), so that a refused upload costs nothing.
  template <class Operation, class Check>
  void Admit(Check check) {
    using Input = typename Operation::Input;
    AddAdmission(Operation::Shape(), [check = std::move(check)](const Call& call, const void* input) -> Status {
      return check(call, *static_cast<const Input*>(input));
    });
  }

  struct ErasedHandler {
    std::function<std::shared_ptr<void>()> make_input;
    std::function<Result<std::shared_ptr<void>>(const Call&, const void* input)> handle;
    std::function<Status(const Call&, const void* input)> admit;
  };
  const ServiceShape& model() const { return model_; }
  Authorization authorization() const { return authorization_; }
  const ErasedHandler* Find(std::string_view operation) const;

 private:
  void Add(const OperationShape& operation, ErasedHandler handler);
  void AddAdmission(const OperationShape& operation, std::function<Status(const Call&, const void*)> admit);

  const ServiceShape& model_;
  Authorization authorization_;
  std::map<std::string, ErasedHandler, std::less<>> handlers_;
};

}  // namespace meetinity::wire
