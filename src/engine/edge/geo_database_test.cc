#include "engine/edge/geo_database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"

namespace meetinity::edge {
namespace {

// --- just enough of MaxMind DB File Format 2.0 to write a database of one network.

std::string Text(std::string_view text) { return std::string(1, static_cast<char>(2 << 5 | text.size())).append(text); }
std::string Map(size_t pairs) { return std::string(1, static_cast<char>(7 << 5 | pairs)); }
std::string Number(uint16_t value) {
  return {static_cast<char>(5 << 5 | 2), static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}
std::string Long(uint32_t value) {  // uint32
  std::string out(1, static_cast<char>(6 << 5 | 4));
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
  return out;
}

// 192.0.2.0/8-bits-of-192 is in Germany: the tree follows the eight bits of 192, and ends everywhere else.
std::string OneNetwork() {
  constexpr uint32_t kNodes = 8, kNetwork = 192;
  const auto record = [](uint32_t value) {
    return std::string{static_cast<char>(value >> 16 & 0xFF), static_cast<char>(value >> 8 & 0xFF),
                       static_cast<char>(value & 0xFF)};
  };
  std::string file;
  for (uint32_t node = 0; node < kNodes; ++node) {
    const bool one = (kNetwork >> (7 - node) & 1U) != 0;
    const uint32_t on = node + 1 == kNodes ? kNodes + 16 : node + 1;  // the first byte of the data
    file += one ? record(kNodes) + record(on) : record(on) + record(kNodes);
  }
  file.append(16, '\0');
  file += Map(1) + Text("country") + Map(2) + Text("iso_code") + Text("DE") + Text("names") + Map(1) + Text("en") +
          Text("Germany");
  file += "\xAB\xCD\xEFMaxMind.com";
  file += Map(9) + Text("node_count") + Long(kNodes) + Text("record_size") + Number(24) + Text("ip_version") +
          Number(4) + Text("database_type") + Text("Test") + Text("binary_format_major_version") + Number(2) +
          Text("binary_format_minor_version") + Number(0) + Text("build_epoch") + std::string("\x01\x02\x01", 3) +
          Text("languages") + std::string("\x00\x04", 2) + Text("description") + Map(0);
  return file;
}

class GeoDatabaseTest : public ::testing::Test {
 protected:
  ~GeoDatabaseTest() override { std::filesystem::remove(path_); }
  void Write(std::string_view bytes) { std::ofstream(path_, std::ios::binary) << bytes; }
  const std::string path_ =
      std::filesystem::temp_directory_path() / ("geo-" + RandomText(10, kLowerAlphanumeric) + ".mmdb");
};

TEST_F(GeoDatabaseTest, FindsWhereAnAddressIs) {
  Write(OneNetwork());
  const auto database = GeoDatabase::Open(path_, "");
  ASSERT_TRUE(database.ok()) << database.error().detail;
  EXPECT_EQ((*database)->CountryOf("192.0.2.1"), "DE");
  EXPECT_EQ((*database)->Find("192.0.2.1").country_name, "Germany");
  EXPECT_EQ((*database)->CountryOf("193.0.2.1"), "");
  EXPECT_EQ((*database)->CountryOf("2001:db8::1"), "");
  EXPECT_EQ((*database)->CountryOf("nonsense"), "");
}

TEST_F(GeoDatabaseTest, TheMachineItselfStandsWhereItIsToldTo) {
  const auto database = GeoDatabase::Open("", "FR");
  ASSERT_TRUE(database.ok());
  EXPECT_EQ((*database)->CountryOf("127.0.0.1"), "FR");
  EXPECT_EQ((*database)->CountryOf("::1"), "FR");
  EXPECT_EQ((*database)->CountryOf("192.0.2.1"), "");
}

TEST_F(GeoDatabaseTest, RefusesWhatIsNoDatabase) {
  EXPECT_FALSE(GeoDatabase::Open(path_, "").ok());
  Write("not a database");
  EXPECT_FALSE(GeoDatabase::Open(path_, "").ok());
  EXPECT_FALSE(GeoDatabase::Open("", "Germany").ok());
}

}  // namespace
}  // namespace meetinity::edge
