#include "aws/cloudfront/config_cache.h"

namespace meetinity::cloudfront {

Result<DistributionConfig> ConfigCache::Load(const DistributionRecord& record) {
  using Entries = std::map<std::string, std::shared_ptr<const Parsed>>;
  const auto known = by_id_.With([&](const Entries& entries) {
    const auto found = entries.find(record.id);
    return found == entries.end() ? std::shared_ptr<const Parsed>() : found->second;
  });
  if (known && known->text == record.config) return known->config;
  DistributionConfig config = TRY(LoadDistributionConfig(record));
  const auto parsed = std::make_shared<const Parsed>(Parsed{record.config, std::move(config)});
  by_id_.With([&](Entries& entries) {
    // Any may go: the next reader parses it again.
    if (entries.size() >= kEntriesMax && !entries.contains(record.id)) entries.erase(entries.begin());
    entries.insert_or_assign(record.id, parsed);
  });
  return parsed->config;
}

}  // namespace meetinity::cloudfront
