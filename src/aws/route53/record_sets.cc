#include <fmt/format.h>

#include "aws/route53/change_batch.h"
#include "aws/route53/errors.h"
#include "aws/route53/names.h"
#include "aws/route53/paging.h"
#include "aws/route53/route53.h"

namespace meetinity::route53 {
namespace {

Error BadStart(std::string detail) { return Error{Kind::kInvalid, kInvalidInput, std::move(detail)}; }

// Writes what differs.
Status Store(store::Tx& tx, const RecordSets& before, const RecordSets& after) {
  for (const auto& [key, record] : before) {
    if (after.contains(key)) continue;
    TRY(tx.Delete<RecordSetRecord>(record.zone_id, record.sort_name, record.type));
  }
  for (const auto& [key, record] : after) {
    const auto old = before.find(key);
    if (old == before.end() || !(old->second == record)) TRY(tx.Put(record));
  }
  return {};
}

}  // namespace

Result<ChangeResourceRecordSetsOutput> Route53::ChangeResourceRecordSets(const Call& call,
                                                                         const ChangeResourceRecordSetsInput& in) {
  const ChangeRecord change = TRY(database_.Write([&](store::Tx& tx) -> Result<ChangeRecord> {
    const ZoneRecord zone = TRY(GetZone(tx, in.hosted_zone_id));
    const RecordSets before = TRY(LoadRecordSets(tx, zone.id));
    RecordSets after = before;
    TRY(ApplyBatch(zone, options_.alias_zones, in.change_batch.changes, after));
    TRY(Store(tx, before, after));
    TRY(Serve(tx, zone, after));
    return NoteChange(tx, call, zone.id, in.change_batch.comment.value_or(""));
  }));
  return ChangeResourceRecordSetsOutput{.change_info = ToInfo(change)};
}

Result<ListResourceRecordSetsOutput> Route53::ListResourceRecordSets(const Call&,
                                                                     const ListResourceRecordSetsInput& in) const {
  const size_t page_size = TRY(PageSize(in.max_items, kRecordSetsPageMax));
  std::string from;
  if (in.start_record_name && !in.start_record_name->empty()) {
    const auto name = ParseName(*in.start_record_name);
    if (!name) return BadStart(fmt::format("{} is not a valid domain name", *in.start_record_name));
    from = SortName(ToText(*name));
  } else if (in.start_record_type) {
    return BadStart("The type parameter requires the name parameter");
  }
  if (in.start_record_identifier && !in.start_record_type) {
    return BadStart("The identifier parameter requires the name and type parameters");
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListResourceRecordSetsOutput> {
    const ZoneRecord zone = TRY(GetZone(tx, in.hosted_zone_id));
    auto records = TRY(tx.Select<RecordSetRecord>(
        "zone_id = ? AND (sort_name, type) >= (?, ?) ORDER BY sort_name, type LIMIT ?",
        {zone.id, from, in.start_record_type.value_or(""), static_cast<int64_t>(page_size + 1)}));
    const auto next = CutPage(records, page_size);
    ListResourceRecordSetsOutput out;
    for (const RecordSetRecord& record : records) out.resource_record_sets.push_back(ToModel(record));
    out.is_truncated = next.has_value();
    out.max_items = std::to_string(page_size);
    if (next) {
      out.next_record_name = next->name;
      out.next_record_type = next->type;
    }
    return out;
  });
}

Result<GetChangeOutput> Route53::GetChange(const Call&, const GetChangeInput& in) const {
  std::string_view id = in.id;
  if (id.starts_with("/change/")) id.remove_prefix(std::string_view("/change/").size());
  const auto record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return tx.Find<ChangeRecord>(std::string(id)); }));
  if (!record) {
    return Error{Kind::kNotFound, kNoSuchChange, fmt::format("Could not find resource with ID: {}", id.substr(0, 64))};
  }
  return GetChangeOutput{.change_info = ToInfo(*record)};
}

Result<bool> Route53::LacksCname(const store::ReadTx& tx, std::string_view name, std::string_view value) const {
  const auto owner = ParseName(name), wanted = ParseName(value);
  if (!owner || !wanted) return false;
  const std::string text = ToText(*owner);
  // The nearest zone above it. Dots within labels are escaped, so that every dot ends one.
  for (size_t at = 0; at < text.size(); at = text.find('.', at) + 1) {
    const auto zones =
        TRY(tx.Select<ZoneRecord>("name = ? AND is_private = ?", {text.substr(at), store::Value(int64_t{0})}));
    for (const ZoneRecord& zone : zones) {
      const auto record = TRY(tx.Find<RecordSetRecord>(zone.id, SortName(text), std::string("CNAME")));
      if (record && ParseName(record->record_values) == wanted) return false;
    }
    if (!zones.empty()) return true;
  }
  return false;
}

}  // namespace meetinity::route53
