// Commands about the program itself: parity, version, completion.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "wire/parity.h"

#ifndef MEETINITY_VERSION
#error "the build defines MEETINITY_VERSION"
#endif

namespace meetinity::cli {
namespace {

using nlohmann::json;

struct SupportCounts {
  int real = 0, partial = 0, refused = 0;
};

Style StyleOf(wire::Support support) {
  return support == wire::Support::kReal      ? Style::kGood
         : support == wire::Support::kPartial ? Style::kBold
                                              : Style::kQuiet;
}

void PrintSummary(const std::map<std::string_view, SupportCounts>& services) {
  std::vector<std::vector<std::string>> rows = {{"SERVICE", "REAL", "PARTIAL", "REFUSED"}};
  for (const auto& [service, counts] : services) {
    rows.push_back({std::string(service), std::to_string(counts.real), std::to_string(counts.partial),
                    std::to_string(counts.refused)});
  }
  fmt::print("{}", Table(rows));
  fmt::print("{}\n", Styled(Style::kQuiet, "'meetinity parity SERVICE' lists a service's operations."));
}

// The commands and options of an application, for a shell to offer.
std::string BashCompletion(const CLI::App& app) {
  std::string commands, cases;
  const auto options_of = [](const CLI::App& of) {
    std::string words;
    for (const CLI::Option* option : of.get_options()) {
      for (const std::string& name : option->get_lnames()) words += " --" + name;
      for (const std::string& name : option->get_snames()) words += " -" + name;
    }
    return words;
  };
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands += " " + command->get_name();
    std::string words = options_of(*command);
    for (const CLI::App* nested : command->get_subcommands(nullptr)) words += " " + nested->get_name();
    cases += fmt::format("      {}) words=\"{}\" ;;\n", command->get_name(), Trim(words));
  }
  const std::string words = std::string(Trim(commands)) + options_of(app);
  return R"bash(# bash completion for meetinity: eval "$(meetinity completion bash)"
_meetinity() {
  local current="${COMP_WORDS[COMP_CWORD]}" words=")bash" +
         words + R"bash("
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "${COMP_WORDS[1]}" in
)bash" + cases +
         R"bash(    esac
  fi
  case "${COMP_WORDS[COMP_CWORD-1]}" in
    --var-file) COMPREPLY=($(compgen -f -- "$current")) ;;
    --data-dir) COMPREPLY=($(compgen -d -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -F _meetinity meetinity
)bash";
}

}  // namespace

int RunParity(const ParityOptions& options) {
  std::map<std::string_view, SupportCounts> services;
  json list = json::array();
  std::vector<std::vector<std::string>> rows;
  for (const wire::ParityRow& row : wire::ParityTable()) {
    SupportCounts& counts = services[row.service];
    ++(row.support == wire::Support::kReal      ? counts.real
       : row.support == wire::Support::kPartial ? counts.partial
                                                : counts.refused);
    if (!options.service.empty() && row.service != options.service) continue;
    list.push_back({{"service", row.service},
                    {"operation", row.operation},
                    {"state", wire::ToString(row.support)},
                    {"missing", row.note}});
    rows.push_back({std::string(row.operation),
                    Styled(StyleOf(row.support), fmt::format("{:<7}", wire::ToString(row.support))),
                    std::string(row.note)});
  }
  if (!options.service.empty() && !services.contains(options.service)) {
    std::vector<std::string_view> names;
    for (const auto& [name, counts] : services) names.push_back(name);
    const auto nearest = NearestName(options.service, names);
    return Fail(fmt::format("there is no service {}{}", options.service,
                            nearest ? fmt::format("; did you mean {}?", *nearest) : "; 'meetinity parity' lists them"));
  }
  if (options.json) {
    fmt::print("{}\n", list.dump(2));
  } else if (options.service.empty()) {
    PrintSummary(services);
  } else {
    fmt::print("{}", Table(rows));
  }
  return 0;
}

int RunVersion(bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json{{"name", "meetinity"}, {"version", MEETINITY_VERSION}, {"compiler", __VERSION__}}.dump(2));
  } else {
    fmt::print("meetinity {}\n", MEETINITY_VERSION);
  }
  return 0;
}

int RunCompletion(const CLI::App& app, std::string_view shell) {
  if (shell != "bash")
    return Fail(fmt::format("there is no completion for {}; bash is served, and zsh with bashcompinit", shell));
  fmt::print("{}", BashCompletion(app));
  return 0;
}

}  // namespace meetinity::cli
