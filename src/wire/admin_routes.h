#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "wire/call.h"

namespace meetinity::wire {

inline constexpr std::string_view kAdminPrefix = "/_meetinity/";
inline constexpr std::string_view kHealthPath = "/_meetinity/health";
// What signs for the admin routes: "aws:amz:<region>:meetinity".
inline constexpr std::string_view kAdminService = "meetinity";

// The house's own paths beside AWS's. Filled before the first request, read-only after.
class AdminRoutes {
 public:
  using Handler = std::function<Result<std::string>(const Call& call, std::string_view body)>;

  void Add(std::string method, std::string path, Handler handle);
  // Refuses with NoSuchPath, or MethodNotAllowed where the path has another method.
  Result<const Handler*> Find(std::string_view method, std::string_view path) const;

 private:
  std::map<std::pair<std::string, std::string>, Handler> handlers_;  // by path, then method
};

struct AdminAnswer {
  int status = 200;
  std::string body;
};
// {"error":{"code":…,"message":…}} with the Kind's status.
AdminAnswer ToAdminAnswer(const Error& error);

}  // namespace meetinity::wire
