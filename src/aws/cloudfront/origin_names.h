#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

namespace meetinity::cloudfront {

// The IPv4 addresses of a name, in the resolver's order, at least one; kInvalid when it has none. May take seconds.
using NameResolver = std::function<Result<std::vector<std::string>>(const std::string& name)>;

// Asks the system's resolver. Origins are reached over IPv4 unless they ask for more (CloudFront API Reference,
// CustomOriginConfig, IpAddressType).
Result<std::vector<std::string>> ResolveBySystem(const std::string& name);

// Where custom origins answer, by name. What asks the resolver runs on workers and never within a transaction; reading
// costs a lookup. Holds no more names than distributions have, and had a moment ago. Thread-safe.
class OriginNames {
 public:
  explicit OriginNames(NameResolver resolve) : resolve_(std::move(resolve)) {}

  // Asks for `name` anew; an error if it does not resolve.
  Status Resolve(const std::string& name);
  // "" while it is not known.
  std::string AddressOf(std::string_view name) const;
  // Asks for all of `names` anew, until `stop` is requested. A name that does not resolve for the moment keeps its
  // address: an origin that was there is better than none. True when an address changed. Any other name is forgotten
  // the second time in a row; at first it may be that of a distribution which is being made.
  bool Refresh(const std::set<std::string>& names, const std::stop_token& stop = {});

 private:
  // True when the address is another now.
  Result<bool> Learn(const std::string& name);

  struct Known {
    std::string address;
    bool is_lost = false;    // the last attempt failed, and that was said
    bool is_unused = false;  // the last refresh did not ask for it
  };
  const NameResolver resolve_;
  Guarded<std::map<std::string, Known, std::less<>>> names_;
};

}  // namespace meetinity::cloudfront
