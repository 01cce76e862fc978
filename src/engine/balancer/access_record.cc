#include "engine/balancer/access_record.h"

#include <fmt/format.h>

#include <algorithm>

namespace meetinity::balancer {
namespace {

// ALB user guide: "user_agent … limited to 8 KB".
constexpr size_t kUserAgentMax = 8 * 1'024;

std::string_view OrDash(std::string_view text) { return text.empty() ? "-" : text; }

// Quotes, backslashes and whatever cannot be printed would end the field, or the line.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : OrDash(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      fmt::format_to(std::back_inserter(quoted), "\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Microseconds(Instant at) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at.since_epoch()).count() % 1'000'000;
  std::string text = at.ToIso8601();
  text.pop_back();
  return fmt::format("{}.{:06d}Z", text, micros);
}

std::string Seconds(const std::optional<Duration>& duration) {
  if (!duration) return "-1";
  return fmt::format("{:.3f}", static_cast<double>(duration->count()) / 1e9);
}

std::string Endpoint(const std::string& address, uint16_t port) {
  if (address.empty()) return "-";
  return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                : fmt::format("[{}]:{}", address, port);
}

std::string Priority(int priority) { return priority < -1 ? "-" : std::to_string(priority); }

}  // namespace

std::string ToAccessLogLine(const AccessRecord& record, std::string_view id_in_log) {
  const std::string target = Endpoint(record.target_address, record.target_port);
  const std::string target_status = record.target_status ? std::to_string(*record.target_status) : "-";
  const std::string request = record.method.empty()
                                  ? "- " + std::string("http://-:0- -")
                                  : fmt::format("{} {} {}", record.method, record.url, record.version);
  std::string line = fmt::format(
      "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", record.type,
      Microseconds(record.time), OrDash(id_in_log), Endpoint(record.client_address, record.client_port), target,
      Seconds(record.request_processing), Seconds(record.target_processing), Seconds(record.response_processing),
      record.status == 0 ? 460 : record.status, target_status, record.received_bytes, record.sent_bytes,
      Quoted(request), Quoted(std::string_view(record.user_agent).substr(0, kUserAgentMax)), OrDash(record.tls_cipher),
      OrDash(record.tls_protocol), OrDash(record.target_group_id), Quoted(record.trace_id), Quoted(record.domain_name),
      Quoted(record.certificate_id), Priority(record.rule_priority), Microseconds(record.created),
      Quoted(record.action), Quoted(record.redirect_url), Quoted(record.error_reason), Quoted(target),
      Quoted(target_status), Quoted(record.classification), Quoted(record.classification_reason));
  return line;
}

}  // namespace meetinity::balancer
