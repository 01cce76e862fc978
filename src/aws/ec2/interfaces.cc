#include "aws/ec2/interfaces.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/cidr.h"
#include "base/random.h"

namespace meetinity::ec2 {
namespace {

constexpr uint32_t kPublicFirst = 0xC6120000;  // 198.18.0.0
constexpr uint32_t kPublicCount = 1U << 17;    // /15
// Of random tries; as many all taken means that there are none left.
constexpr int kPublicTriesMax = 64;

Result<uint32_t> AskedAddress(const Cidr& block, const std::string& text) {
  const auto asked = Cidr::ParseAddress(text);
  if (!asked || asked->is_v6()) return Invalid(fmt::format("Value ({}) for parameter address is invalid.", text));
  const uint64_t offset = asked->first_v4() - uint64_t{block.first_v4()};
  if (!block.Contains(*asked) || offset < kReservedFirst || offset + 1 >= block.size_v4()) {
    return Invalid(fmt::format("Address {} does not fall within the subnet's address range", text));
  }
  return asked->first_v4();
}

// The lowest that `taken`, which ascends, leaves.
std::optional<uint32_t> LowestFree(const Cidr& block, const std::vector<InterfaceRecord>& taken) {
  uint64_t candidate = block.first_v4() + kReservedFirst;
  for (const InterfaceRecord& other : taken) {
    if (static_cast<uint64_t>(other.address) > candidate) break;
    if (static_cast<uint64_t>(other.address) == candidate) ++candidate;
  }
  if (candidate + 1 >= block.first_v4() + block.size_v4()) return std::nullopt;
  return static_cast<uint32_t>(candidate);
}

Result<uint32_t> ChooseAddress(const store::ReadTx& tx, const InterfaceWish& wish) {
  const auto block = Cidr::Parse(wish.subnet.cidr);
  if (!block) return Internal(fmt::format("subnet {} has the block '{}'", wish.subnet.id, wish.subnet.cidr));
  const auto taken = TRY(tx.Select<InterfaceRecord>("subnet_id = ? ORDER BY address", {wish.subnet.id}));
  if (wish.private_address.empty()) {
    const auto free = LowestFree(*block, taken);
    if (free) return *free;
    return Error{Kind::kLimit, kInsufficientFreeAddresses,
                 fmt::format("The specified subnet does not have enough free addresses to satisfy the request: {}",
                             wish.subnet.id)};
  }
  const uint32_t asked = TRY(AskedAddress(*block, wish.private_address));
  if (std::ranges::find(taken, int64_t{asked}, &InterfaceRecord::address) != taken.end()) {
    return Error{Kind::kConflict, kInvalidIpAddressInUse, fmt::format("Address {} is in use.", wish.private_address)};
  }
  return asked;
}

// A locally administered one (IEEE 802, section 8.4).
std::string NewMac() {
  const std::string hex = HexEncode(RandomBytes(5));
  std::string mac = "02";
  for (size_t i = 0; i < hex.size(); i += 2) mac.append(":").append(hex, i, 2);
  return mac;
}

}  // namespace

Status SetGroups(store::Tx& tx, const InterfaceRecord& interface, const std::vector<std::string>& group_ids) {
  TRY(tx.DeleteWhere<InterfaceGroupRecord>("interface_id = ?", {interface.id}));
  for (const std::string& group_id : group_ids) {
    const auto group = TRY(Get<SecurityGroupRecord>(tx, interface.region, group_id));
    if (group.vpc_id != interface.vpc_id) {
      return Invalid(fmt::format("You have specified two resources that belong to different networks: {} and {}",
                                 group_id, interface.subnet_id));
    }
    TRY(tx.Put(InterfaceGroupRecord{interface.id, group_id}));
  }
  const auto count = TRY(tx.Count<InterfaceGroupRecord>("interface_id = ?", {interface.id}));
  if (static_cast<uint64_t>(count) > kGroupsPerInterfaceMax) {
    return Error{Kind::kLimit, kGroupsPerInterfaceLimitExceeded,
                 fmt::format("A network interface has {} security groups at the most", kGroupsPerInterfaceMax)};
  }
  return {};
}

Result<InterfaceRecord> PlaceInterface(store::Tx& tx, const InterfaceWish& wish) {
  InterfaceRecord made;
  made.id = NewId(kInterfaceKind.prefix);
  made.region = wish.subnet.region;
  made.vpc_id = wish.subnet.vpc_id;
  made.subnet_id = wish.subnet.id;
  made.zone = wish.subnet.zone;
  made.address = TRY(ChooseAddress(tx, wish));
  made.type = wish.type;
  made.description = wish.description;
  made.requester_id = wish.requester_id;
  made.instance_owner_id = wish.requester_id;
  made.attachment_id = NewId("ela-attach");
  made.mac = NewMac();
  made.created_at = wish.now;
  TRY(tx.Put(made));
  TRY(SetGroups(tx, made, wish.group_ids));
  return made;
}

Status RemoveInterface(store::Tx& tx, const std::string& id) {
  if (auto address = TRY(AddressOf(tx, id))) TRY(Disassociate(tx, std::move(*address)));
  TRY(tx.DeleteWhere<InterfaceGroupRecord>("interface_id = ?", {id}));
  TRY(tx.DeleteWhere<TagRecord>("resource_id = ?", {id}));
  TRY(tx.Delete<InterfaceRecord>(id));
  return {};
}

Result<std::vector<std::string>> GroupsOf(const store::ReadTx& tx, const std::string& interface_id) {
  std::vector<std::string> ids;
  for (auto& row : TRY(tx.Select<InterfaceGroupRecord>("interface_id = ? ORDER BY group_id", {interface_id}))) {
    ids.push_back(std::move(row.group_id));
  }
  return ids;
}

Result<std::optional<AddressRecord>> AddressOf(const store::ReadTx& tx, const std::string& interface_id) {
  auto found = TRY(tx.Select<AddressRecord>("interface_id = ? LIMIT 1", {interface_id}));
  if (found.empty()) return std::optional<AddressRecord>();
  return std::optional<AddressRecord>(std::move(found.front()));
}

Result<AddressRecord> Associate(store::Tx& tx, AddressRecord address, const InterfaceRecord& interface) {
  address.association_id = NewId("eipassoc");
  address.interface_id = interface.id;
  address.private_ip = Ipv4Text(static_cast<uint32_t>(interface.address));
  TRY(tx.Put(address));
  return address;
}

Status Disassociate(store::Tx& tx, AddressRecord address) {
  address.association_id.clear();
  address.interface_id.clear();
  address.private_ip.clear();
  return tx.Put(address);
}

Result<std::string> NewPublicAddress(const store::ReadTx& tx) {
  for (int i = 0; i < kPublicTriesMax; ++i) {
    uint32_t drawn = 0;
    for (const char byte : RandomBytes(4)) drawn = drawn << 8 | static_cast<uint8_t>(byte);
    std::string text = Ipv4Text(kPublicFirst + drawn % kPublicCount);
    const auto owned = TRY(tx.Count<AddressRecord>("public_ip = ?", {text}));
    const auto lent = TRY(tx.Count<InterfaceRecord>("public_ip = ?", {text}));
    if (owned + lent == 0) return text;
  }
  return Error{Kind::kLimit, kAddressLimitExceeded, "There is no public address left."};
}

Result<bool> ReachesInternet(const store::ReadTx& tx, const std::string& vpc_id) {
  return TRY(tx.Count<InternetGatewayRecord>("vpc_id = ?", {vpc_id})) > 0;
}

}  // namespace meetinity::ec2
