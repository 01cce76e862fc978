// Whatever is asked, over both transports, the answer is one that an asker can read, no longer than it may be, and to
// the question that was asked.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engine/dns/responder.h"
#include "engine/dns/testing/messages.h"

namespace {

using meetinity::dns::RecordType;
using meetinity::dns::Transport;
using meetinity::dns::testing::MakeAlias;
using meetinity::dns::testing::MakeSet;

const meetinity::dns::ZoneSet& Zones() {
  static const meetinity::dns::ZoneSet zones({meetinity::dns::testing::MakeZone(
      "a",
      {MakeSet("b.a", RecordType::kA, {"192.0.2.1", "192.0.2.2"}),
       MakeSet("*.w.a", RecordType::kTxt, {'"' + std::string(255, 't') + "\" \"" + std::string(255, 't') + '"'}),
       MakeSet("c.a", RecordType::kCname, {"x.w.a."}), MakeSet("l.a", RecordType::kCname, {"l.a."}),
       MakeSet("d.a", RecordType::kNs, {"n.d.a."}), MakeSet("n.d.a", RecordType::kAaaa, {"::1"}),
       MakeAlias("i.a", RecordType::kA, "lb."), MakeAlias("j.a", RecordType::kA, "b.a.")},
      [](const meetinity::dns::Name&, RecordType type, meetinity::FunctionRef<void(std::string_view)> found) {
        if (type == RecordType::kA) found("\x7F\1\1\1");
      })});
  return zones;
}

void Ask(std::string_view message, Transport transport) {
  static std::array<char, meetinity::dns::kTcpAnswerMax> out;
  const size_t size = meetinity::dns::Respond(Zones(), message, transport, out);
  if (size == 0) return;
  CHECK(transport == Transport::kTcp || size <= meetinity::dns::kUdpAnswerMax);
  const std::string_view bytes(out.data(), size);
  CHECK(bytes.substr(0, 2) == message.substr(0, 2));
  const auto answer = meetinity::dns::testing::ReadAnswer(bytes);
  CHECK(answer.has_value());
  CHECK((answer->flags & 0x8000) != 0);
  if (!answer->question.empty()) {
    const size_t compared = std::min<size_t>(answer->question.size(), 8);
    CHECK(bytes.substr(12, compared) == message.substr(12, compared));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  Ask(message, Transport::kUdp);
  Ask(message, Transport::kTcp);
  return 0;
}
