#include "wire/service.h"

#include "base/check.h"
#include "wire/auth_errors.h"

namespace meetinity::wire {

ServiceHost::ServiceHost(const ServiceShape& model, Authorization authorization)
    : model_(model), authorization_(authorization) {}

const ServiceHost::ErasedHandler* ServiceHost::Find(std::string_view operation) const {
  const auto found = handlers_.find(operation);
  return found != handlers_.end() && found->second.handle ? &found->second : nullptr;
}

void ServiceHost::Add(const OperationShape& operation, Handle handle) {
  CHECK(model_.FindOperation(operation.name) == &operation);
  ErasedHandler& mine = handlers_[std::string(operation.name)];
  CHECK(!mine.handle);  // one handler an operation
  mine.handle = std::move(handle);
}

void ServiceHost::AddAdmission(const OperationShape& operation, Admission admit) {
  CHECK(model_.FindOperation(operation.name) == &operation);
  handlers_[std::string(operation.name)].admit = std::move(admit);
}

void ServiceHost::AddRequirement(const OperationShape& operation, Requirement permissions) {
  CHECK(model_.FindOperation(operation.name) == &operation);
  handlers_[std::string(operation.name)].permissions = std::move(permissions);
}

std::string_view ServiceHost::FindUnprotected() const {
  if (authorization_ != Authorization::kByDispatcher) return {};
  for (const auto& [operation, handler] : handlers_) {
    if (!handler.permissions && !NeedsNoPermission(ActionOf(model_, operation))) return operation;
  }
  return {};
}

}  // namespace meetinity::wire
