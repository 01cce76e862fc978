#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/admin_client.h"
#include "cli/cloud.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "stack/variables.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

void Say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::string StepLine(std::string_view action, std::string_view address, std::string_view detail) {
  const bool changed = action != "unchanged";
  const std::string_view mark = changed ? "+" : "=";
  return fmt::format("  {} {}{}", Styled(changed ? Style::kGood : Style::kQuiet, mark), address,
                     detail.empty() ? "" : Styled(Style::kQuiet, fmt::format("  {}", detail)));
}

struct Changes {
  int unchanged = 0, created = 0, updated = 0, deleted = 0;
  void Add(std::string_view action) {
    ++(action == "created" ? created : action == "updated" ? updated : action == "deleted" ? deleted : unchanged);
  }
  std::string ToString() const {
    return created + updated + deleted == 0
               ? fmt::format("Nothing to change: {} resources are as the variables say.", unchanged)
               : fmt::format("{} created, {} updated, {} deleted, {} unchanged.", created, updated, deleted, unchanged);
  }
};

// What to do next, with the names that were just handed out.
Status PrintOutputs(const std::string& data_directory) {
  const json outputs = json::parse(TRY(ReadFile(data_directory + "/outputs.json")), nullptr, false);
  if (!outputs.is_object() || outputs.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, output] : outputs.items()) {
    rows.push_back({"  " + name, output.value("sensitive", false) ? "(sensitive)" : output.value("value", "")});
  }
  Say("\n" + Styled(Style::kBold, "Outputs"));
  std::string table = Table(rows);
  table.pop_back();
  Say(table);
  if (!outputs.contains("static_assets_url")) return {};
  const std::string url = outputs["static_assets_url"].value("value", "");
  const std::string bucket = outputs["static_assets_bucket_name"].value("value", "");
  Say("\n" + Styled(Style::kBold, "Try"));
  Say("  eval \"$(build/meetinity env)\"");
  Say(fmt::format("  curl --cacert \"$AWS_CA_BUNDLE\" -I {}", url));
  Say(fmt::format("  aws s3 sync web/site s3://{}", bucket));
  Say("  aws cloudfront create-invalidation --paths '/*' \\\n    --distribution-id \"$(build/meetinity output -raw "
      "static_assets_distribution_id)\"");
  Say(Styled(Style::kQuiet, "  A browser trusts the site once it trusts the local authority: see 'meetinity ca'."));
  return {};
}

// The variables, checked before anything is started, so that a typing mistake costs nothing.
struct VariablesFile {
  std::string name = "the default variables";
  std::string text;
  stack::Variables variables;
};

Result<VariablesFile> ReadVariables(const std::string& path) {
  VariablesFile file;
  if (!path.empty()) {
    file.name = path;
    file.text = TRY(ReadFile(path));
  }
  file.variables = TRY(stack::ParseVariables(file.name, file.text));
  return file;
}

// A cloud is there already: it applies the variables.
Status ApplyToRunning(const GlobalOptions& global, const UpOptions& options, const VariablesFile& file) {
  const RunningCloud running = TRY(DataDirectory::FindRunning(global.data_directory));
  Say(fmt::format("The cloud runs already, since {}.", running.started_at));
  if (options.no_stack) return {};
  const json answer =
      TRY(AskCloud(global.data_directory, "/_meetinity/apply", json{{"file_name", file.name}, {"text", file.text}}));
  Changes counts;
  for (const json& step : answer["steps"]) {
    Say(StepLine(step.value("action", ""), step.value("address", ""), step.value("detail", "")));
    counts.Add(step.value("action", ""));
  }
  Say(counts.ToString());
  return PrintOutputs(global.data_directory);
}

Result<std::unique_ptr<Cloud>> StartAndApply(const GlobalOptions& global, const UpOptions& options,
                                             const VariablesFile& file) {
  CloudOptions cloud_options;
  cloud_options.data_directory = global.data_directory;
  cloud_options.account = options.account;
  cloud_options.region = options.region;
  cloud_options.address = options.address;
  cloud_options.api_port = options.api_port;
  cloud_options.http_port = options.http_port;
  cloud_options.https_port = options.https_port;
  cloud_options.dns_port = options.dns_port;
  cloud_options.reactors = options.reactors;
  cloud_options.edge_cache = MiB(options.edge_cache_mebibytes);
  cloud_options.edge_disk_cache = MiB(options.edge_disk_cache_mebibytes);
  cloud_options.geo_database = options.geo_database;
  cloud_options.loopback_country = options.loopback_country;
  auto cloud = TRY(Cloud::Start(std::move(cloud_options)));
  Say(fmt::format("Serving account {} in {}: AWS API on port {}, HTTP on {}, HTTPS on {}.", cloud->identity().account,
                  cloud->identity().region, cloud->api_port(), cloud->http_port(), cloud->https_port()));
  if (options.no_stack) return cloud;
  Say(fmt::format("Applying {}", file.name));
  Changes counts;
  TRY(cloud->Apply(file.variables, [&](const stack::Step& step) {
    Say(StepLine(stack::ToString(step.action), step.address, step.detail));
    counts.Add(stack::ToString(step.action));
  }));
  Say(counts.ToString());
  TRY(PrintOutputs(global.data_directory));
  return cloud;
}

// Blocks until an operator or the system asks the cloud to stop.
void WaitForStop(const sigset_t& signals) {
  int received = 0;
  ::sigwait(&signals, &received);
}

int Serve(const GlobalOptions& global, const UpOptions& options, const VariablesFile& file,
          const std::function<void()>& on_ready) {
  // Blocked before any thread starts, so that each inherits it and sigwait alone receives them.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto cloud = StartAndApply(global, options, file);
  if (!cloud.ok()) return Fail(cloud.error().detail);
  on_ready();
  WaitForStop(signals);
  Log(LogLevel::kInfo, "cli", "stopping: requests under way may finish");
  cloud = std::unique_ptr<Cloud>();
  return 0;
}

// Relays what the background process says until it serves or gives up; its exit status then.
int RelayUntilReady(int pipe, pid_t child) {
  bool ready = false;
  char buffer[4'096];
  while (true) {
    const ssize_t got = ::read(pipe, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    // A NUL says "ready": no text has one.
    std::string_view text(buffer, static_cast<size_t>(got));
    if (const size_t mark = text.find('\0'); mark != std::string_view::npos) {
      ready = true;
      text = text.substr(0, mark);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  if (ready) return 0;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1;
}

int ServeInBackground(const GlobalOptions& global, const UpOptions& options, const VariablesFile& file) {
  int pipes[2];
  if (::pipe2(pipes, O_CLOEXEC) != 0) return Fail("no pipe to the background process");
  const bool colours = ::isatty(STDOUT_FILENO) == 1;
  const pid_t child = ::fork();
  if (child < 0) return Fail("cannot start the background process");
  if (child > 0) {
    ::close(pipes[1]);
    return RelayUntilReady(pipes[0], child);
  }
  ::close(pipes[0]);
  ::setsid();
  static_cast<void>(colours);
  const std::string log_path = global.data_directory + "/meetinity.log";
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(pipes[1], STDOUT_FILENO);
  // Errors of the start belong on the operator's screen; once it serves, everything goes to the log.
  ::dup2(pipes[1], STDERR_FILENO);
  const int status = Serve(global, options, file, [&] {
    std::fflush(stdout);
    const char ready = '\0';
    static_cast<void>(!::write(pipes[1], &ready, 1));
    ::dup2(log >= 0 ? log : nothing, STDERR_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::close(pipes[1]);
  });
  std::fflush(nullptr);
  ::_exit(status);
}

}  // namespace

int RunUp(const GlobalOptions& global, const UpOptions& options) {
  const Result<VariablesFile> file = ReadVariables(options.var_file);
  if (!file.ok()) return Fail(file.error().detail);
  if (DataDirectory::FindRunning(global.data_directory).ok()) {
    const Status applied = ApplyToRunning(global, options, *file);
    return applied.ok() ? 0 : Fail(applied.error().detail);
  }
  if (!options.detach) {
    return Serve(global, options, *file, [] { Say(Styled(Style::kQuiet, "\nServing; stop with Ctrl-C.")); });
  }
  // The log stands in the data directory, which the first start has to create before anything else.
  {
    const auto directory = DataDirectory::Open(global.data_directory);
    if (!directory.ok()) return Fail(directory.error().detail);
  }
  return ServeInBackground(global, options, *file);
}

}  // namespace meetinity::cli
