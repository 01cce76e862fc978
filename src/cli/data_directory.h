#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace meetinity::cli {

inline constexpr std::string_view kDataDirectoryUnusable = "DataDirectoryUnusable";
inline constexpr std::string_view kAlreadyRunning = "AlreadyRunning";
inline constexpr std::string_view kNotRunning = "NotRunning";

// The layout of the data directory that this program writes. A directory with a higher number is refused.
inline constexpr int kDataLayout = 1;

// What a cloud is, once and for all: it stands in every ARN.
struct CloudIdentity {
  std::string account = "123456789012";
  std::string region = "eu-west-1";
};

// Where the running cloud can be reached; written when it serves, removed when it stops.
struct RunningCloud {
  int process_id = 0;
  std::string address;  // "127.0.0.1"
  uint16_t api_port = 0, http_port = 0, https_port = 0;
  uint16_t dns_port = 0;  // 0: there is no name server
  std::string started_at;
};

// The folder that holds everything a cloud must remember. Owner-only; one process at a time has it open.
class DataDirectory {
 public:
  // $MEETINITY_DATA, else $XDG_DATA_HOME/meetinity, else ~/.local/share/meetinity.
  static std::string DefaultPath();

  // Creates it when it is not there, and takes its lock: kAlreadyRunning when another process has it.
  static Result<DataDirectory> Open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  const std::string& path() const { return path_; }
  // The identity kept here, or `wanted` when there is none yet. Refuses to change one that is kept.
  Result<CloudIdentity> Identity(const std::string& wanted_account, const std::string& wanted_region) const;
  Status Announce(const RunningCloud& running) const;
  void Withdraw() const;

  // For commands beside the running cloud; no lock is taken.
  static Result<RunningCloud> FindRunning(const std::string& path);

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

// Writes a file that is either the old one or the new one after a crash; mode 0600.
Status WriteFileAtomically(const std::string& path, std::string_view bytes);
Result<std::string> ReadFile(const std::string& path);

}  // namespace meetinity::cli
