#pragma once

#include <string_view>

// Every refusal of this room.
namespace meetinity::store {

// The data directory was written by a newer program. Start that one, or choose another directory.
inline constexpr std::string_view kNewerVersion = "DataDirectoryOfANewerVersion";
// Another process holds the data directory.
inline constexpr std::string_view kDataDirectoryInUse = "DataDirectoryInUse";
// More writers wait than may, or SQLite's lock is held too long. Try again.
inline constexpr std::string_view kStoreBusy = "StoreBusy";
// Nothing was changed; free some space and try again.
inline constexpr std::string_view kDiskFull = "DiskFull";
// A unique index or a foreign key forbids the change.
inline constexpr std::string_view kConstraintBroken = "ConstraintBroken";
inline constexpr std::string_view kBlobMissing = "BlobMissing";
// More lines wait to be taken away than may. Nothing was kept.
inline constexpr std::string_view kSpoolFull = "SpoolFull";
inline constexpr std::string_view kGoldenMissing = "GoldenMissing";

}  // namespace meetinity::store
