// Commands that tell clients how to reach the cloud: output, env, ca.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/data_directory.h"
#include "cli/terminal.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

// In single quotes, whatever is in it: for a shell's eval.
std::string ShellQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

Result<json> ReadOutputs(const std::string& data_directory) {
  const std::string path = data_directory + "/outputs.json";
  if (!std::filesystem::exists(path)) {
    return Error{Kind::kNotFound, "NoOutputs", "there are no outputs yet; 'meetinity up' makes them"};
  }
  json outputs = json::parse(TRY(ReadFile(path)), nullptr, false);
  if (!outputs.is_object())
    return Error{Kind::kInvalid, "NoOutputs", fmt::format("{} is damaged; run 'meetinity up'", path)};
  return outputs;
}

int PrintOne(const json& outputs, const OutputOptions& options) {
  const auto output = outputs.find(options.name);
  if (output == outputs.end()) {
    std::string names;
    for (const auto& [name, value] : outputs.items()) names += (names.empty() ? "" : ", ") + name;
    return Fail(fmt::format("there is no output {}; there are {}", options.name, names.empty() ? "none" : names));
  }
  const std::string value = (*output).value("value", "");
  if (options.raw) {
    fmt::print("{}", value);  // without a newline, as terraform does, so that $(…) and files get the value alone
  } else {
    fmt::print("{}\n", json(value).dump());
  }
  return 0;
}

}  // namespace

int RunOutput(const GlobalOptions& global, const OutputOptions& options) {
  const auto outputs = ReadOutputs(global.data_directory);
  if (!outputs.ok()) return Fail(outputs.error().detail);
  if (!options.name.empty()) return PrintOne(*outputs, options);
  if (options.raw) return Fail("-raw prints one output: name it");
  if (options.json) {
    fmt::print("{}\n", outputs->dump(2));
    return 0;
  }
  for (const auto& [name, output] : outputs->items()) {
    const bool sensitive = output.value("sensitive", false);
    fmt::print("{} = {}\n", name, sensitive ? "<sensitive>" : json(output.value("value", "")).dump());
  }
  return 0;
}

int RunEnv(const GlobalOptions& global, bool as_json) {
  const auto running = DataDirectory::FindRunning(global.data_directory);
  if (!running.ok()) return Fail(running.error().detail);
  const auto root = LoadRootCredential(global.data_directory);
  if (!root.ok()) return Fail(root.error().detail);
  const auto identity = ReadFile(global.data_directory + "/cloud.json");
  const json cloud = identity.ok() ? json::parse(*identity, nullptr, false) : json();
  const std::string region = cloud.is_object() ? cloud.value("region", "eu-west-1") : "eu-west-1";
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"AWS_ENDPOINT_URL", fmt::format("http://{}:{}", running->address, running->api_port)},
      {"AWS_ACCESS_KEY_ID", root->access_key_id},
      {"AWS_SECRET_ACCESS_KEY", root->secret_access_key},
      {"AWS_REGION", region},
      {"AWS_DEFAULT_REGION", region},
      {"AWS_CA_BUNDLE", global.data_directory + "/ca/ca.pem"},
      {"AWS_EC2_METADATA_DISABLED", "true"},
  };
  if (as_json) {
    json object = json::object();
    for (const auto& [name, value] : settings) object[name] = value;
    fmt::print("{}\n", object.dump(2));
    return 0;
  }
  for (const auto& [name, value] : settings) fmt::print("export {}={}\n", name, ShellQuoted(value));
  // A token or a profile of another account would win over these keys.
  fmt::print("unset AWS_SESSION_TOKEN AWS_PROFILE\n");
  return 0;
}

int RunCa(const GlobalOptions& global, bool path_only) {
  const std::string path = global.data_directory + "/ca/ca.pem";
  if (!std::filesystem::exists(path)) return Fail("there is no authority yet; 'meetinity up' makes one");
  if (path_only) {
    fmt::print("{}\n", path);
    return 0;
  }
  const auto pem = ReadFile(path);
  if (!pem.ok()) return Fail(pem.error().detail);
  fmt::print("{}", *pem);
  return 0;
}

}  // namespace meetinity::cli
