#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::edge {

// Where an address is said to be; what is not known is empty.
struct GeoPlace {
  std::string country;  // ISO 3166-1 alpha-2: "DE"
  std::string country_name, region, region_name, city, postal_code, metro_code, time_zone;
  std::string latitude, longitude;  // degrees, as CloudFront writes them: "50.1153"
  std::string asn;
};

// Places of addresses, from a database in MaxMind's format (GeoLite2, DB-IP and others are). Maps the file, which must
// not be changed in place; a new one is renamed over it and read at the next start. Immutable; thread-safe.
class GeoDatabase {
 public:
  // `loopback_country` is where the machine itself stands, for rehearsals; empty: nowhere. An empty path is a database
  // without addresses. kInvalid when the file is no such database, or the country no ISO code.
  static Result<std::shared_ptr<const GeoDatabase>> Open(const std::string& path, std::string loopback_country);
  ~GeoDatabase();

  GeoPlace Find(std::string_view address) const;
  std::string CountryOf(std::string_view address) const;

 private:
  struct File;
  GeoDatabase() = default;
  std::unique_ptr<File> file_;  // null: none
  std::string loopback_country_;
};

// Two capital letters; the API and the edge know no others.
bool IsCountryCode(std::string_view code);

}  // namespace meetinity::edge
