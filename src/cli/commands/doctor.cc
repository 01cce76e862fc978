// What is wrong with this machine, and how to mend it.
#include <fmt/format.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/data_directory.h"
#include "cli/terminal.h"
#include "engine/ca/certificate_authority.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

enum class Verdict { kGood, kWarning, kBad };

struct Finding {
  Verdict verdict;
  std::string what;
  std::string mend;  // empty when there is nothing to mend
};

// More than the open files of 50 000 connections.
constexpr rlim_t kOpenFilesWanted = 65'536;
constexpr uint64_t kFreeBytesWanted = uint64_t{2} << 30;

Finding CheckNames() {
  addrinfo* found = nullptr;
  const bool resolves = ::getaddrinfo("check.cloudfront.localhost", "443", nullptr, &found) == 0;
  if (found != nullptr) ::freeaddrinfo(found);
  return resolves ? Finding{Verdict::kGood, "names under .localhost resolve", ""}
                  : Finding{Verdict::kBad, "names under .localhost do not resolve",
                            "apt-get install libnss-myhostname, and 'myhostname' in the hosts line of "
                            "/etc/nsswitch.conf"};
}

Finding CheckDataDirectory(const std::string& path) {
  struct statvfs space {};
  const std::string there = std::filesystem::exists(path) ? path : std::filesystem::path(path).parent_path().string();
  if (::statvfs(there.empty() ? "/" : there.c_str(), &space) != 0) {
    return {Verdict::kWarning, fmt::format("{} is not there yet", path), "'meetinity up' creates it"};
  }
  const uint64_t free_bytes = uint64_t{space.f_bavail} * space.f_frsize;
  const std::string what = fmt::format("{} GiB are free for {}", free_bytes >> 30, path);
  return free_bytes >= kFreeBytesWanted ? Finding{Verdict::kGood, what, ""}
                                        : Finding{Verdict::kWarning, what, "free some space, or use --data-dir"};
}

Finding CheckOpenFiles() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string what = fmt::format("up to {} open files are allowed", limit.rlim_max);
  return limit.rlim_max >= kOpenFilesWanted
             ? Finding{Verdict::kGood, what, ""}
             : Finding{Verdict::kWarning, what, fmt::format("for many connections: ulimit -Hn {}", kOpenFilesWanted)};
}

Finding CheckRunning(const std::string& data_directory) {
  const auto running = DataDirectory::FindRunning(data_directory);
  if (!running.ok()) return {Verdict::kWarning, "no cloud runs", "meetinity up --detach"};
  const auto status = AskCloud(data_directory, "/_meetinity/status", nullptr);
  if (!status.ok()) {
    return {Verdict::kBad, fmt::format("the cloud does not answer: {}", status.error().detail),
            "meetinity logs, then meetinity down and up"};
  }
  return {Verdict::kGood, fmt::format("the cloud answers on port {}", running->api_port), ""};
}

Finding CheckAuthority(const std::string& data_directory) {
  const auto pem = ReadFile(data_directory + "/ca/ca.pem");
  if (!pem.ok()) return {Verdict::kWarning, "there is no certificate authority yet", "'meetinity up' makes one"};
  const auto facts = ca::ReadCertificate(*pem);
  if (!facts.ok()) return {Verdict::kBad, "the authority's certificate cannot be read", "restore ca/ from a backup"};
  const SystemClock clock;
  if (facts->not_after < clock.Now()) {
    return {Verdict::kBad, "the authority's certificate has expired", "move ca/ away; the next up makes a new one"};
  }
  return {Verdict::kGood, fmt::format("the authority's certificate is good until {}", facts->not_after.ToIso8601()),
          ""};
}

std::string_view ToString(Verdict verdict) {
  return verdict == Verdict::kGood ? "ok" : verdict == Verdict::kWarning ? "note" : "bad";
}

}  // namespace

int RunDoctor(const GlobalOptions& global, bool as_json) {
  const std::vector<Finding> findings = {CheckNames(), CheckDataDirectory(global.data_directory), CheckOpenFiles(),
                                         CheckRunning(global.data_directory), CheckAuthority(global.data_directory)};
  bool bad = false;
  json list = json::array();
  for (const Finding& finding : findings) {
    bad |= finding.verdict == Verdict::kBad;
    list.push_back({{"verdict", ToString(finding.verdict)}, {"what", finding.what}, {"mend", finding.mend}});
    if (as_json) continue;
    const Style style = finding.verdict == Verdict::kGood  ? Style::kGood
                        : finding.verdict == Verdict::kBad ? Style::kBad
                                                           : Style::kBold;
    fmt::print("{:<4}  {}\n", Styled(style, fmt::format("{:<4}", ToString(finding.verdict))), finding.what);
    if (!finding.mend.empty()) fmt::print("      {}\n", Styled(Style::kQuiet, finding.mend));
  }
  if (as_json) fmt::print("{}\n", list.dump(2));
  return bad ? 1 : 0;
}

}  // namespace meetinity::cli
