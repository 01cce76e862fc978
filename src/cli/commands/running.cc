// Commands about the cloud that runs: down, status, logs, reset, clock.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/data_directory.h"
#include "cli/terminal.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

// Requests under way get ten seconds; then come the rooms.
constexpr int kStopPatienceMilliseconds = 30'000;

// The last `lines` lines of a file.
std::string Tail(const std::string& text, int lines) {
  size_t at = text.size();
  if (at > 0 && text.back() == '\n') --at;
  for (int i = 0; i < lines && at != std::string::npos; ++i)
    at = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  return at == std::string::npos ? text : text.substr(at + 1);
}

// "35d", "12h", "90m", "3600s", "3600".
Result<int64_t> ParseAdvance(const std::string& text) {
  const auto wrong = Error{Kind::kInvalid, "InvalidDuration",
                           fmt::format("'{}' is not a length of time; write it like 35d, 12h, 90m or 3600s", text)};
  if (text.empty()) return wrong;
  int64_t unit = 1;
  std::string_view digits = text;
  switch (digits.back()) {
    case 'd':
      unit = 86'400;
      break;
    case 'h':
      unit = 3'600;
      break;
    case 'm':
      unit = 60;
      break;
    default:
      break;
  }
  if (digits.back() < '0' || digits.back() > '9') {
    if (unit == 1 && digits.back() != 's') return wrong;
    digits.remove_suffix(1);
  }
  const auto count = ParseUnsigned(digits);
  // A million days and more are refused by the cloud; here it only must not overflow.
  if (!count || *count > 4'000'000'000) return wrong;
  return static_cast<int64_t>(*count) * unit;
}

int PrintClock(const Result<json>& answer, bool as_json) {
  if (!answer.ok()) return Fail(answer.error().detail);
  if (as_json) {
    fmt::print("{}\n", answer->dump(2));
    return 0;
  }
  const int64_t offset = answer->value("offset_seconds", int64_t{0});
  fmt::print("{}{}\n", answer->value("now", ""),
             offset == 0 ? "" : fmt::format("  ({} s ahead of this machine)", offset));
  return 0;
}

}  // namespace

int RunDown(const GlobalOptions& global) {
  const auto running = DataDirectory::FindRunning(global.data_directory);
  if (!running.ok()) {
    fmt::print("No cloud runs on {}.\n", global.data_directory);
    return 0;
  }
  // A descriptor of the process itself tells when it is gone, whoever its parent is.
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, running->process_id, 0));
  if (process < 0 || ::kill(running->process_id, SIGTERM) != 0) {
    return Fail(fmt::format("process {} cannot be stopped; it may belong to another user", running->process_id));
  }
  fmt::print("Stopping: requests under way may finish.\n");
  std::fflush(stdout);
  pollfd waiting{process, POLLIN, 0};
  const int ended = ::poll(&waiting, 1, kStopPatienceMilliseconds);
  ::close(process);
  if (ended != 1) {
    return Fail(fmt::format("process {} still runs; 'kill -9 {}' loses nothing that was acknowledged",
                            running->process_id, running->process_id));
  }
  fmt::print("Stopped. The data stays in {}.\n", global.data_directory);
  return 0;
}

int RunStatus(const GlobalOptions& global, bool as_json) {
  const auto running = DataDirectory::FindRunning(global.data_directory);
  if (!running.ok()) {
    if (as_json) fmt::print("{}\n", json{{"running", false}, {"data_directory", global.data_directory}}.dump(2));
    if (!as_json) fmt::print("{} {}\n", Styled(Style::kBad, "stopped"), running.error().detail);
    return 3;  // as an init script's status says "not running"
  }
  auto answer = AskCloud(global.data_directory, "/_meetinity/status", nullptr);
  if (!answer.ok()) return Fail(answer.error().detail);
  json status = std::move(answer).value();
  status["running"] = true;
  status["process_id"] = running->process_id;
  status["data_directory"] = global.data_directory;
  status["ports"] = {{"api", running->api_port},
                     {"http", running->http_port},
                     {"https", running->https_port},
                     {"dns", running->dns_port}};
  if (as_json) {
    fmt::print("{}\n", status.dump(2));
    return 0;
  }
  const json& edge = status["edge"];
  fmt::print("{}\n", Styled(Style::kGood, "running"));
  fmt::print("{}",
             Table({{"  process", fmt::format("{}, since {}", running->process_id, running->started_at)},
                    {"  account", fmt::format("{} in {}", status.value("account", ""), status.value("region", ""))},
                    {"  ports", fmt::format("AWS API {}, HTTP {}, HTTPS {}, DNS {}", running->api_port,
                                            running->http_port, running->https_port,
                                            running->dns_port == 0 ? "off" : std::to_string(running->dns_port))},
                    {"  clock", status.value("now", "")},
                    {"  edge",
                     fmt::format("{} requests, {} hits, {} misses, {} objects in {} of memory, {} in {} on disk",
                                 edge.value("requests", 0ULL), edge.value("hits", 0ULL), edge.value("misses", 0ULL),
                                 edge.value("objects_cached", 0ULL), Bytes(edge.value("bytes_cached", uint64_t{0})),
                                 edge.value("objects_on_disk", 0ULL), Bytes(edge.value("bytes_on_disk", uint64_t{0})))},
                    {"  data", global.data_directory}}));
  return 0;
}

int RunLogs(const GlobalOptions& global, bool follow, int lines) {
  const std::string path = global.data_directory + "/meetinity.log";
  const auto text = ReadFile(path);
  if (!text.ok()) return Fail(fmt::format("there is no log at {}; 'meetinity up --detach' writes one", path));
  fmt::print("{}", Tail(*text, lines));
  std::fflush(stdout);
  if (!follow) return 0;
  const int changes = ::inotify_init1(IN_CLOEXEC);
  if (changes < 0 || ::inotify_add_watch(changes, path.c_str(), IN_MODIFY) < 0) return Fail("cannot watch the log");
  std::ifstream file(path);
  file.seekg(0, std::ios::end);
  while (true) {
    char events[4'096];
    if (::read(changes, events, sizeof(events)) < 0) return Fail("cannot watch the log");
    file.clear();
    std::string more(std::istreambuf_iterator<char>(file), {});
    fmt::print("{}", more);
    std::fflush(stdout);
  }
}

int RunReset(const GlobalOptions& global, bool empty, bool as_json) {
  const auto answer = AskCloud(global.data_directory, "/_meetinity/reset", json{{"to", empty ? "empty" : "golden"}});
  if (!answer.ok()) return Fail(answer.error().detail);
  if (as_json) {
    fmt::print("{}\n", answer->dump(2));
  } else {
    fmt::print("Back to the {} state in {:.0f} ms.\n", empty ? "empty" : "first", answer->value("milliseconds", 0.0));
  }
  return 0;
}

int RunClock(const GlobalOptions& global, bool as_json) {
  return PrintClock(AskCloud(global.data_directory, "/_meetinity/clock", nullptr), as_json);
}

int RunClockAdvance(const GlobalOptions& global, const std::string& by, bool as_json) {
  const auto seconds = ParseAdvance(by);
  if (!seconds.ok()) return Fail(seconds.error().detail);
  return PrintClock(AskCloud(global.data_directory, "/_meetinity/clock", json{{"advance_seconds", *seconds}}), as_json);
}

}  // namespace meetinity::cli
