#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

// The text of server access logs (S3 User Guide, "Amazon S3 server access log format"). Pure.
namespace meetinity::s3 {

// One request, field by field in the order of the line. What is empty or absent is written as "-".
struct AccessLogLine {
  std::string bucket_owner;
  std::string bucket;
  Instant time;
  std::string remote_ip;
  std::string requester;
  std::string request_id;
  std::string operation;
  std::string key;          // as it is; encoded in the line
  std::string request_uri;  // "GET /bucket/key HTTP/1.1"
  int status = 0;
  std::string error;
  uint64_t bytes_sent = 0;
  std::optional<uint64_t> object_size;
  Duration total_time{0};
  Duration turn_around{0};
  std::string referer;
  std::string user_agent;
  std::string version_id;
  std::string host_id;
  std::string signature_version;
  std::string cipher_suite;
  std::string authentication;
  std::string host;
  std::string tls_version;
  bool acl_required = false;
};

// With its '\n', the only one in it whatever the client sent.
std::string ToText(const AccessLogLine& line);

// "REST.GET.OBJECT" of GetObject; of what is no operation of S3, from the method and whether there was a key.
std::string LoggedOperation(std::string_view operation, std::string_view method, bool has_key);

}  // namespace meetinity::s3
