#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "net/http.h"

namespace meetinity::wire {

// A request's head from its text, for tests and fuzzers; the first line, then "Name: value" lines. Owns what it shows.
class TextRequest {
 public:
  explicit TextRequest(std::string_view text) {
    std::vector<std::string_view> lines = Split(text, '\n');
    for (std::string_view& line : lines) {
      if (line.ends_with('\r')) line.remove_suffix(1);
    }
    const std::vector<std::string_view> first = Split(lines.front(), ' ');
    head_.method = Keep(first[0]);
    head_.target = Keep(first.size() > 1 ? first[1] : "/");
    const size_t question = head_.target.find('?');
    head_.path = head_.target.substr(0, question);
    head_.has_query = question != std::string_view::npos;
    if (head_.has_query) head_.query = head_.target.substr(question + 1);
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(':');
      if (colon == std::string_view::npos) continue;
      Add(lines[i].substr(0, colon), Trim(lines[i].substr(colon + 1)));
    }
  }
  TextRequest(const TextRequest&) = delete;
  TextRequest& operator=(const TextRequest&) = delete;

  const net::RequestHead& head() const { return head_; }

  void Add(std::string_view name, std::string_view value) {
    headers_.push_back({Keep(ToLower(name)), Keep(value)});
    const net::HeaderView& added = headers_.back();
    if (added.name == "host") head_.authority = added.value;
    if (added.name == "content-length") head_.content_length = ParseUnsigned(added.value);
    head_.has_body = head_.has_body || head_.content_length.value_or(0) > 0 || added.name == "transfer-encoding";
    head_.headers = headers_;
  }

 private:
  // A deque never moves what it holds.
  std::string_view Keep(std::string_view text) { return kept_.emplace_back(text); }

  std::deque<std::string> kept_;
  std::vector<net::HeaderView> headers_;
  net::RequestHead head_;
};

}  // namespace meetinity::wire
