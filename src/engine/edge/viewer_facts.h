#pragma once

#include <string>
#include <string_view>

#include "engine/edge/geo_database.h"
#include "net/http.h"

namespace meetinity::edge {

// What the edge knows of a viewer and origins may ask for by name: CloudFront-Viewer-Country and its like (Developer
// Guide, page "Add CloudFront request headers"). Views live as long as the exchange.
struct ViewerFacts {
  const net::RequestHead* request = nullptr;
  const net::PeerInfo* peer = nullptr;
  const GeoDatabase* geo = nullptr;  // null: every address is unknown
};

// True for names that only the edge speaks: what a viewer sends under them is never believed.
inline bool IsEdgeHeader(std::string_view lower_case_name) { return lower_case_name.starts_with("cloudfront-"); }

// The value of the header, or empty: the header is then left out.
std::string EdgeHeader(const ViewerFacts& facts, std::string_view lower_case_name);

}  // namespace meetinity::edge
