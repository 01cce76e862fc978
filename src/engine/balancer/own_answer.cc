#include "engine/balancer/own_answer.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace meetinity::balancer {
namespace {

std::string_view PhraseOf(int status) {
  switch (status) {
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 405:
      return "Not Allowed";
    case 408:
      return "Request Time-out";
    case 414:
      return "Request-URI Too Large";
    case 463:
    case 464:
      return "Bad Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Temporarily Unavailable";
    case 504:
      return "Gateway Time-out";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

OwnAnswer Page(int status) {
  OwnAnswer answer;
  answer.status = status;
  answer.headers.Add("Server", kServerName);
  answer.headers.Add("Content-Type", "text/html");
  answer.body = fmt::format(
      "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n</body>\r\n"
      "</html>\r\n",
      status, PhraseOf(status));
  return answer;
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// One pass, so that what a request put into a placeholder's place is not read as a placeholder again.
std::string Fill(std::string_view text, const RedirectSource& source) {
  const std::string port = std::to_string(source.port);
  const std::pair<std::string_view, std::string_view> values[] = {
      {"#{protocol}", source.protocol},
      {"#{host}", source.host},
      {"#{port}", port},
      {"#{path}", source.path.starts_with('/') ? source.path.substr(1) : source.path},
      {"#{query}", source.query}};
  std::string filled;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [name, value] : values) {
      if (!text.starts_with(name)) continue;
      filled += value;
      text.remove_prefix(name.size());
      found = true;
      break;
    }
    if (found) continue;
    filled += text.front();
    text.remove_prefix(1);
  }
  return filled;
}

}  // namespace

OwnAnswer ErrorAnswer(int status) { return Page(status); }

OwnAnswer FixedAnswer(const FixedResponseAction& action) {
  OwnAnswer answer;
  answer.status = action.status;
  answer.headers.Add("Server", kServerName);
  if (!action.content_type.empty()) answer.headers.Add("Content-Type", action.content_type);
  answer.body = action.body;
  return answer;
}

std::string RedirectLocation(const RedirectAction& action, const RedirectSource& source) {
  const std::string protocol = ToLower(Fill(action.protocol, source));
  std::string location = fmt::format("{}://{}:{}{}", protocol, Fill(action.host, source), Fill(action.port, source),
                                     Fill(action.path, source));
  const std::string query = Fill(action.query, source);
  if (!query.empty()) location.append("?").append(query);
  // The request's parts were parsed and hold none of these; the operator's may.
  ReplaceAll(location, "\r", "");
  ReplaceAll(location, "\n", "");
  return location;
}

OwnAnswer RedirectAnswer(const RedirectAction& action, std::string_view location) {
  OwnAnswer answer = Page(action.status);
  answer.headers.Add("Location", location);
  return answer;
}

std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace meetinity::balancer
