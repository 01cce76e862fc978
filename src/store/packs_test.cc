#include "store/packs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/random.h"
#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

using Places = std::vector<PackPlace>;

// The smallest blob that stays in its file until it is read.
constexpr size_t kPinned = kChunkBytes + 1;

class PacksTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(EnsureDirectory(directory_ / "packs").ok());
    ASSERT_TRUE(EnsureDirectory(directory_ / "trash").ok());
    trash_ = std::make_unique<Trash>(directory_ / "trash");
    Reopen();
  }
  void Reopen() {
    packs_.reset();
    auto opened = Packs::Open({directory_ / "packs", directory_ / "golden-packs", ++run_}, key_, *trash_);
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    packs_ = std::move(opened).value();
  }

  PackPlace Store(const std::string& bytes) { return packs_->Append(bytes).value(); }
  std::string Load(const PackPlace& place) {
    const auto reader = packs_->OpenBlob(place);
    if (!reader.ok()) return std::string(reader.error().name);
    return (*reader)->Read(0, place.length).value();
  }
  size_t Sweep(SweepOf which, const Places& referenced) {
    const auto is_referenced = [&](const PackPlace& place) {
      return std::find(referenced.begin(), referenced.end(), place) != referenced.end();
    };
    return packs_->Sweep(which, is_referenced, {}).value();
  }
  std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / "packs")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }
  uint64_t BytesOnDisk() {
    uint64_t bytes = 0;
    for (const std::string& path : Files()) {
      struct stat status {};
      EXPECT_EQ(::stat(path.c_str(), &status), 0);
      bytes += static_cast<uint64_t>(status.st_blocks) * 512;
    }
    return bytes;
  }
  void Truncate(const std::string& path, uint64_t size) { std::filesystem::resize_file(path, size); }

  TemporaryDirectory directory_;
  const std::string key_ = RandomBytes(kMasterKeyBytes);
  std::unique_ptr<Trash> trash_;
  RunNumber run_ = 0;
  std::unique_ptr<Packs> packs_;
};

TEST_F(PacksTest, PutsManyBlobsInOneFile) {
  std::vector<std::pair<PackPlace, std::string>> blobs;
  for (const size_t size : {0UL, 1UL, 63UL, 64UL, 4096UL, 70'000UL, kPackedBytesMax}) {
    const std::string bytes = RandomBytes(size);
    blobs.emplace_back(Store(bytes), bytes);
  }
  for (int opening = 0; opening < 2; ++opening, Reopen()) {
    for (const auto& [place, bytes] : blobs) EXPECT_EQ(Load(place), bytes);
  }
  EXPECT_EQ(Files().size(), 1U);
}

TEST_F(PacksTest, BeginsANewFileInEveryRun) {
  const PackPlace first = Store("first");
  Reopen();
  const PackPlace second = Store("second");
  EXPECT_NE(first.pack, second.pack);
  EXPECT_EQ(Load(first), "first");
  EXPECT_EQ(Load(second), "second");
}

TEST_F(PacksTest, GivesBackTheRoomOfWhatIsRemoved) {
  Places places;
  for (int i = 0; i < 200; ++i) places.push_back(Store(RandomBytes(10'000)));
  const uint64_t full = BytesOnDisk();
  for (size_t i = 0; i < places.size(); ++i) {
    if (i % 2 == 0) packs_->Remove(places[i]);
  }
  for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(Load(places[i]) == kBlobMissing, i % 2 == 0);
  ASSERT_TRUE(packs_->SaveGolden().ok());  // closes the pack
  packs_->Drain();
  EXPECT_LT(BytesOnDisk(), full * 8 / 10);
  for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(Load(places[i]) == kBlobMissing, i % 2 == 0);
}

TEST_F(PacksTest, GivesBackBlocksThatRemovedRecordsShared) {
  Places places;
  for (int i = 0; i < 640; ++i) places.push_back(Store(RandomBytes(50)));
  const PackPlace last = Store("last");
  Reopen();  // so that the pack is not written any more
  for (const PackPlace& place : places) packs_->Remove(place);
  packs_->Drain();
  EXPECT_LE(BytesOnDisk(), 4 * 4096U);
  EXPECT_EQ(Load(last), "last");
}

TEST_F(PacksTest, GivesBackAtCloseWhatWasRemovedWhileItWrote) {
  for (int i = 0; i < 640; ++i) packs_->Remove(Store(RandomBytes(50)));
  packs_->Drain();
  const PackPlace last = Store("last");
  ASSERT_TRUE(packs_->SaveGolden().ok());  // closes the pack
  packs_->Drain();
  EXPECT_LE(BytesOnDisk(), 4 * 4096U);
  EXPECT_EQ(Load(last), "last");
}

TEST_F(PacksTest, GivesBackAfterItsReaderWhatWasRemovedWhileThePackWasWritten) {
  const PackPlace read = Store(RandomBytes(kPinned)), kept = Store("kept");
  auto reader = packs_->OpenBlob(read).value();
  packs_->Remove(read);
  ASSERT_TRUE(packs_->SaveGolden().ok());  // closes the pack
  packs_->Drain();
  EXPECT_TRUE(reader->Read(0, read.length).ok());
  reader.reset();
  packs_->Drain();
  EXPECT_EQ(Load(read), kBlobMissing);
  EXPECT_EQ(Load(kept), "kept");
  EXPECT_LE(BytesOnDisk(), 4 * 4096U);
}

TEST_F(PacksTest, RemovesAFileWithItsLastRecord) {
  const PackPlace only = Store("only");
  Reopen();
  packs_->Remove(only);
  packs_->Drain();
  EXPECT_TRUE(Files().empty());
  packs_->Remove(only);
  EXPECT_EQ(Load(only), kBlobMissing);
}

TEST_F(PacksTest, KeepsTheRoomOfWhatIsStillRead) {
  const std::string bytes = RandomBytes(kPinned);
  const PackPlace only = Store(bytes);
  Reopen();
  auto reader = packs_->OpenBlob(only).value();
  packs_->Remove(only);
  packs_->Drain();
  EXPECT_EQ(reader->Read(0, kPinned).value(), bytes);
  reader.reset();
  packs_->Drain();
  EXPECT_TRUE(Files().empty());
}

TEST_F(PacksTest, ASmallBlobIsReadWholeWhenItIsOpened) {
  const PackPlace only = Store("only");
  Reopen();
  const auto reader = packs_->OpenBlob(only).value();
  packs_->Remove(only);
  packs_->Drain();
  EXPECT_TRUE(Files().empty());
  EXPECT_EQ(reader->Read(0, 4).value(), "only");
  EXPECT_EQ(reader->Read(1, 2).value(), "nl");
  EXPECT_EQ(reader->Read(3, 9).value(), "y");
  EXPECT_EQ(reader->Read(4, 1).value(), "");
}

// More readers than may hold what they read: the others leave it in the file, which stays for them.
TEST_F(PacksTest, ManyReadersOfSmallBlobsHoldABoundedPart) {
  const std::string bytes = RandomBytes(kChunkBytes);
  const PackPlace only = Store(bytes);
  Reopen();
  std::vector<std::shared_ptr<const BlobReader>> readers;
  for (int i = 0; i < 1100; ++i) readers.push_back(packs_->OpenBlob(only).value());
  packs_->Remove(only);
  packs_->Drain();
  EXPECT_EQ(Files().size(), 1U);
  EXPECT_EQ(readers.front()->Read(0, kChunkBytes).value(), bytes);
  EXPECT_EQ(readers.back()->Read(0, kChunkBytes).value(), bytes);
  readers.clear();
  packs_->Drain();
  EXPECT_TRUE(Files().empty());
}

TEST_F(PacksTest, AReaderMayOutliveThePacks) {
  for (const size_t size : {size_t{4}, kPinned}) {
    const std::string bytes = RandomBytes(size);
    const PackPlace only = Store(bytes);
    const auto reader = packs_->OpenBlob(only).value();
    packs_->Remove(only);
    packs_.reset();
    EXPECT_EQ(reader->Read(0, size).value(), bytes);
    Reopen();
  }
}

TEST_F(PacksTest, SharesSyncsAmongWriters) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const std::string bytes = RandomBytes(3000);
        const PackPlace place = Store(bytes);
        ASSERT_EQ(Load(place), bytes);
        if (i % 3 == 0) packs_->Remove(place);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Files().size(), 1U);
  EXPECT_EQ(Sweep(SweepOf::kEverything, {}), 8U * 33);
}

// --- after a crash

TEST_F(PacksTest, SweepsARecordThatWasCutOffAndKeepsThoseBefore) {
  const PackPlace kept = Store("kept"), torn = Store(RandomBytes(10'000));
  for (const uint64_t left : {9'999UL, 5'000UL, 32UL, 31UL, 1UL}) {
    packs_.reset();
    Truncate(Files().front(), torn.offset + left);
    Reopen();
    EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, {kept}), 0U);
    EXPECT_EQ(Load(kept), "kept");
    const auto reader = packs_->OpenBlob(torn);
    EXPECT_FALSE(reader.ok() && (*reader)->Read(0, torn.length).ok()) << left;
  }
}

TEST_F(PacksTest, SweepsRecordsBehindOneThatNeverReachedTheDisk) {
  const PackPlace hole = Store(RandomBytes(10'000)), kept = Store("kept"), lost = Store("lost");
  packs_.reset();
  {
    const FileDescriptor file = OpenFile(Files().front(), O_RDWR).value();
    ASSERT_TRUE(WriteAllAt(file.get(), std::string(PackRecordBytes(hole.length), '\0'), hole.offset).ok());
  }
  Reopen();
  EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, {kept}), 1U);
  EXPECT_EQ(Load(kept), "kept");
  EXPECT_EQ(Load(lost), kBlobMissing);
  EXPECT_EQ(Load(hole), kBlobMissing);
}

TEST_F(PacksTest, TouchesNothingBehindBytesThatItDoesNotUnderstand) {
  const PackPlace damaged = Store("damaged"), behind = Store("behind");
  packs_.reset();
  {
    const FileDescriptor file = OpenFile(Files().front(), O_RDWR).value();
    ASSERT_TRUE(WriteAllAt(file.get(), "#", damaged.offset + 2).ok());
  }
  Reopen();
  EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, {}), 0U);
  EXPECT_EQ(Load(behind), "behind");
  EXPECT_EQ(packs_->OpenBlob(damaged).error().kind, Kind::kInternal);
}

TEST_F(PacksTest, KeepsAReferencedBlobWhateverElseASweepRemoves) {
  Places referenced, others;
  for (int i = 0; i < 300; ++i)
    (i % 3 == 0 ? referenced : others).push_back(Store(RandomBytes(static_cast<size_t>(i * 40))));
  Reopen();
  EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, referenced), others.size());
  EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, referenced), 0U);
  for (const PackPlace& place : referenced) EXPECT_NE(Load(place), kBlobMissing);
  for (const PackPlace& place : others) EXPECT_EQ(Load(place), kBlobMissing);
}

TEST_F(PacksTest, SweepsNothingGoldenUntilAnotherGoldenStateTakesItsPlace) {
  const PackPlace golden = Store("golden"), other = Store("other");
  ASSERT_TRUE(packs_->SaveGolden().ok());
  Reopen();
  EXPECT_EQ(Sweep(SweepOf::kEarlierRuns, {other}), 0U);
  EXPECT_EQ(Load(golden), "golden");
  ASSERT_TRUE(packs_->SaveGolden().ok());
  EXPECT_EQ(Load(golden), kBlobMissing);
  EXPECT_EQ(Load(other), "other");
}

// --- the walk over bytes that nobody can vouch for

TEST(PackWalkTest, GivesOutWellFormedPlacesOnly) {
  const TemporaryDirectory directory;
  for (int round = 0; round < 200; ++round) {
    const std::string path = directory / std::to_string(round);
    const FileDescriptor file = OpenFile(path, O_RDWR | O_CREAT).value();
    std::string bytes(kPackRecordsFrom, '\0');
    std::set<uint32_t> written;
    const std::string dice = RandomBytes(24);
    for (const char die : dice) {
      const auto number = static_cast<unsigned char>(die);
      const PackPlace place{7, static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(number) * 11};
      if (number % 3 == 0) {
        bytes.append(number / 3U * kPackQuantum, '\0');
        continue;
      }
      written.insert(place.offset);
      AppendPackRecordHeader(place, bytes);
      bytes += RandomBytes(SealedSize(place.length));
      bytes.resize(place.offset + PackRecordBytes(place.length));
    }
    if (round % 4 == 0) bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    if (round % 4 == 1) bytes.resize(bytes.size() - bytes.size() / 3);
    ASSERT_TRUE(WriteAllAt(file.get(), bytes, 0).ok());
    std::set<uint32_t> seen;
    const PackWalk walk = WalkPack(file.get(), 7, [&](const PackPlace& place) -> Status {
                            EXPECT_TRUE(written.contains(place.offset));
                            EXPECT_LE(place.offset + kPackRecordHeaderBytes + SealedSize(place.length), bytes.size());
                            seen.insert(place.offset);
                            return {};
                          }).value();
    EXPECT_LE(walk.end, bytes.size());
    if (round % 4 >= 2) {
      EXPECT_EQ(seen, written);
      EXPECT_TRUE(walk.whole);
    }
    EXPECT_FALSE(WalkPack(file.get(), 8, [](const PackPlace&) { return Status(); }).value().whole && !seen.empty())
        << "records of another pack are not taken for this one's";
  }
}

}  // namespace
}  // namespace meetinity::store
