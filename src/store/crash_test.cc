// What was acknowledged survives kill -9: a child writes and says so through a pipe, is killed at a random moment, and
// its successor on the same directory must find all of it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/random.h"
#include "store/blob_store.h"
#include "store/database.h"
#include "store/pack_format.h"
#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

struct StoredObject {
  std::string name;
  std::string sha256;
  BlobId blob;
  static constexpr std::string_view kTable = "crash_objects";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    return std::tuple{Column{"name", &StoredObject::name}, Column{"sha256", &StoredObject::sha256},
                      Column{"blob", &StoredObject::blob}};
  }
};

struct Stores {
  std::unique_ptr<Database> database;
  std::unique_ptr<BlobStore> blobs;
};

Result<Stores> OpenStores(const std::string& directory) {
  Stores stores;
  stores.database = TRY(Database::Open(
      directory + "/state.db",
      {{"crash", 1, "CREATE TABLE crash_objects (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, blob TEXT NOT NULL)"}}));
  stores.blobs = TRY(BlobStore::Open(directory));
  return stores;
}

// Every so many objects one is too large for a pack.
constexpr int kLargeEvery = 10;

// Writes a new object, or over an older one, whose blob goes when the commit is durable.
Status PutObject(Stores& stores, const std::string& name, int number) {
  const std::string bytes = RandomBytes(number % kLargeEvery == 0 ? kPackedBytesMax + 1 : 2000);
  auto writer = TRY(stores.blobs->Create());
  TRY(writer->Append(bytes));
  const auto blob = TRY(writer->Seal());
  const StoredObject object{name, HexEncode(Sha256(bytes)), blob};
  return stores.database->Write([&](Tx& tx) -> Status {
    const std::optional<StoredObject> older = TRY(tx.Find<StoredObject>(name));
    stores.blobs->CommitWith(tx, object.blob);
    if (older) tx.OnCommit([&stores, blob = older->blob] { stores.blobs->Remove(blob); });
    return tx.Put(object);
  });
}

constexpr int kWriters = 8;
constexpr int kNamesEach = 40;  // few, so that objects are also overwritten

// One byte a put: the thread. The n-th byte of a thread acknowledges its n-th put. Never returns.
[[noreturn]] void WriteUntilKilled(const std::string& directory, int acknowledge) {
  Result<Stores> stores = OpenStores(directory);
  if (!stores.ok()) ::_exit(1);
  std::vector<std::thread> threads;
  for (int t = 0; t < kWriters; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        if (!PutObject(*stores, std::to_string(t) + "/" + std::to_string(i % kNamesEach), i).ok()) ::_exit(2);
        const char byte = static_cast<char>(t);
        if (::write(acknowledge, &byte, 1) != 1) ::_exit(3);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(4);
}

// Lets a child write until it has acknowledged `puts`, then kills it. Returns the acknowledged puts of each thread.
std::array<int, kWriters> RunAndKill(const std::string& directory, int puts) {
  std::array<int, kWriters> acknowledged{};
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) WriteUntilKilled(directory, pipe[1]);
  ::close(pipe[1]);
  char thread = 0;
  for (int seen = 0; ::read(pipe[0], &thread, 1) == 1; ++seen) {
    ++acknowledged[static_cast<unsigned char>(thread)];
    if (seen == puts) ::kill(child, SIGKILL);
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  return acknowledged;
}

TEST(Crash, KeepsEveryAcknowledgedRecordAndBlobAndNoOther) {
  const TemporaryDirectory directory;
  std::array<int, kWriters> most{};  // names a thread has ever acknowledged
  for (int round = 0; round < 8; ++round) {
    const int puts = 1 + static_cast<unsigned char>(RandomBytes(1)[0]);
    const std::array<int, kWriters> acknowledged = RunAndKill(directory.path(), puts);
    const Result<Stores> stores = OpenStores(directory.path());
    ASSERT_TRUE(stores.ok()) << stores.error().detail;

    std::map<std::string, bool> referenced;
    const Status whole = stores->database->Read([&](const ReadTx& tx) -> Status {
      for (const StoredObject& object : TRY(tx.Select<StoredObject>(""))) {
        const auto reader = TRY(stores->blobs->OpenBlob(object.blob));
        EXPECT_EQ(HexEncode(Sha256(TRY(reader->Read(0, 1'000'000)))), object.sha256) << object.name;
        referenced[object.blob.text] = true;
      }
      for (size_t t = 0; t < kWriters; ++t) {
        most[t] = std::max(most[t], std::min(acknowledged[t], kNamesEach));
        for (int i = 0; i < most[t]; ++i) {
          const std::string name = std::to_string(t) + "/" + std::to_string(i);
          EXPECT_TRUE(TRY(tx.Find<StoredObject>(name)).has_value()) << name << " was acknowledged in round " << round;
        }
      }
      return {};
    });
    ASSERT_TRUE(whole.ok()) << whole.error().detail;

    const auto is_referenced = [&](const BlobId& id) { return referenced.contains(id.text); };
    ASSERT_TRUE(stores->blobs->Sweep(SweepOf::kEarlierRuns, is_referenced, {}).ok());
    EXPECT_EQ(*stores->blobs->Sweep(SweepOf::kEverything, is_referenced, {}), 0U);
  }
}

}  // namespace
}  // namespace meetinity::store
