#include "store/sealer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "store/private_file.h"

namespace meetinity::store {
namespace {

class SealerTest : public testing::Test {
 protected:
  SealerTest() { std::filesystem::create_directories(directory_); }
  ~SealerTest() override { std::filesystem::remove_all(directory_); }
  std::string KeyPath() const { return directory_ / "sealing.key"; }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("sealer-" + RandomText(10, kLowerAlphanumeric));
};

TEST_F(SealerTest, OpensWhatItSealedAlsoAfterARestart) {
  const std::string sealed = Sealer::Open(KeyPath()).value()->Seal("wJalrXUtnFEMI", "iam key AKIA1").value();
  EXPECT_EQ(sealed.find("wJalr"), std::string::npos);
  EXPECT_EQ(Sealer::Open(KeyPath()).value()->Open(sealed, "iam key AKIA1").value(), "wJalrXUtnFEMI");
}

TEST_F(SealerTest, RefusesASecretThatWasMovedToAnotherRecord) {
  const auto sealer = Sealer::Open(KeyPath()).value();
  const std::string sealed = sealer->Seal("secret", "iam key AKIA1").value();
  EXPECT_FALSE(sealer->Open(sealed, "iam key AKIA2").ok());
}

TEST_F(SealerTest, RefusesAChangedByteAndAnotherKey) {
  const auto sealer = Sealer::Open(KeyPath()).value();
  std::string sealed = sealer->Seal("secret", "x").value();
  EXPECT_FALSE(Sealer::Open(KeyPath() + "2").value()->Open(sealed, "x").ok());
  sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(sealer->Open(sealed, "x").ok());
  EXPECT_FALSE(sealer->Open("", "x").ok());
}

TEST_F(SealerTest, NeverSealsTheSameWayTwice) {
  const auto sealer = Sealer::Open(KeyPath()).value();
  EXPECT_NE(sealer->Seal("secret", "x").value(), sealer->Seal("secret", "x").value());
  EXPECT_EQ(sealer->Open(sealer->Seal("", "x").value(), "x").value(), "");
}

TEST_F(SealerTest, KeepsItsKeyForTheOwnerAlone) {
  ASSERT_TRUE(Sealer::Open(KeyPath()).ok());
  struct stat status {};
  ASSERT_EQ(::stat(KeyPath().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SealerTest, RefusesAKeyFileOfTheWrongSize) {
  std::ofstream(KeyPath()) << "short";
  EXPECT_FALSE(Sealer::Open(KeyPath()).ok());
}

TEST_F(SealerTest, PrivateFilesAreReplacedWhole) {
  const std::string path = directory_ / "file";
  EXPECT_EQ(ReadPrivateFile(path, 100).value(), std::nullopt);
  ASSERT_TRUE(WritePrivateFile(path, "one").ok());
  ASSERT_TRUE(WritePrivateFile(path, "two").ok());
  EXPECT_EQ(ReadPrivateFile(path, 100).value(), "two");
  EXPECT_FALSE(ReadPrivateFile(path, 2).ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

}  // namespace
}  // namespace meetinity::store
