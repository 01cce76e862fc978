#include "net/http.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace meetinity::net {

namespace {

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return ToLower(x) == ToLower(y); });
}

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

void HeaderBlock::Add(std::string_view name, std::string_view value) {
  Entry entry{};
  entry.name_at = static_cast<uint32_t>(bytes_.size());
  entry.name_size = static_cast<uint32_t>(name.size());
  bytes_ += name;
  bytes_ += kSeparator;
  entry.value_at = static_cast<uint32_t>(bytes_.size());
  entry.value_size = static_cast<uint32_t>(value.size());
  bytes_ += value;
  for (char& c : std::span(bytes_).subspan(entry.value_at)) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  bytes_ += kLineEnd;
  entries_.push_back(entry);
}

void HeaderBlock::AddUnique(std::string_view name, std::string_view value) {
  Add(name, value);
  entries_.back().unique = true;
}

void HeaderBlock::Set(std::string_view name, std::string_view value) {
  Remove(name);
  Add(name, value);
}

void HeaderBlock::Remove(std::string_view name) {
  for (size_t i = 0; i < entries_.size();) {
    if (!SameName((*this)[i].name, name)) {
      ++i;
      continue;
    }
    const uint32_t line_at = entries_[i].name_at;
    const auto line_size =
        static_cast<uint32_t>(entries_[i].value_at + entries_[i].value_size + kLineEnd.size() - line_at);
    bytes_.erase(line_at, line_size);
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(i));
    for (size_t j = i; j < entries_.size(); ++j) {
      entries_[j].name_at -= line_size;
      entries_[j].value_at -= line_size;
    }
  }
}

std::optional<std::string_view> HeaderBlock::Find(std::string_view name) const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const HeaderView header = (*this)[i];
    if (SameName(header.name, name)) return header.value;
  }
  return std::nullopt;
}

void HeaderBlock::Clear() {
  bytes_.clear();
  entries_.clear();
}

HeaderView HeaderBlock::operator[](size_t i) const {
  const Entry& entry = entries_[i];
  const std::string_view bytes = bytes_;
  return {bytes.substr(entry.name_at, entry.name_size), bytes.substr(entry.value_at, entry.value_size)};
}

std::optional<std::string_view> RequestHead::Find(std::string_view lower_case_name) const {
  for (const HeaderView& header : headers) {
    if (header.name == lower_case_name) return header.value;
  }
  return std::nullopt;
}

Slice Slice::Part(size_t offset, size_t size) const {
  FileRange range = file;
  range.offset += offset;
  return {owner, bytes.substr(offset, size), range};
}

Slice Slice::Copy(std::string_view bytes) { return Own(std::string(bytes)); }

Slice Slice::Own(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view view = *owner;
  return {std::move(owner), view};
}

Slice Slice::Static(std::string_view bytes) { return {nullptr, bytes}; }

std::optional<RefusalAnswer> HttpHandler::OnRefused(Reactor&, const RefusedRequest&) { return std::nullopt; }

void HttpExchange::Respond(int status, const HeaderBlock& headers, Slice body) {
  const HeaderBlock* const blocks[] = {&headers};
  Respond(status, blocks, std::span(&body, 1));
}

}  // namespace meetinity::net
