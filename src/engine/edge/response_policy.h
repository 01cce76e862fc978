#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace meetinity::edge {

// What a site adds to, and takes from, the heads of its answers, whoever they come from (CloudFront Developer Guide,
// page "Understand response headers policies"). Applied when an answer leaves, so that a change reaches what is cached.
struct ResponsePolicy {
  enum class Precedence { kOrigin, kPolicy };  // whose field stands when the origin sent one

  struct Cors {
    bool any_origin = false;
    std::vector<std::string> origins;  // with one '*' at the most
    std::string methods, headers;      // "GET, HEAD"; headers are "*" or a list
    std::string exposed;               // empty: none
    std::optional<int> max_age_seconds;
    bool credentials = false;
    Precedence precedence = Precedence::kOrigin;
  };
  struct Field {
    std::string name, value;  // the name in lower case
    Precedence precedence = Precedence::kOrigin;
  };

  std::optional<Cors> cors;
  std::vector<Field> fields;                    // security and custom headers
  std::set<std::string, std::less<>> removed;   // lower case; also the origin's
  std::optional<double> server_timing_percent;  // of answers that carry Server-Timing; 0: only those asked for

  // The fields of `stored` as this policy wants them for `request`, into `out`.
  void Apply(const net::RequestHead& request, const net::HeaderBlock& stored, net::HeaderBlock& out) const;

 private:
  bool AllowsOrigin(std::string_view origin) const;
  void AddCors(const net::RequestHead& request, std::string_view origin, net::HeaderBlock& out) const;
};

}  // namespace meetinity::edge
