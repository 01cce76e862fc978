#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/data_directory.h"
#include "cli/options.h"
#include "cli/terminal.h"

namespace meetinity::cli {
namespace {

// A command line in the making: each Add… function describes a command and says what runs it.
struct CommandLine {
  CLI::App app{"Meetinity Cloud: the platform's cloud on one machine, behind the real AWS APIs.", "meetinity"};
  GlobalOptions global;
  UpOptions up;
  OutputOptions output;
  ExplainOptions explain;
  ParityOptions parity;
  bool json = false, follow = false, empty = false, path_only = false, once = false;
  int lines = 100;
  std::string advance_by, shell = "bash";
  std::function<int()> run;
};

void AddJson(CLI::App* command, bool& wanted) { command->add_flag("--json", wanted, "print JSON"); }

CLI::App* AddCommand(CommandLine& line, const std::string& name, const std::string& what, const std::string& examples,
                     std::function<int()> run) {
  CLI::App* command = line.app.add_subcommand(name, what);
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  command->callback([&line, run = std::move(run)] { line.run = run; });
  return command;
}

void AddUp(CommandLine& line) {
  CLI::App* up = AddCommand(line, "up", "start the cloud and make the stack what the variables say",
                            "  meetinity up --detach --var-file infra/environments/local.tfvars\n"
                            "  meetinity up --no-stack --api-port 5000\n",
                            [&line] { return RunUp(line.global, line.up); });
  UpOptions& options = line.up;
  up->add_flag("-d,--detach", options.detach, "serve in the background");
  up->add_flag("--no-stack", options.no_stack, "serve the APIs and create nothing");
  up->add_option("-f,--var-file", options.var_file, "the stack's variables")->check(CLI::ExistingFile);
  up->add_option("--account", options.account, "account id, kept at the first start")->check([](const std::string& id) {
    const bool digits = id.size() == 12 && id.find_first_not_of("0123456789") == std::string::npos;
    return digits ? "" : "an account id has twelve digits";
  });
  up->add_option("--region", options.region, "region, kept at the first start");
  up->add_option("--address", options.address, "address to listen on; 127.0.0.1 also means ::1");
  up->add_option("--api-port", options.api_port, "port of the AWS API (4566)");
  up->add_option("--http-port", options.http_port, "port of sites over HTTP (80 as root, else 8080)");
  up->add_option("--https-port", options.https_port, "port of sites over HTTPS (443 as root, else 8443)");
  up->add_option("--dns-port", options.dns_port, "port of the name server (5353 if it is free; 0: none)");
  up->add_option("--reactors", options.reactors, "event loops (one a core)")->check(CLI::Range(1, 256));
  up->add_option("--edge-cache", options.edge_cache_mebibytes, "memory of the edge's cache, in MiB (256)")
      ->check(CLI::Range(1, 1 << 20));
  up->add_option("--edge-disk-cache", options.edge_disk_cache_mebibytes,
                 "disk that the edge's cache may take, in MiB (2048; 0: it forgets at every stop)")
      ->check(CLI::Range(0, 1 << 24));
  up->add_option("--geo-database", options.geo_database,
                 "where addresses are, in MaxMind's format (none: no viewer's country is known)");
  up->add_option("--loopback-country", options.loopback_country, "country of viewers on this machine, such as DE");
}

void AddRunning(CommandLine& line) {
  AddCommand(line, "down", "stop the cloud; its data stays", "", [&line] { return RunDown(line.global); });
  AddJson(AddCommand(line, "status", "what runs, and how it does", "",
                     [&line] { return RunStatus(line.global, line.json); }),
          line.json);
  CLI::App* logs = AddCommand(line, "logs", "the cloud's log", "  meetinity logs -f\n",
                              [&line] { return RunLogs(line.global, line.follow, line.lines); });
  logs->add_flag("-f,--follow", line.follow, "go on as the log grows");
  logs->add_option("-n,--lines", line.lines, "how many of the last lines (100)")->check(CLI::Range(1, 1'000'000));
  CLI::App* edge = line.app.add_subcommand("edge", "what the edge serves and keeps");
  edge->require_subcommand(1);
  CLI::App* top = edge->add_subcommand("top", "distributions by requests, and the cache's tiers, as they change");
  top->footer("Examples:\n  meetinity edge top\n  meetinity edge top --json\n");
  top->add_flag("--once", line.once, "print once, also on a terminal");
  AddJson(top, line.json);
  top->callback([&line] { line.run = [&line] { return RunEdgeTop(line.global, line.once, line.json); }; });
  CLI::App* explain = edge->add_subcommand("explain", "what a viewer of a URL would get now, from where, and why");
  explain->footer(
      "Examples:\n  meetinity edge explain \"$(meetinity output -raw static_assets_url)app.js\"\n"
      "  meetinity edge explain https://assets.localhost/app.js -H 'Accept-Encoding: br'\n");
  explain->add_option("url", line.explain.url, "as a viewer would ask for it")->required();
  explain->add_option("-X,--method", line.explain.method, "the request's method (GET)");
  explain->add_option("-H,--header", line.explain.headers, "a header of the request, 'Name: value'")->take_all();
  AddJson(explain, line.json);
  explain->callback([&line] { line.run = [&line] { return RunEdgeExplain(line.global, line.explain, line.json); }; });
  CLI::App* reset = AddCommand(line, "reset", "back to the state after the first up", "  meetinity reset --empty\n",
                               [&line] { return RunReset(line.global, line.empty, line.json); });
  reset->add_flag("--empty", line.empty, "back to nothing: no bucket, no distribution, no user");
  AddJson(reset, line.json);
  CLI::App* clock = AddCommand(line, "clock", "the cloud's clock", "  meetinity clock advance 35d\n",
                               [&line] { return RunClock(line.global, line.json); });
  AddJson(clock, line.json);
  CLI::App* advance = clock->add_subcommand("advance", "move it forward: 35d, 12h, 90m, 3600s");
  advance->add_option("by", line.advance_by, "how far")->required();
  clock->callback([&line, advance] {
    line.run = [&line, advanced = advance->parsed()] {
      return advanced ? RunClockAdvance(line.global, line.advance_by, line.json) : RunClock(line.global, line.json);
    };
  });
}

void AddSettings(CommandLine& line) {
  CLI::App* output = AddCommand(line, "output", "the stack's outputs",
                                "  meetinity output\n  meetinity output -raw static_assets_distribution_id\n",
                                [&line] { return RunOutput(line.global, line.output); });
  output->add_option("name", line.output.name, "one output");
  output->add_flag("--raw", line.output.raw, "the value alone (also -raw, as terraform has it)");
  output->add_flag("--json", line.output.json, "JSON (also -json)");
  AddJson(AddCommand(line, "env", "settings for every AWS client", "  eval \"$(meetinity env)\"\n",
                     [&line] { return RunEnv(line.global, line.json); }),
          line.json);
  CLI::App* ca = AddCommand(line, "ca", "the local authority's certificate",
                            "  meetinity ca | sudo tee /usr/local/share/ca-certificates/meetinity.crt && sudo "
                            "update-ca-certificates\n",
                            [&line] { return RunCa(line.global, line.path_only); });
  ca->add_flag("--path", line.path_only, "where it is, instead of what it says");
  AddJson(AddCommand(line, "doctor", "what is wrong with this machine, and how to mend it", "",
                     [&line] { return RunDoctor(line.global, line.json); }),
          line.json);
}

void AddAbout(CommandLine& line) {
  CLI::App* parity =
      AddCommand(line, "parity", "every API operation: real, partial or refused",
                 "  meetinity parity\n  meetinity parity cloudfront\n", [&line] { return RunParity(line.parity); });
  parity->add_option("service", line.parity.service, "one service, such as s3");
  parity->add_flag("--json", line.parity.json, "print JSON");
  AddJson(AddCommand(line, "version", "the version", "", [&line] { return RunVersion(line.json); }), line.json);
  CLI::App* completion =
      AddCommand(line, "completion", "completion for a shell", "  eval \"$(meetinity completion bash)\"\n",
                 [&line] { return RunCompletion(line.app, line.shell); });
  completion->add_option("shell", line.shell, "bash");
}

// Terraform's users type -raw and -json; CLI11 would take them for -r -a -w.
std::vector<std::string> WithLongOptions(int argc, char** argv) {
  std::vector<std::string> words;
  // CLI11 takes its words from the back.
  for (int i = argc - 1; i > 0; --i) {
    const std::string_view word = argv[i];
    words.emplace_back(word == "-raw" ? "--raw" : word == "-json" ? "--json" : word);
  }
  return words;
}

int Main(int argc, char** argv) {
  CommandLine line;
  line.global.data_directory = DataDirectory::DefaultPath();
  line.app.require_subcommand(1);
  line.app.fallthrough();
  line.app.set_help_all_flag("--help-all", "help of every command");
  line.app.add_option("--data-dir", line.global.data_directory, "where the cloud keeps its data")
      ->envname("MEETINITY_DATA");
  AddUp(line);
  AddRunning(line);
  AddSettings(line);
  AddAbout(line);
  try {
    line.app.parse(WithLongOptions(argc, argv));
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error);
  }
  return line.run();
}

}  // namespace
}  // namespace meetinity::cli

int main(int argc, char** argv) {
  try {
    return meetinity::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "meetinity: %s\n", error.what());
    return 1;
  }
}
