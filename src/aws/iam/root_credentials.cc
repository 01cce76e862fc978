#include "aws/iam/root_credentials.h"

#include <fmt/format.h>

#include <map>

#include "base/random.h"
#include "base/text.h"
#include "store/private_file.h"

namespace meetinity::iam {
namespace {

constexpr uint64_t kFileBytesMax = 4096;
// AWS's own ids use the letters and digits of base32, which cannot be misread for one another.
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string ToText(const RootCredentials& root) {
  return fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\ncreated = {}\n",
                     root.access_key_id, root.secret_access_key, root.created.ToIso8601());
}

Result<RootCredentials> ParseFile(std::string_view text, const std::string& path) {
  std::map<std::string_view, std::string> values;
  for (const std::string_view line : Split(text, '\n')) {
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos) values[Trim(line.substr(0, equals))] = Trim(line.substr(equals + 1));
  }
  RootCredentials root{values["aws_access_key_id"], values["aws_secret_access_key"], {}};
  const Result<Instant> created = Instant::ParseIso8601(values["created"]);
  if (created.ok()) root.created = *created;
  if (root.access_key_id.empty() || root.secret_access_key.empty()) {
    return Internal(
        fmt::format("{} has no aws_access_key_id and aws_secret_access_key; remove it for a new key", path));
  }
  return root;
}

}  // namespace

std::string NewAccessKeyId() { return "AKIA" + RandomText(16, kIdAlphabet); }

std::string NewSecret() { return RandomText(40, kAlphanumeric); }

Result<RootCredentials> EnsureRootCredentials(const std::string& data_directory, Instant now) {
  const std::string path = data_directory + "/root-credentials";
  if (const auto text = TRY(store::ReadPrivateFile(path, kFileBytesMax))) return ParseFile(*text, path);
  const RootCredentials root{NewAccessKeyId(), NewSecret(), Instant::FromUnixSeconds(now.unix_seconds())};
  TRY(store::WritePrivateFile(path, ToText(root)));
  return root;
}

}  // namespace meetinity::iam
