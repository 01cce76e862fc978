#include "engine/edge/cache_key.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/text.h"
#include "engine/edge/selection.h"

namespace meetinity::edge {
namespace {

constexpr std::string_view kAcceptEncoding = "accept-encoding";

// "q=0" and its longer spellings say "never".
bool IsRefused(std::string_view parameters) {
  for (const std::string_view piece : Split(parameters, ';')) {
    const std::string_view parameter = Trim(piece);
    if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

void AppendHeader(const KeyParts& parts, std::string_view name, std::string& out) {
  if (name == "host") {
    out.append("host:").append(ToLower(parts.authority)).push_back('\n');
    return;
  }
  if (IsEdgeHeader(name)) {
    const std::string value = parts.facts.request == nullptr ? "" : EdgeHeader(parts.facts, name);
    if (!value.empty()) out.append(name).append(":").append(value).push_back('\n');
    return;
  }
  bool any = false;
  for (const net::HeaderView& header : parts.headers) {
    if (header.name != name) continue;
    if (any)
      out += ',';
    else
      out.append(name).push_back(':');
    out += header.value;
    any = true;
  }
  if (any) out += '\n';
}

}  // namespace

std::string_view AcceptedEncodings::ToHeader() const {
  if (gzip && brotli) return "br,gzip";
  if (brotli) return "br";
  return gzip ? "gzip" : "";
}

AcceptedEncodings ReduceAcceptEncoding(std::string_view header, const CachePolicy& policy) {
  // What the viewer says about each: unset, yes or no; '*' speaks for those not named.
  std::optional<bool> gzip, brotli;
  bool others = false;
  while (!header.empty()) {
    const size_t comma = header.find(',');
    const std::string_view element = Trim(header.substr(0, comma));
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const size_t semicolon = element.find(';');
    const std::string_view coding = Trim(element.substr(0, semicolon));
    const bool accepted = semicolon == std::string_view::npos || !IsRefused(element.substr(semicolon + 1));
    if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip"))
      gzip = accepted;
    else if (EqualsIgnoreCase(coding, "br"))
      brotli = accepted;
    else if (coding == "*")
      others = accepted;
  }
  return {.gzip = policy.accept_encoding_gzip && gzip.value_or(others),
          .brotli = policy.accept_encoding_brotli && brotli.value_or(others)};
}

bool ForwardsAcceptEncodingAsSent(const CachePolicy& policy) { return Selects(policy.headers, kAcceptEncoding); }

void CacheKey::Compose(const KeyParts& parts, const CachePolicy& policy) {
  bytes_.resize(kTargetAt);
  std::memcpy(bytes_.data(), &parts.site_number, sizeof parts.site_number);
  bytes_[sizeof parts.site_number] =
      static_cast<char>((parts.is_options ? 1 : 0) | (parts.encodings.gzip ? 2 : 0) | (parts.encodings.brotli ? 4 : 0));
  bytes_ += parts.path;
  if (policy.queries.selection != Selection::kNone && parts.has_query) {
    const size_t path_end = bytes_.size();
    bytes_ += '?';
    if (!AppendSelectedQuery(parts.query, parts.has_query, policy.queries, bytes_)) bytes_.resize(path_end);
  }
  target_size_ = bytes_.size() - kTargetAt;
  if (policy.headers.selection == Selection::kWhitelist) {
    bytes_ += '\0';
    for (const std::string& name : policy.headers.names) AppendHeader(parts, name, bytes_);
  }
  if (policy.cookies.selection != Selection::kNone) {
    bytes_ += '\0';
    for (const auto& [name, value] : SelectCookies(parts.headers, policy.cookies, NameSelection{})) {
      bytes_.append(name).append("=").append(value).push_back(';');
    }
  }
  hash_ = XXH3_64bits(bytes_.data(), bytes_.size());
}

}  // namespace meetinity::edge
