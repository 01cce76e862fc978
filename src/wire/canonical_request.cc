#include "wire/canonical_request.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/uri.h"
#include "wire/sigv4.h"

namespace meetinity::wire {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendEncoded(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (IsUnreserved(static_cast<char>(byte))) {
    out += static_cast<char>(byte);
    return;
  }
  const char escape[3] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  out.append(escape, sizeof escape);
}

enum class Plus { kIsItself, kMeansSpace };

// Decodes and encodes in one pass, so that every spelling of the same bytes ends as one. A '%' that escapes nothing is
// taken for itself: the request will then be refused by whoever parses it, with a better message.
void AppendReencoded(std::string& out, std::string_view text, Plus plus, Slash slash) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsUnreserved(c) || (c == '/' && slash == Slash::kKeep)) {
      out += c;
      continue;
    }
    const int high = c == '%' && i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(text[i + 2]) : -1;
    if (low >= 0) {
      AppendEncoded(out, static_cast<unsigned char>(high << 4 | low));
      i += 2;
    } else {
      AppendEncoded(out, static_cast<unsigned char>(c == '+' && plus == Plus::kMeansSpace ? ' ' : c));
    }
  }
}

// RFC 3986, section 5.2.4, and empty segments dropped, as the SDKs' signers have it.
std::string NormalisedPath(std::string_view path) {
  std::vector<std::string_view> kept;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string normalised;
  for (const std::string_view segment : kept) normalised.append("/").append(segment);
  if (kept.empty() || path.ends_with('/')) normalised += '/';
  return normalised;
}

bool IsCanonical(std::string_view text) { return std::all_of(text.begin(), text.end(), IsUnreserved); }

struct Parameter {
  std::string_view name, value;
  auto operator<=>(const Parameter&) const = default;
};

// Views into the query where it is canonical as sent, else into `scratch`, which never reallocates: encoding makes a
// byte three at most.
std::string_view CanonicalPiece(std::string& scratch, std::string_view piece) {
  if (IsCanonical(piece)) return piece;
  const size_t at = scratch.size();
  AppendReencoded(scratch, piece, Plus::kMeansSpace, Slash::kEncode);
  return std::string_view(scratch).substr(at);
}

}  // namespace

void AppendCanonicalPath(std::string& out, std::string_view path, PathRule rule) {
  if (path.empty()) path = "/";
  if (rule == PathRule::kEncodeOnce) {
    AppendReencoded(out, path, Plus::kIsItself, Slash::kKeep);
  } else if (path == "/") {
    out += '/';
  } else {
    out += PercentEncode(NormalisedPath(path), Slash::kKeep);
  }
}

void AppendCanonicalQuery(std::string& out, std::string_view query, std::string_view without) {
  if (query.empty()) return;
  std::string scratch;
  scratch.reserve(3 * query.size());
  std::vector<Parameter> parameters;
  parameters.reserve(16);
  for (size_t at = 0; at < query.size();) {
    const size_t end = std::min(query.find('&', at), query.size());
    const std::string_view piece = query.substr(at, end - at);
    at = end + 1;
    if (piece.empty()) continue;
    const size_t equals = std::min(piece.find('='), piece.size());
    const std::string_view name = CanonicalPiece(scratch, piece.substr(0, equals));
    if (!without.empty() && name == without) continue;
    parameters.push_back({name, CanonicalPiece(scratch, piece.substr(std::min(equals + 1, piece.size())))});
  }
  std::sort(parameters.begin(), parameters.end());
  bool first = true;
  for (const Parameter& parameter : parameters) {
    if (!first) out += '&';
    first = false;
    out.append(parameter.name).append("=").append(parameter.value);
  }
}

void AppendCanonicalHeader(std::string& out, std::string_view name, std::span<const std::string_view> values) {
  out.append(name).append(":");
  bool first = true;
  for (const std::string_view value : values) {
    if (!first) out += ',';
    first = false;
    const size_t begins = out.size();
    for (const char c : value) {
      const bool blank = c == ' ' || c == '\t';
      if (!blank) {
        out += c;
      } else if (out.size() > begins && out.back() != ' ') {
        out += ' ';
      }
    }
    if (out.size() > begins && out.back() == ' ') out.pop_back();
  }
  out += '\n';
}

std::string StringToSign(std::string_view amz_date, std::string_view scope, std::string_view canonical_request) {
  std::string text;
  text.reserve(kSigningAlgorithm.size() + amz_date.size() + scope.size() + 3 + 64);
  text.append(kSigningAlgorithm).append("\n").append(amz_date).append("\n").append(scope).append("\n");
  text.append(HexEncode(Sha256(canonical_request)));
  return text;
}

std::string DeriveSigningKey(std::string_view secret_access_key, const CredentialScope& scope) {
  std::string key = HmacSha256(std::string("AWS4").append(secret_access_key), scope.date);
  key = HmacSha256(key, scope.region);
  key = HmacSha256(key, scope.service);
  return HmacSha256(key, kScopeTerminator);
}

std::string SignatureOf(std::string_view signing_key, std::string_view string_to_sign) {
  return HexEncode(HmacSha256(signing_key, string_to_sign));
}

}  // namespace meetinity::wire
