// `meetinity edge top`: what the edge serves, to whom it misses, and what its tiers hold. `meetinity edge explain`:
// what becomes of one request, and why.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/terminal.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

constexpr int kRefreshMilliseconds = 2'000;

uint64_t Count(const json& object, const char* name) { return object.value(name, uint64_t{0}); }

std::string Percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// Requests since the last look, by distribution.
using Seen = std::map<std::string, uint64_t>;

std::string Sites(const json& distributions, const Seen* seen) {
  std::vector<json> sites(distributions.begin(), distributions.end());
  std::stable_sort(sites.begin(), sites.end(),
                   [](const json& a, const json& b) { return Count(a, "requests") > Count(b, "requests"); });
  std::vector<std::vector<std::string>> rows = {{"DISTRIBUTION", "REQUESTS", seen == nullptr ? "" : "PER SECOND",
                                                 "HITS", "SENT", "4XX", "5XX", "ORIGIN", "NAME"}};
  for (const json& site : sites) {
    const std::string id = site.value("id", "");
    const uint64_t requests = Count(site, "requests"), answers = Count(site, "origin_answers");
    std::string rate;
    if (seen != nullptr && seen->contains(id) && requests >= seen->at(id)) {
      rate = fmt::format("{:.0f}", static_cast<double>(requests - seen->at(id)) * 1'000 / kRefreshMilliseconds);
    }
    const std::string origin =
        answers == 0 ? "-"
                     : fmt::format("{:.1f} ms", site.value("origin_milliseconds", 0.0) / static_cast<double>(answers));
    rows.push_back({id, std::to_string(requests), rate, Percent(Count(site, "hits"), requests),
                    Bytes(Count(site, "bytes_downloaded")), std::to_string(Count(site, "errors_4xx")),
                    std::to_string(Count(site, "errors_5xx")), origin, site.value("name", "")});
  }
  return Table(rows);
}

std::string Tiers(const json& answer) {
  const json memory = answer.value("memory", json::object()), disk = answer.value("disk", json::object());
  return Table({{"TIER", "OBJECTS", "BYTES", ""},
                {"memory", std::to_string(Count(memory, "objects")), Bytes(Count(memory, "bytes")),
                 fmt::format("{} evicted", Count(memory, "evictions"))},
                {"disk", std::to_string(Count(disk, "objects")), Bytes(Count(disk, "bytes")),
                 fmt::format("index {}, {} written, {} not kept up with, {} damaged", Bytes(Count(disk, "index_bytes")),
                             Count(disk, "written"), Count(disk, "dropped_offers"), Count(disk, "damaged"))}});
}

// "2 h 5 min" says more than 7500 s, and the figure is there in JSON.
std::string Age(double seconds) {
  const auto whole = static_cast<int64_t>(seconds < 0 ? -seconds : seconds);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7'200) return fmt::format("{} min", whole / 60);
  if (whole < 172'800) return fmt::format("{} h {} min", whole / 3'600, whole / 60 % 60);
  return fmt::format("{} days", whole / 86'400);
}

std::string Kept(const json& kept) {
  std::string text = fmt::format("status {}, {}, ", kept.value("status", 0), Bytes(Count(kept, "body_bytes")));
  const double fresh = kept.value("fresh_for_seconds", 0.0);
  text += fmt::format("{} old, {} {}", Age(kept.value("age_seconds", 0.0)), fresh > 0 ? "fresh for" : "stale since",
                      Age(fresh));
  return kept.value("is_invalidated", false) ? text + ", invalidated" : text;
}

}  // namespace

int RunEdgeTop(const GlobalOptions& global, bool once, bool as_json) {
  const bool refreshes = !once && !as_json && ::isatty(STDOUT_FILENO) == 1;
  Seen seen;
  for (bool first = true;; first = false) {
    const auto answer = AskCloud(global.data_directory, "/_meetinity/edge", nullptr);
    if (!answer.ok()) return Fail(answer.error().detail);
    if (as_json) {
      fmt::print("{}\n", answer->dump(2));
      return 0;
    }
    const json distributions = answer->value("distributions", json::array());
    if (refreshes) fmt::print("\x1b[H\x1b[2J");  // home, and a clean screen
    fmt::print("{}\n{}", Sites(distributions, first ? nullptr : &seen), Tiers(*answer));
    std::fflush(stdout);
    if (!refreshes) return 0;
    seen.clear();
    for (const json& site : distributions) seen[site.value("id", "")] = Count(site, "requests");
    ::poll(nullptr, 0, kRefreshMilliseconds);
  }
}

int RunEdgeExplain(const GlobalOptions& global, const ExplainOptions& options, bool as_json) {
  json headers = json::object();
  for (const std::string& header : options.headers) {
    const size_t colon = header.find(':');
    if (colon == 0 || colon == std::string::npos) {
      return Fail(fmt::format("'{}' is no header; write it like 'Accept-Encoding: br'", header));
    }
    headers[header.substr(0, colon)] = Trim(std::string_view(header).substr(colon + 1));
  }
  const auto answer = AskCloud(global.data_directory, "/_meetinity/edge/explain",
                               json{{"url", options.url}, {"method", options.method}, {"headers", std::move(headers)}});
  if (!answer.ok()) return Fail(answer.error().detail);
  if (as_json) {
    fmt::print("{}\n", answer->dump(2));
    return 0;
  }
  fmt::print("{}: {}\n", answer->value("result", ""), answer->value("reason", ""));
  std::vector<std::vector<std::string>> rows;
  for (const auto& [label, name] :
       {std::pair("distribution", "distribution"), std::pair("behaviour", "behavior"), std::pair("origin", "origin"),
        std::pair("path", "path"), std::pair("key", "key"), std::pair("tier", "tier")}) {
    const std::string value = answer->value(name, "");
    if (!value.empty()) rows.push_back({std::string("  ") + label, value});
  }
  if (answer->contains("kept")) rows.push_back({"  kept", Kept((*answer)["kept"])});
  fmt::print("{}", Table(rows));
  return 0;
}

}  // namespace meetinity::cli
