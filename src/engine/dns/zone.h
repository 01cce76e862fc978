#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "engine/dns/name.h"
#include "engine/dns/rdata.h"

namespace meetinity::dns {

// How many records a zone holds at most: what AWS allows to ask for without a talk, and some 10 MB of memory.
inline constexpr size_t kZoneRecordsMax = 10'000;

// Where the target of an alias is now: calls `found` with each address, 4 bytes for kA and 16 for kAaaa, and with none
// for a target that is not known. Called on reactors' threads, so it neither blocks nor waits for a lock that somebody
// holds for long.
using AliasResolver =
    std::function<void(const Name& target, RecordType type, FunctionRef<void(std::string_view address)> found)>;

// The records of one name and type.
struct RecordSet {
  Name name;
  RecordType type = RecordType::kA;
  uint32_t ttl = 0;                // seconds; of an alias, what its answers carry
  std::vector<std::string> rdata;  // in wire form, as ParseRdata makes it
  // Answers with what the target has of this type: a name of the same zone, or else what the zone's resolver says.
  std::optional<Name> alias;
};

struct ZoneConfig {
  Name apex;
  std::vector<RecordSet> records;
  AliasResolver resolve_alias;
};

// What a zone says of a name.
struct Finding {
  enum class Kind {
    kRecords,     // `sets` are the name's own, or those of the wildcard that covers it; empty for one that only has
                  // names below it
    kDelegation,  // `sets` are those of the name at which another server's zone begins, `cut`
    kNothing,     // there is no such name
  };
  Kind kind = Kind::kNothing;
  const std::vector<RecordSet>* sets = nullptr;
  std::string_view cut;  // wire form, a part of the name asked for

  const RecordSet* Find(RecordType type) const;
};

// The data of one zone, immutable and shared: reactors read it without a lock.
class Zone {
 public:
  // Refuses with kInvalidZone: no SOA or NS at the apex, a name outside of it, two sets of one name and type, a CNAME
  // beside others or with two values, a set without values, an alias of type NS or SOA, more than kZoneRecordsMax.
  static Result<std::shared_ptr<const Zone>> Build(ZoneConfig config);

  const Name& apex() const { return apex_; }
  const RecordSet& soa() const;
  // How long a resolver may believe that something is not there (RFC 2308, section 3).
  uint32_t negative_ttl() const;

  // `name` must be within the apex. Delegations (RFC 1034, section 4.3.2) and wildcards (RFC 4592) are taken into
  // account.
  Finding Find(const Name& name) const;
  // What this zone knows of a name server of its or at its delegations, also behind them; null for nothing.
  const RecordSet* FindGlue(const Name& name, RecordType type) const;
  void ResolveAlias(const Name& target, RecordType type, FunctionRef<void(std::string_view)> found) const;

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // By wire form. A name that only has names below it has an entry too, without sets.
  using Nodes = std::unordered_map<std::string, std::vector<RecordSet>, TextHash, std::equal_to<>>;

  Status Add(RecordSet set);
  const std::vector<RecordSet>* Node(std::string_view wire) const;

  Name apex_;
  Nodes nodes_;
  AliasResolver resolve_alias_;
};

using ZonePtr = std::shared_ptr<const Zone>;

// All zones of a server.
class ZoneSet {
 public:
  ZoneSet() = default;
  // Of zones with the same apex the first is asked, and never the others.
  explicit ZoneSet(const std::vector<ZonePtr>& zones);

  // The zone with the longest apex that `name` is within; null when none is.
  const Zone* Find(const Name& name) const;

 private:
  std::unordered_map<std::string_view, ZonePtr> zones_;  // by the wire form of the apex, which the zone keeps
};

using ZoneSetPtr = std::shared_ptr<const ZoneSet>;

}  // namespace meetinity::dns
