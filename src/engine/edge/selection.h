#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/edge/config.h"
#include "net/http.h"

namespace meetinity::edge {

bool Selects(const NameSelection& selection, std::string_view name);

// Appends the query's chosen parameters to `out`, in the viewer's order and spelling and separated by '&'; true when
// a query is left, which may be an empty one ("/a?"). Names are compared as sent.
bool AppendSelectedQuery(std::string_view query, bool has_query, const NameSelection& selection, std::string& out);

// The same for two policies at once: what either of them lets through.
bool AppendSelectedQuery(std::string_view query, bool has_query, const NameSelection& one, const NameSelection& other,
                         std::string& out);

using Cookie = std::pair<std::string_view, std::string_view>;

// The chosen pairs of all Cookie fields, sorted by name: browsers order them by chance. Those of
// signed cookies are never among them. The views are the headers'.
std::vector<Cookie> SelectCookies(std::span<const net::HeaderView> headers, const NameSelection& one,
                                  const NameSelection& other);

}  // namespace meetinity::edge
