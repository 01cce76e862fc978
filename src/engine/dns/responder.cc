#include "engine/dns/responder.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "engine/dns/message.h"

namespace meetinity::dns {
namespace {

constexpr uint16_t kInternetClass = 1;
constexpr uint16_t kAnyClass = 255;

// The name that a value consists of.
Name NameIn(std::string_view rdata) {
  size_t at = 0;
  return Name::Read(rdata, at).value_or(Name());
}

// One answer under way.
class Answering {
 public:
  Answering(const ZoneSet& zones, const Query& query, MessageWriter& writer)
      : zones_(zones),
        type_(static_cast<RecordType>(query.type)),
        name_(query.name),
        owner_(query.name.wire()),
        writer_(writer) {}

  // False when something that the asker needs did not fit.
  bool Run() {
    for (int hop = 0; hop <= kChainMax; ++hop) {
      const Zone* zone = zones_.Find(name_);
      if (zone == nullptr) {
        if (hop == 0) writer_.SetCode(ResponseCode::kRefused);
        return true;
      }
      const Finding found = zone->Find(name_);
      if (found.kind == Finding::Kind::kDelegation) return Refer(*zone, found);
      if (hop == 0) writer_.SetAuthoritative();
      if (found.kind == Finding::Kind::kNothing) {
        writer_.SetCode(ResponseCode::kNameError);
        return Deny(*zone);
      }
      const RecordSet* cname = found.Find(RecordType::kCname);
      if (cname == nullptr || type_ == RecordType::kCname || type_ == RecordType::kAny) return Tell(*zone, found);
      std::string_view target;
      if (!AddSet(*zone, *cname, &target)) return false;
      if (target.empty()) return Deny(*zone);
      name_ = NameIn(target);
      owner_ = target;
    }
    return true;
  }

 private:
  // The records asked for, or that there are none (RFC 2308, section 2.2). Of any type, one set will do (RFC 8482).
  bool Tell(const Zone& zone, const Finding& found) {
    const RecordSet* set = found.Find(type_);
    if (type_ == RecordType::kAny && !found.sets->empty()) set = &found.sets->front();
    if (set == nullptr) return Deny(zone);
    std::string_view last;
    if (!AddSet(zone, *set, &last)) return false;
    return last.empty() ? Deny(zone) : true;
  }

  // Who could be asked instead, and where those servers are that only this zone can tell.
  bool Refer(const Zone& zone, const Finding& found) {
    const RecordSet& servers = *found.Find(RecordType::kNs);
    for (const std::string& server : servers.rdata) {
      if (!writer_.Add(Section::kAuthority, found.cut, RecordType::kNs, servers.ttl, server)) return false;
    }
    for (const std::string& server : servers.rdata) {
      for (const RecordType type : {RecordType::kA, RecordType::kAaaa}) {
        if (!AddGlue(zone, server, servers.name, type)) return false;
      }
    }
    return true;
  }

  bool AddGlue(const Zone& zone, std::string_view server, const Name& cut, RecordType type) {
    const Name name = NameIn(server);
    const RecordSet* glue = zone.FindGlue(name, type);
    if (glue == nullptr) return true;
    for (const std::string& address : glue->rdata) {
      // Without the address of a server within its own zone the referral leads nowhere (RFC 9471, section 3).
      if (!writer_.Add(Section::kAdditional, server, type, glue->ttl, address)) return !name.IsWithin(cut);
    }
    return true;
  }

  bool Deny(const Zone& zone) {
    const RecordSet& soa = zone.soa();
    return writer_.Add(Section::kAuthority, zone.apex().wire(), RecordType::kSoa, zone.negative_ttl(),
                       soa.rdata.front());
  }

  // Whole or not at all. `last` is the last value, and stays as it is when an alias leads nowhere now.
  bool AddSet(const Zone& zone, const RecordSet& asked, std::string_view* last) {
    const RecordSet* set = &asked;
    for (int hop = 0; set->alias; ++hop) {
      if (hop == kChainMax) return true;
      const Name& target = *set->alias;
      if (!target.IsWithin(zone.apex())) return AddResolved(zone, asked, target, last);
      const Finding found = zone.Find(target);
      const RecordSet* next = found.kind == Finding::Kind::kRecords ? found.Find(asked.type) : nullptr;
      if (next == nullptr) return true;
      set = next;
    }
    const MessageWriter::Mark before = writer_.mark();
    for (const std::string& rdata : set->rdata) {
      if (!writer_.Add(Section::kAnswer, owner_, set->type, set->ttl, rdata)) {
        writer_.RollBack(before);
        return false;
      }
    }
    *last = set->rdata.back();
    return true;
  }

  bool AddResolved(const Zone& zone, const RecordSet& asked, const Name& target, std::string_view* last) {
    if (asked.type != RecordType::kA && asked.type != RecordType::kAaaa) return true;
    const MessageWriter::Mark before = writer_.mark();
    bool fits = true;
    zone.ResolveAlias(target, asked.type, [&](std::string_view address) {
      CHECK(address.size() == (asked.type == RecordType::kA ? 4U : 16U));
      fits = fits && writer_.Add(Section::kAnswer, owner_, asked.type, asked.ttl, address);
      *last = "resolved";
    });
    if (!fits) writer_.RollBack(before);
    return fits;
  }

  const ZoneSet& zones_;
  const RecordType type_;
  Name name_;               // what is looked up: the question's name, then each CNAME's target
  std::string_view owner_;  // the same in memory that lasts as long as the answer, which refers to it
  MessageWriter& writer_;
};

ResponseCode Screen(const Query& query) {
  const auto type = static_cast<RecordType>(query.type);
  if (query.record_class != kInternetClass && query.record_class != kAnyClass) return ResponseCode::kRefused;
  // Zones leave through the API, not through transfers.
  if (type == RecordType::kAxfr || type == RecordType::kIxfr) return ResponseCode::kRefused;
  if (type == RecordType::kMaila || type == RecordType::kMailb) return ResponseCode::kNotImplemented;
  return type == RecordType::kOpt ? ResponseCode::kFormatError : ResponseCode::kNoError;
}

size_t AnswerMax(const Query& query, Transport transport) {
  if (transport == Transport::kTcp) return kTcpAnswerMax;
  return query.edns ? std::clamp<size_t>(query.edns->udp_bytes, kUdpAnswerMin, kUdpAnswerMax) : kUdpAnswerMin;
}

}  // namespace

size_t Respond(const ZoneSet& zones, std::string_view message, Transport transport, std::span<char> out) {
  Query query;
  std::optional<ResponseCode> code = ParseQuery(message, query);
  if (!code) return 0;
  if (*code == ResponseCode::kNoError) code = Screen(query);
  const size_t size_max = AnswerMax(query, transport);
  CHECK(out.size() >= size_max);
  MessageWriter writer(out.first(size_max), query);
  writer.SetCode(*code);
  if (*code == ResponseCode::kNoError && !Answering(zones, query, writer).Run()) writer.SetTruncated();
  return writer.Finish();
}

}  // namespace meetinity::dns
