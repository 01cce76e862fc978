// A disk that is really full: a child mounts two megabytes of its own and fills them.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>

#include "store/blob_store.h"
#include "store/temporary_directory.h"
#include "store/test_records.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kNotAllowed = "mounting is not allowed here";

// Mounts on `directory` for this process alone, as root or in a user namespace of its own.
bool MountSmallDisk(const std::string& directory) {
  const uid_t user = ::getuid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  }
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", directory.c_str(), "tmpfs", 0, "size=2m") == 0;
}

// Runs `body` in a child on a small disk; what it complains of, or nothing.
std::string OnASmallDisk(const std::function<Status(const std::string& directory)>& body) {
  const TemporaryDirectory directory;
  std::array<int, 2> pipe{};
  CHECK(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string complaint(kNotAllowed);
    if (MountSmallDisk(directory.path())) {
      const Status status = body(directory.path());
      complaint = status.ok() ? "" : status.error().detail;
    }
    ::_exit(::write(pipe[1], complaint.data(), complaint.size()) < 0 ? 1 : 0);
  }
  ::close(pipe[1]);
  std::string complaint(4096, '\0');
  complaint.resize(static_cast<size_t>(std::max<ssize_t>(0, ::read(pipe[0], complaint.data(), complaint.size()))));
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? complaint : "the child crashed";
}

Status Expect(bool condition, std::string what) {
  if (condition) return {};
  return Internal(std::move(what));
}

constexpr int kMoreThanFits = 1000;

Status FillDatabase(const std::string& directory) {
  const auto open = [&] { return Database::Open(directory + "/state.db", TestMigrations()); };
  std::unique_ptr<Database> database = TRY(open());
  int64_t stored = 0;
  Status status;
  while (status.ok() && stored < kMoreThanFits) {
    const Label label{std::to_string(stored) + std::string(10'000, 'x')};
    status = database->Write([&](Tx& tx) { return tx.Put(label); });
    stored += status.ok() ? 1 : 0;
  }
  TRY(Expect(!status.ok(), "the disk never became full"));
  TRY(Expect(status.error().name == kDiskFull, status.error().detail));
  TRY(Expect(TRY(database->Read([](const ReadTx& tx) { return tx.Count<Label>(""); })) == stored, "a write was lost"));
  database.reset();
  database = TRY(open());
  return Expect(TRY(database->Read([](const ReadTx& tx) { return tx.Count<Label>(""); })) == stored,
                "a write was lost by reopening");
}

Status FillBlobs(const std::string& directory) {
  const std::unique_ptr<BlobStore> blobs = TRY(BlobStore::Open(directory));
  const auto store = [&](size_t size) -> Result<BlobId> {
    const auto writer = TRY(blobs->Create());
    TRY(writer->Append(std::string(size, 'x')));
    return writer->Seal();
  };
  const BlobId small = TRY(store(100'000));
  const Result<BlobId> large = store(10'000'000);
  TRY(Expect(!large.ok(), "the disk never became full"));
  TRY(Expect(large.error().name == kDiskFull && large.error().kind == Kind::kUnavailable, large.error().detail));
  TRY(store(100'000));  // the large one left nothing behind
  Status status;
  for (int i = 0; status.ok() && i < kMoreThanFits; ++i) {
    const Result<BlobId> another = store(100'000);
    if (!another.ok()) status = another.error();
  }
  TRY(Expect(!status.ok(), "the disk never became full of packed blobs"));
  TRY(Expect(status.error().name == kDiskFull && status.error().kind == Kind::kUnavailable, status.error().detail));
  const auto reader = TRY(blobs->OpenBlob(small));
  return Expect(TRY(reader->Read(0, 1'000'000)) == std::string(100'000, 'x'), "an older blob changed");
}

TEST(DiskFull, RefusesWritesByNameAndKeepsWhatWasAcknowledged) {
  const std::string complaint = OnASmallDisk(FillDatabase);
  if (complaint == kNotAllowed) GTEST_SKIP() << complaint;
  EXPECT_EQ(complaint, "");
}

TEST(DiskFull, RefusesBlobsByNameAndLeavesNothingOfThem) {
  const std::string complaint = OnASmallDisk(FillBlobs);
  if (complaint == kNotAllowed) GTEST_SKIP() << complaint;
  EXPECT_EQ(complaint, "");
}

}  // namespace
}  // namespace meetinity::store
