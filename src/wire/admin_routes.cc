#include "wire/admin_routes.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kNoSuchPath = "NoSuchPath";

int StatusOf(const Error& error) {
  if (error.name == kMethodNotAllowed) return 405;
  if (error.name == kRequestEntityTooLarge) return 413;
  switch (error.kind) {
    case Kind::kInvalid:
    case Kind::kLimit:
      return 400;
    case Kind::kUnauthorized:
      return 403;
    case Kind::kNotFound:
      return 404;
    case Kind::kConflict:
      return 409;
    case Kind::kPrecondition:
      return 412;
    case Kind::kUnsupported:
      return 501;
    case Kind::kUnavailable:
      return 503;
    case Kind::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace

void AdminRoutes::Add(std::string method, std::string path, Handler handle) {
  CHECK(path.starts_with(kAdminPrefix) && path != kHealthPath);
  const bool fresh = handlers_.try_emplace({std::move(path), std::move(method)}, std::move(handle)).second;
  CHECK(fresh);
}

Result<const AdminRoutes::Handler*> AdminRoutes::Find(std::string_view method, std::string_view path) const {
  const auto first = handlers_.lower_bound({std::string(path), std::string()});
  if (first == handlers_.end() || first->first.first != path) {
    return Error{Kind::kNotFound, kNoSuchPath, "There is no " + std::string(path)};
  }
  const auto found = handlers_.find({std::string(path), std::string(method)});
  if (found != handlers_.end()) return &found->second;
  return Error{Kind::kInvalid, kMethodNotAllowed, std::string(path) + " takes " + first->first.second};
}

AdminAnswer ToAdminAnswer(const Error& error) {
  // An internal error's detail is for the log: it may name paths and statements.
  const std::string message = error.kind == Kind::kInternal ? "We encountered an internal error." : error.detail;
  const nlohmann::json body = {{"error", {{"code", error.name}, {"message", message}}}};
  return {StatusOf(error), body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace meetinity::wire
