#pragma once

#include <string>
#include <string_view>

namespace meetinity::edge {

enum class PathVerdict {
  kAsSent,      // canonical already: use the bytes of the request
  kNormalized,  // `normalized` holds the canonical form
  kAboveRoot,   // ".." climbs out of the site: 400
};

// The path that rules and the cache key see. Percent-encoding stays as the viewer wrote it; dot segments are resolved
// (RFC 3986, section 5.2.4), and bytes that no URI may hold are percent-encoded, so that an origin sees one spelling.
PathVerdict NormalizePath(std::string_view path, std::string& normalized);

// A behaviour's path pattern in the form that MatchesWildcard compares with a path: a leading '/' is optional in
// configuration and always there in requests.
std::string CanonicalPattern(std::string_view pattern);

}  // namespace meetinity::edge
