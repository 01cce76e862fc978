// Whatever a client sends as a stickiness cookie, a trace or a query is read without a crash, and nothing that was not
// sealed here is taken for a ticket.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/pattern.h"
#include "engine/balancer/sticky_cookie.h"
#include "engine/balancer/trace_id.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace balancer = meetinity::balancer;
  using Kind = balancer::StickyTicket::Kind;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const balancer::CookieSealer sealer("fuzz");
  for (const Kind kind : {Kind::kTarget, Kind::kApplication, Kind::kGroup}) {
    CHECK(!sealer.Open(text, kind));
    CHECK(!sealer.Open(meetinity::Base64Encode(text), kind));
  }
  // A ticket that names the input comes back as it was, however odd.
  const balancer::StickyTicket ticket{Kind::kTarget, meetinity::Instant::FromUnixSeconds(1), size,
                                      std::string(text.substr(0, 1'024))};
  CHECK(sealer.Open(sealer.Seal(ticket), Kind::kTarget) == ticket);

  if (const auto found = balancer::FindCookie(text, "AWSALB")) CHECK(found->find(';') == std::string_view::npos);
  balancer::SetsCookie(text, "session");
  const std::string trace = balancer::TraceField(text, "1-a-b");
  CHECK(trace.starts_with("Root=1-a-b") || trace.starts_with("Self=1-a-b"));
  CHECK(balancer::HostOf(text).size() <= text.size());

  // A pattern against a text: the same answer in both styles where nothing is escaped, and '*' always fits.
  const std::string_view pattern = text.substr(0, size / 2);
  const std::string_view subject = text.substr(size / 2);
  CHECK(balancer::Matches("*", subject, {}));
  const bool matches = balancer::Matches(pattern, subject, {});
  if (pattern.find('\\') == std::string_view::npos) {
    CHECK(matches == balancer::Matches(pattern, subject, {.has_escapes = true}));
  }
  if (matches) CHECK(balancer::Matches(pattern, subject, {.ignores_case = true}));
  return 0;
}
