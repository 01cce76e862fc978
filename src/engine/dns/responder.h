#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "engine/dns/zone.h"

namespace meetinity::dns {

enum class Transport { kUdp, kTcp };

// What every asker takes (RFC 1035, section 2.3.4), and the most that is sent even to those who take more: larger
// datagrams are fragmented, and are what amplification attacks are made of (DNS flag day 2020).
inline constexpr size_t kUdpAnswerMin = 512;
inline constexpr size_t kUdpAnswerMax = 1'232;
inline constexpr size_t kTcpAnswerMax = 65'535;

// CNAMEs that one answer follows; longer chains, and circles, end there and the asker may go on by itself.
inline constexpr int kChainMax = 16;

// The answer to `message` out of `zones`, written into `out`, which holds kUdpAnswerMax or kTcpAnswerMax bytes; its
// size, 0 for none. Pure, and without memory of its own: RFC 1034, section 4.3.2; names of no zone are refused.
size_t Respond(const ZoneSet& zones, std::string_view message, Transport transport, std::span<char> out);

}  // namespace meetinity::dns
