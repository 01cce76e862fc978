#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/data_directory.h"
#include "wire/auth.h"

namespace meetinity::cli {

// Root's access key, from the data directory.
Result<wire::Credential> LoadRootCredential(const std::string& data_directory);

// Asks the running cloud something, signed as root, and waits for the answer. `body` empty: a GET.
Result<nlohmann::json> AskCloud(const std::string& data_directory, std::string_view path, const nlohmann::json& body);

}  // namespace meetinity::cli
