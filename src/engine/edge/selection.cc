#include "engine/edge/selection.h"

#include <algorithm>

#include "base/text.h"
#include "engine/edge/signed_access.h"

namespace meetinity::edge {

bool Selects(const NameSelection& selection, std::string_view name) {
  switch (selection.selection) {
    case Selection::kNone:
      return false;
    case Selection::kWhitelist:
      return selection.names.contains(name);
    case Selection::kAllExcept:
      return !selection.names.contains(name);
    case Selection::kAll:
      return true;
  }
  return false;
}

bool AppendSelectedQuery(std::string_view query, bool has_query, const NameSelection& one, const NameSelection& other,
                         std::string& out) {
  if (!has_query) return false;
  if (one.selection == Selection::kAll || other.selection == Selection::kAll) {
    out += query;
    return true;
  }
  if (one.selection == Selection::kNone && other.selection == Selection::kNone) return false;
  bool any = false;
  while (!query.empty()) {
    const size_t ampersand = query.find('&');
    const std::string_view parameter = query.substr(0, ampersand);
    query = ampersand == std::string_view::npos ? std::string_view{} : query.substr(ampersand + 1);
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (!Selects(one, name) && !Selects(other, name)) continue;
    if (any) out += '&';
    out += parameter;
    any = true;
  }
  return any;
}

bool AppendSelectedQuery(std::string_view query, bool has_query, const NameSelection& selection, std::string& out) {
  static const NameSelection kNothing;
  return AppendSelectedQuery(query, has_query, selection, kNothing, out);
}

std::vector<Cookie> SelectCookies(std::span<const net::HeaderView> headers, const NameSelection& one,
                                  const NameSelection& other) {
  std::vector<Cookie> cookies;
  for (const net::HeaderView& header : headers) {
    if (header.name != "cookie") continue;
    for (const std::string_view piece : Split(header.value, ';')) {
      const std::string_view pair = Trim(piece);
      if (pair.empty()) continue;
      const size_t equals = pair.find('=');
      const std::string_view name = Trim(pair.substr(0, equals));
      if ((!Selects(one, name) && !Selects(other, name)) || IsAccessCookie(name)) continue;
      cookies.emplace_back(name, equals == std::string_view::npos ? std::string_view{} : Trim(pair.substr(equals + 1)));
    }
  }
  std::stable_sort(cookies.begin(), cookies.end(), [](const Cookie& a, const Cookie& b) { return a.first < b.first; });
  return cookies;
}

}  // namespace meetinity::edge
