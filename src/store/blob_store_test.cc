#include "store/blob_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/random.h"
#include "store/blob_cipher.h"
#include "store/files.h"
#include "store/pack_format.h"
#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

// More than a pack takes.
constexpr size_t kLarge = kPackedBytesMax + 1;

class BlobStoreTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    blobs_.reset();
    auto opened = BlobStore::Open(directory_ / "blobs-of-ours");
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    blobs_ = std::move(opened).value();
  }

  BlobId Store(const std::string& bytes) {
    auto writer = blobs_->Create();
    EXPECT_TRUE((*writer)->Append(bytes).ok());
    return *(*writer)->Seal();
  }
  std::string Load(const BlobId& id) {
    const auto reader = blobs_->OpenBlob(id);
    if (!reader.ok()) return std::string(reader.error().name);
    return *(*reader)->Read(0, static_cast<size_t>((*reader)->size()));
  }
  size_t FilesIn(const std::string& folder) {
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ / "blobs-of-ours/" + folder)) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    return files;
  }

  std::string OnlyFileIn(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ / "blobs-of-ours/" + folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    CHECK(files.size() == 1);
    return files.front();
  }
  static void FlipBit(const std::string& path, off_t at) {
    const FileDescriptor file = *OpenFile(path, O_RDWR);
    char byte = 0;
    ASSERT_EQ(PositionedRead(file.get(), &byte, 1, static_cast<uint64_t>(at)), 1);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_TRUE(WriteAllAt(file.get(), std::string_view(&byte, 1), static_cast<uint64_t>(at)).ok());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<BlobStore> blobs_;
};

TEST_F(BlobStoreTest, GivesBackWhatWasAppended) {
  const std::string bytes = RandomBytes(300'000);
  auto writer = blobs_->Create();
  for (size_t at = 0; at < bytes.size(); at += 70'001)
    ASSERT_TRUE((*writer)->Append(std::string_view(bytes).substr(at, 70'001)).ok());
  EXPECT_EQ((*writer)->size(), bytes.size());
  const BlobId id = *(*writer)->Seal();
  Reopen();
  const auto reader = *blobs_->OpenBlob(id);
  EXPECT_EQ(reader->size(), bytes.size());
  EXPECT_EQ(*reader->Read(0, 1'000'000), bytes);
  EXPECT_EQ(*reader->Read(299'990, 100), bytes.substr(299'990));
  EXPECT_EQ(*reader->Read(5, 7), bytes.substr(5, 7));
  EXPECT_EQ(*reader->Read(131'000, 100'000), bytes.substr(131'000, 100'000));
  EXPECT_EQ(*reader->Read(300'000, 1), "");
}

TEST_F(BlobStoreTest, GivesBackEverySize) {
  for (const int chunks : {0, 1, 2, 4, 5}) {
    for (const int more : {-1, 0, 1}) {
      if (chunks + more < 0) continue;
      const std::string bytes = RandomBytes(static_cast<size_t>(chunks * static_cast<int>(kChunkBytes) + more));
      EXPECT_EQ(Load(Store(bytes)), bytes) << bytes.size();
    }
  }
}

// By their id alone they are told from those of today.
TEST_F(BlobStoreTest, ReadsThePlainBlobsOfOlderPrograms) {
  const BlobId id{"00112233445566778899aabbccddeeff"};
  std::ofstream(directory_ / "blobs-of-ours/blobs/00/" + id.text) << "plain";
  EXPECT_EQ(Load(id), "plain");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  blobs_->Remove(id);
  ASSERT_TRUE(blobs_->RestoreGolden().ok());
  EXPECT_EQ(Load(id), "plain");
}

TEST_F(BlobStoreTest, KeepsAnEmptyBlob) { EXPECT_EQ(Load(Store("")), ""); }

TEST_F(BlobStoreTest, NamesAreNewAndPlain) {
  for (const size_t size : {4UL, kLarge}) {
    const BlobId a = Store(std::string(size, 'x')), b = Store(std::string(size, 'x'));
    EXPECT_NE(a, b);
    EXPECT_EQ(a.text.find_first_not_of("0123456789abcdefp"), std::string::npos) << a.text;
  }
}

TEST_F(BlobStoreTest, LeavesNothingOfAnUnsealedBlob) {
  {
    auto writer = blobs_->Create();
    ASSERT_TRUE((*writer)->Append(std::string(kLarge, 'h')).ok());
    EXPECT_EQ(FilesIn("staging"), 1U);
  }
  EXPECT_EQ(FilesIn("staging"), 0U);
  EXPECT_EQ(FilesIn("blobs"), 0U);
}

TEST_F(BlobStoreTest, RemovesABlobWhileAReaderGoesOn) {
  for (const size_t size : {5UL, kLarge}) {
    const std::string bytes = RandomBytes(size);
    const BlobId id = Store(bytes);
    const auto reader = *blobs_->OpenBlob(id);
    blobs_->Remove(id);
    blobs_->Remove(id);
    EXPECT_EQ(*reader->Read(0, size), bytes);
    EXPECT_EQ(blobs_->OpenBlob(id).error().name, kBlobMissing);
  }
}

TEST_F(BlobStoreTest, RefusesWhatIsNoBlobId) {
  std::ofstream(directory_ / "secret") << "x";
  for (const std::string text : {"", "..", "../../../secret", "ABCDEF0123456789ABCDEF0123456789"}) {
    EXPECT_EQ(blobs_->OpenBlob(BlobId{text}).error().kind, Kind::kNotFound) << text;
    blobs_->Remove(BlobId{text});
  }
  EXPECT_TRUE(std::filesystem::exists(directory_ / "secret"));
}

TEST_F(BlobStoreTest, SweepsWhatNobodyReferences) {
  const BlobId kept = Store("kept"), lost = Store("lost");
  const BlobId large_kept = Store(std::string(kLarge, 'k')), large_lost = Store(std::string(kLarge, 'l'));
  auto abandoned = blobs_->Create();
  ASSERT_TRUE((*abandoned)->Append(std::string(kLarge, 'a')).ok());
  const auto is_referenced = [&](const BlobId& id) { return id == kept || id == large_kept; };
  EXPECT_EQ(*blobs_->Sweep(SweepOf::kEarlierRuns, is_referenced, {}), 0U) << "somebody may be about to name them";
  EXPECT_EQ(*blobs_->Sweep(SweepOf::kEverything, is_referenced, {}), 3U);
  EXPECT_EQ(Load(kept), "kept");
  EXPECT_EQ(Load(lost), kBlobMissing);
  EXPECT_EQ(Load(large_kept), std::string(kLarge, 'k'));
  EXPECT_EQ(Load(large_lost), kBlobMissing);
  EXPECT_EQ(FilesIn("staging"), 0U);
}

TEST_F(BlobStoreTest, SweepsEarlierRunsWhileOthersWrite) {
  const BlobId kept = Store("kept"), lost = Store("lost"), large_lost = Store(std::string(kLarge, 'l'));
  Reopen();
  const BlobId now = Store("now"), large_now = Store(std::string(kLarge, 'n'));
  const auto is_referenced = [&](const BlobId& id) { return id == kept; };
  EXPECT_EQ(*blobs_->Sweep(SweepOf::kEarlierRuns, is_referenced, {}), 2U);
  EXPECT_EQ(Load(kept), "kept");
  EXPECT_EQ(Load(lost), kBlobMissing);
  EXPECT_EQ(Load(large_lost), kBlobMissing);
  EXPECT_EQ(Load(now), "now");
  EXPECT_EQ(Load(large_now), std::string(kLarge, 'n'));
}

TEST_F(BlobStoreTest, EndsASweepThatIsToldTo) {
  Store("one"), Store("two");
  std::stop_source stop;
  const auto stopping = [&](const BlobId&) {
    stop.request_stop();
    return true;
  };
  EXPECT_TRUE(blobs_->Sweep(SweepOf::kEverything, stopping, stop.get_token()).ok());
  EXPECT_EQ(*blobs_->Sweep(
                SweepOf::kEverything, [](const BlobId&) { return false; }, stop.get_token()),
            0U);
}

// Bits are flipped in turn all over the file: in its head, in the record's or first chunk's beginning, and further on.
TEST_F(BlobStoreTest, NeverGivesOutDamagedBytes) {
  const std::string small = RandomBytes(100), large = RandomBytes(kLarge);
  const BlobId small_id = Store(small), large_id = Store(large);
  for (const std::string folder : {"packs", "blobs"}) {
    const BlobId& id = folder == "packs" ? small_id : large_id;
    const std::string& bytes = folder == "packs" ? small : large;
    const std::string path = OnlyFileIn(folder);
    const auto size = static_cast<off_t>(std::filesystem::file_size(path));
    for (off_t at = 0; at < size; at += at < 40 ? 1 : at < 4000 ? 495 : at < 4300 ? 7 : 14'983) {
      FlipBit(path, at);
      Reopen();
      const auto reader = blobs_->OpenBlob(id);
      const Result<std::string> read = reader.ok() ? (*reader)->Read(0, bytes.size()) : reader.error();
      EXPECT_TRUE(!read.ok() || *read == bytes) << folder << " at byte " << at;
      EXPECT_FALSE(at < 40 && read.ok()) << "magic and salt matter, at byte " << at;
      FlipBit(path, at);
    }
    Reopen();
    EXPECT_EQ(Load(id), bytes);
  }
}

TEST_F(BlobStoreTest, TellsAFileThatWasCutOff) {
  const BlobId id = Store(RandomBytes(5 * kChunkBytes));
  const std::string path = OnlyFileIn("blobs");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - kChunkBytes - kTagBytes);
  const auto reader = *blobs_->OpenBlob(id);
  EXPECT_FALSE(reader->Read(3 * kChunkBytes, 100).ok()) << "the new last chunk does not say that it is the last";
}

TEST_F(BlobStoreTest, HidesWhatItKeeps) {
  const std::string secret = "nobody who copies the disk reads this";
  Store(secret);
  Store(std::string(kLarge, 'x') + secret);
  for (const std::string folder : {"packs", "blobs"}) {
    std::ifstream file(OnlyFileIn(folder));
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find(secret), std::string::npos);
  }
}

TEST_F(BlobStoreTest, RefusesToStartWithoutItsKey) {
  Store("x");
  std::filesystem::remove(directory_ / "blobs-of-ours/blob-key");
  blobs_.reset();
  EXPECT_FALSE(BlobStore::Open(directory_ / "blobs-of-ours").ok()) << "a new key would hide that all is lost";
}

TEST_F(BlobStoreTest, RestoresTheGoldenBlobs) {
  for (const size_t size : {6UL, kLarge}) {
    ASSERT_TRUE(blobs_->Clear().ok());
    ASSERT_TRUE(blobs_->SaveGolden().ok());
    const std::string bytes = RandomBytes(size);
    const BlobId golden = Store(bytes);
    ASSERT_TRUE(blobs_->SaveGolden().ok());
    const BlobId later = Store(RandomBytes(size));
    blobs_->Remove(golden);
    EXPECT_EQ(Load(golden), bytes) << "a record brought back by a crashed restore must find its bytes";
    ASSERT_TRUE(blobs_->RestoreGolden().ok());
    EXPECT_EQ(Load(golden), bytes);
    EXPECT_EQ(Load(later), kBlobMissing);
    EXPECT_EQ(FilesIn("blobs") + FilesIn("packs"), 1U);

    ASSERT_TRUE(blobs_->Clear().ok());
    EXPECT_EQ(FilesIn("blobs"), 0U);
    Reopen();
    ASSERT_TRUE(blobs_->RestoreGolden().ok());
    EXPECT_EQ(Load(golden), bytes);
    EXPECT_EQ(FilesIn("blobs") + FilesIn("packs"), 1U);
  }
}

TEST_F(BlobStoreTest, ANewerGoldenStateDropsTheOlder) {
  for (const size_t size : {6UL, kLarge}) {
    const BlobId first = Store(std::string(size, '1'));
    ASSERT_TRUE(blobs_->SaveGolden().ok());
    blobs_->Remove(first);
    const BlobId second = Store(std::string(size, '2'));
    ASSERT_TRUE(blobs_->SaveGolden().ok());
    EXPECT_EQ(Load(first), kBlobMissing);
    EXPECT_EQ(Load(second), std::string(size, '2'));
  }
  EXPECT_EQ(FilesIn("golden"), 1U);
}

TEST_F(BlobStoreTest, AGoldenStateAfterAClearHoldsNothingOfTheOlder) {
  const BlobId first = Store("first");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  ASSERT_TRUE(blobs_->Clear().ok());
  const BlobId second = Store("second");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  ASSERT_TRUE(blobs_->RestoreGolden().ok());
  EXPECT_EQ(Load(first), kBlobMissing);
  EXPECT_EQ(Load(second), "second");
  EXPECT_EQ(FilesIn("packs"), 1U);
}

TEST_F(BlobStoreTest, IsReadableByItsOwnerOnly) {
  Store("x"), Store(std::string(kLarge, 'x'));
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  struct stat status {};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ / "blobs-of-ours")) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, entry.is_directory() ? 0700U : 0600U) << entry.path();
  }
}

TEST_F(BlobStoreTest, TakesManyWritersAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const std::string bytes = RandomBytes(i % 4 < 2 ? 5000 : kLarge);
        const BlobId id = Store(bytes);
        ASSERT_EQ(Load(id), bytes);
        if (i % 2 == 0) blobs_->Remove(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(FilesIn("blobs"), 16U * 5);
  EXPECT_EQ(*blobs_->Sweep(SweepOf::kEverything, [](const BlobId&) { return false; }, {}), 16U * 10);
}

}  // namespace
}  // namespace meetinity::store
