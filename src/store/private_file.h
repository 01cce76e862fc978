#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::store {

// Files that only their owner may read: keys and credentials.

// After a crash there is the old file or the new one, never a part of one. Mode 0600.
Status WritePrivateFile(const std::string& path, std::string_view bytes);

// Nothing when there is no such file; refuses one that is larger than `bytes_max`.
Result<std::optional<std::string>> ReadPrivateFile(const std::string& path, uint64_t bytes_max);

}  // namespace meetinity::store
