#include "cli/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace meetinity::cli {
namespace {

using nlohmann::json;

Error Unusable(std::string_view what, const std::string& path) {
  return Error{Kind::kUnavailable, kDataDirectoryUnusable,
               fmt::format("cannot {} {}: {}; choose another with --data-dir or MEETINITY_DATA", what, path,
                           std::strerror(errno))};
}

// Closes a descriptor when the scope ends.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unusable("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  {
    const Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (file.fd < 0) return Unusable("write", temporary);
    TRY(WriteAll(file.fd, bytes, temporary));
    if (::fsync(file.fd) != 0) return Unusable("sync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return Unusable("replace", path);
  const std::string folder = std::filesystem::path(path).parent_path();
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) return Unusable("sync", folder);
  return {};
}

Result<std::string> ReadFile(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return Unusable("read", path);
  std::string bytes;
  char buffer[16'384];
  while (true) {
    const ssize_t got = ::read(file.fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unusable("read", path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
  }
}

std::string DataDirectory::DefaultPath() {
  if (std::string path = Environment("MEETINITY_DATA"); !path.empty()) return path;
  if (const std::string base = Environment("XDG_DATA_HOME"); !base.empty()) return base + "/meetinity";
  return Environment("HOME") + "/.local/share/meetinity";
}

Result<DataDirectory> DataDirectory::Open(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) {
    errno = failed.value();
    return Unusable("create", path);
  }
  if (::chmod(path.c_str(), 0700) != 0) return Unusable("make private", path);
  const std::string lock_path = path + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Unusable("open", lock_path);
  DataDirectory directory(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Unusable("lock", lock_path);
    return Error{Kind::kConflict, kAlreadyRunning,
                 fmt::format("a cloud already runs on {}; stop it with 'meetinity down'", path)};
  }
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept : path_(std::move(other.path_)), lock_(other.lock_) {
  other.lock_ = -1;
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<CloudIdentity> DataDirectory::Identity(const std::string& wanted_account,
                                              const std::string& wanted_region) const {
  const std::string path = path_ + "/cloud.json";
  CloudIdentity identity;
  if (!std::filesystem::exists(path)) {
    if (!wanted_account.empty()) identity.account = wanted_account;
    if (!wanted_region.empty()) identity.region = wanted_region;
    const json kept = {{"layout", kDataLayout}, {"account", identity.account}, {"region", identity.region}};
    TRY(WriteFileAtomically(path, kept.dump(2) + "\n"));
    return identity;
  }
  const json kept = json::parse(TRY(ReadFile(path)), nullptr, false);
  if (!kept.is_object() || !kept.contains("layout") || !kept["layout"].is_number_integer()) {
    return Error{Kind::kInvalid, kDataDirectoryUnusable,
                 fmt::format("{} is damaged; restore it from a backup, or start with another --data-dir", path)};
  }
  if (kept["layout"].get<int>() > kDataLayout) {
    return Error{Kind::kInvalid, kDataDirectoryUnusable,
                 fmt::format("{} was written by a newer meetinity (layout {}, this one knows {}); run that version, or "
                             "start with another --data-dir",
                             path_, kept["layout"].get<int>(), kDataLayout)};
  }
  identity.account = kept.value("account", identity.account);
  identity.region = kept.value("region", identity.region);
  if ((!wanted_account.empty() && wanted_account != identity.account) ||
      (!wanted_region.empty() && wanted_region != identity.region)) {
    return Error{Kind::kConflict, kDataDirectoryUnusable,
                 fmt::format("{} belongs to account {} in {}, which every ARN in it says; start another account or "
                             "region with its own --data-dir",
                             path_, identity.account, identity.region)};
  }
  return identity;
}

Status DataDirectory::Announce(const RunningCloud& running) const {
  const json file = {{"process_id", running.process_id}, {"address", running.address},
                     {"api_port", running.api_port},     {"http_port", running.http_port},
                     {"https_port", running.https_port}, {"dns_port", running.dns_port},
                     {"started_at", running.started_at}};
  return WriteFileAtomically(path_ + "/running.json", file.dump(2) + "\n");
}

void DataDirectory::Withdraw() const { ::unlink((path_ + "/running.json").c_str()); }

Result<RunningCloud> DataDirectory::FindRunning(const std::string& path) {
  const Error not_running{Kind::kUnavailable, kNotRunning,
                          fmt::format("no cloud runs on {}; start one with 'meetinity up --detach'", path)};
  // The lock tells, not the file: a cloud that was killed leaves its file behind.
  const Descriptor lock{::open((path + "/lock").c_str(), O_RDWR | O_CLOEXEC)};
  if (lock.fd < 0 || ::flock(lock.fd, LOCK_EX | LOCK_NB) == 0) return not_running;
  const Result<std::string> text = ReadFile(path + "/running.json");
  if (!text.ok()) return not_running;
  const json file = json::parse(*text, nullptr, false);
  if (!file.is_object()) return not_running;
  RunningCloud running;
  running.process_id = file.value("process_id", 0);
  running.address = file.value("address", "127.0.0.1");
  running.api_port = file.value("api_port", uint16_t{0});
  running.http_port = file.value("http_port", uint16_t{0});
  running.https_port = file.value("https_port", uint16_t{0});
  running.dns_port = file.value("dns_port", uint16_t{0});
  running.started_at = file.value("started_at", "");
  return running;
}

}  // namespace meetinity::cli
