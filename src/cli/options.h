#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meetinity::cli {

// What every command may be told.
struct GlobalOptions {
  std::string data_directory;
};

struct UpOptions {
  bool detach = false;
  bool no_stack = false;  // serve only; create nothing
  std::string var_file;   // empty: the defaults
  std::string account, region;
  std::string address = "127.0.0.1";
  uint16_t api_port = 4566;
  uint16_t http_port = 0;
  uint16_t https_port = 0;
  std::optional<uint16_t> dns_port;
  int reactors = 0;
  uint64_t edge_cache_mebibytes = 256;
  uint64_t edge_disk_cache_mebibytes = 2048;
  std::string geo_database, loopback_country;
};

struct ExplainOptions {
  std::string url;
  std::string method = "GET";
  std::vector<std::string> headers;  // "Name: value"
};

struct OutputOptions {
  std::string name;
  bool raw = false;
  bool json = false;
};

struct ParityOptions {
  std::string service;
  bool json = false;
};

}  // namespace meetinity::cli
