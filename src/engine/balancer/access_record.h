#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace meetinity::balancer {

// What became of one request, for access logs. Field by field what the ALB user guide's page "Access log entries"
// lists; empty strings and missing values are written '-' or -1 as that page has it.
struct AccessRecord {
  std::string_view type;  // "http", "https", "h2", "grpcs", "ws", "wss"
  Instant time;           // when the answer was complete
  Instant created;        // when the request was received
  std::string load_balancer_id, listener_id, load_balancer_name;
  std::string client_address;
  uint16_t client_port = 0;
  std::string target_address;  // empty: no target was asked
  uint16_t target_port = 0;
  std::optional<Duration> request_processing, target_processing, response_processing;
  int status = 0;                    // 0: the client left before an answer; logged as 460
  std::optional<int> target_status;  // of an answer that came from a target
  uint64_t received_bytes = 0, sent_bytes = 0;
  std::string method, url, version;  // "GET", "https://host:443/path?query", "HTTP/1.1"
  std::string user_agent;
  std::string tls_cipher, tls_protocol;
  std::string target_group_id;
  std::string trace_id;
  std::string domain_name;     // the server name the client asked for under TLS
  std::string certificate_id;  // the certificate that was shown
  int rule_priority = -2;      // 0: the default rule; -1: no rule could be evaluated; -2: none was asked
  std::string_view action;     // "forward", "redirect", "fixed-response", "waf-failed"; empty
  std::string redirect_url;
  std::string_view error_reason;
  std::string_view classification;  // "Acceptable", "Ambiguous", "Severe"; empty: compliant
  std::string_view classification_reason;
};

// The record as a line of an application load balancer's access log, without a line end. `id_in_log` is what stands
// for the load balancer: "app/name/0123456789abcdef".
std::string ToAccessLogLine(const AccessRecord& record, std::string_view id_in_log);

// What became of one TLS connection of a network load balancer; NLB user guide, "Access logs".
struct FlowRecord {
  Instant began, ended;
  std::string load_balancer_id, listener_id;
  std::string client_address;
  uint16_t client_port = 0;
  std::string target_id, target_group_id;
  uint64_t received_bytes = 0, sent_bytes = 0;  // from and to the client
  bool tls = false;
  std::string tls_cipher, tls_protocol, server_name, certificate_id;
  std::string_view end;  // "client", "target", "idle", "drained", "unhealthy", "refused", "stopped"
};

}  // namespace meetinity::balancer
