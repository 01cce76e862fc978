#include "store/blob_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/random.h"
#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

class BlobStoreTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
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
  EXPECT_EQ(*reader->Read(300'000, 1), "");
  char first = 0;
  ASSERT_EQ(::pread(reader->descriptor(), &first, 1, 0), 1);
  EXPECT_EQ(first, bytes[0]);
}

TEST_F(BlobStoreTest, KeepsAnEmptyBlob) { EXPECT_EQ(Load(Store("")), ""); }

TEST_F(BlobStoreTest, NamesAreHexAndNew) {
  const BlobId a = Store("same"), b = Store("same");
  EXPECT_NE(a, b);
  EXPECT_EQ(a.text.size(), 32U);
  EXPECT_EQ(a.text.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(BlobStoreTest, LeavesNothingOfAnUnsealedBlob) {
  {
    auto writer = blobs_->Create();
    ASSERT_TRUE((*writer)->Append("half").ok());
    EXPECT_EQ(FilesIn("staging"), 1U);
  }
  EXPECT_EQ(FilesIn("staging"), 0U);
  EXPECT_EQ(FilesIn("blobs"), 0U);
}

TEST_F(BlobStoreTest, RemovesABlobWhileAReaderGoesOn) {
  const BlobId id = Store("bytes");
  const auto reader = *blobs_->OpenBlob(id);
  blobs_->Remove(id);
  blobs_->Remove(id);
  EXPECT_EQ(*reader->Read(0, 10), "bytes");
  EXPECT_EQ(blobs_->OpenBlob(id).error().name, kBlobMissing);
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
  auto abandoned = blobs_->Create();
  ASSERT_TRUE((*abandoned)->Append("x").ok());
  EXPECT_EQ(*blobs_->Sweep([&](const BlobId& id) { return id == kept; }), 2U);
  EXPECT_EQ(Load(kept), "kept");
  EXPECT_EQ(Load(lost), kBlobMissing);
  EXPECT_EQ(FilesIn("staging"), 0U);
}

TEST_F(BlobStoreTest, RestoresTheGoldenBlobs) {
  const BlobId golden = Store("golden");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  const BlobId later = Store("later");
  blobs_->Remove(golden);
  EXPECT_EQ(Load(golden), "golden") << "a record brought back by a crashed restore must find its bytes";
  ASSERT_TRUE(blobs_->RestoreGolden().ok());
  EXPECT_EQ(Load(golden), "golden");
  EXPECT_EQ(Load(later), kBlobMissing);
  EXPECT_EQ(FilesIn("blobs"), 1U);

  ASSERT_TRUE(blobs_->Clear().ok());
  EXPECT_EQ(FilesIn("blobs"), 0U);
  ASSERT_TRUE(blobs_->RestoreGolden().ok());
  EXPECT_EQ(FilesIn("blobs"), 1U);
}

TEST_F(BlobStoreTest, ANewerGoldenStateDropsTheOlder) {
  const BlobId first = Store("first");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  blobs_->Remove(first);
  const BlobId second = Store("second");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  EXPECT_EQ(Load(first), kBlobMissing);
  EXPECT_EQ(Load(second), "second");
  EXPECT_EQ(FilesIn("golden"), 1U);
}

TEST_F(BlobStoreTest, IsReadableByItsOwnerOnly) {
  const BlobId id = Store("x");
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
        const std::string bytes = RandomBytes(5000);
        const BlobId id = Store(bytes);
        ASSERT_EQ(Load(id), bytes);
        if (i % 2 == 0) blobs_->Remove(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(FilesIn("blobs"), 16U * 10);
}

}  // namespace
}  // namespace meetinity::store
