#include "engine/edge/geo_database.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <maxminddb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace meetinity::edge {
namespace {

constexpr std::string_view kGeoDatabaseInvalid = "GeoDatabaseInvalid";

Error Invalid(std::string detail) { return Error{Kind::kInvalid, kGeoDatabaseInvalid, std::move(detail)}; }

bool IsLoopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

// The value under a path of map keys and list positions, as text; empty when absent.
std::string TextAt(MMDB_entry_s entry, std::initializer_list<const char*> keys) {
  std::array<const char*, 6> path{};
  std::copy(keys.begin(), keys.end(), path.begin());
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, path.data()) != MMDB_SUCCESS || !data.has_data) return "";
  switch (data.type) {
    case MMDB_DATA_TYPE_UTF8_STRING:
      return std::string(data.utf8_string, data.data_size);
    case MMDB_DATA_TYPE_DOUBLE:
      return fmt::format("{:.5f}", data.double_value);
    case MMDB_DATA_TYPE_UINT16:
      return std::to_string(data.uint16);
    case MMDB_DATA_TYPE_UINT32:
      return std::to_string(data.uint32);
    default:
      return "";
  }
}

}  // namespace

struct GeoDatabase::File {
  MMDB_s mmdb{};
  ~File() { MMDB_close(&mmdb); }

  // False when the database does not know the address.
  bool Lookup(std::string_view address, MMDB_entry_s& entry) const {
    const std::string text(address.substr(0, INET6_ADDRSTRLEN));
    sockaddr_storage storage{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
      storage.ss_family = AF_INET;
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
      storage.ss_family = AF_INET6;
    } else {
      return false;
    }
    int error = MMDB_SUCCESS;
    const MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&mmdb, reinterpret_cast<sockaddr*>(&storage), &error);
    entry = found.entry;
    return error == MMDB_SUCCESS && found.found_entry;
  }
};

bool IsCountryCode(std::string_view code) {
  return code.size() == 2 && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::Open(const std::string& path, std::string loopback_country) {
  if (!loopback_country.empty() && !IsCountryCode(loopback_country)) {
    return Invalid(fmt::format("'{}' is no ISO country code such as DE", loopback_country));
  }
  const std::shared_ptr<GeoDatabase> database(new GeoDatabase());
  database->loopback_country_ = std::move(loopback_country);
  if (!path.empty()) {
    auto file = std::make_unique<File>();
    const int opened = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->mmdb);
    if (opened != MMDB_SUCCESS) return Invalid(fmt::format("{}: {}", path, MMDB_strerror(opened)));
    database->file_ = std::move(file);
  }
  return std::shared_ptr<const GeoDatabase>(database);
}

GeoDatabase::~GeoDatabase() = default;

std::string GeoDatabase::CountryOf(std::string_view address) const {
  if (IsLoopback(address)) return loopback_country_;
  MMDB_entry_s entry;
  if (!file_ || !file_->Lookup(address, entry)) return "";
  return TextAt(entry, {"country", "iso_code"});
}

GeoPlace GeoDatabase::Find(std::string_view address) const {
  GeoPlace place;
  MMDB_entry_s entry;
  if (IsLoopback(address)) {
    place.country = loopback_country_;
  } else if (file_ && file_->Lookup(address, entry)) {
    place.country = TextAt(entry, {"country", "iso_code"});
    place.country_name = TextAt(entry, {"country", "names", "en"});
    place.region = TextAt(entry, {"subdivisions", "0", "iso_code"});
    place.region_name = TextAt(entry, {"subdivisions", "0", "names", "en"});
    place.city = TextAt(entry, {"city", "names", "en"});
    place.postal_code = TextAt(entry, {"postal", "code"});
    place.metro_code = TextAt(entry, {"location", "metro_code"});
    place.time_zone = TextAt(entry, {"location", "time_zone"});
    place.latitude = TextAt(entry, {"location", "latitude"});
    place.longitude = TextAt(entry, {"location", "longitude"});
    place.asn = TextAt(entry, {"autonomous_system_number"});
  }
  return place;
}

}  // namespace meetinity::edge
