#include "engine/edge/cache_entry.h"

namespace meetinity::edge {

std::shared_ptr<CacheEntry> CopyForUpdate(const CacheEntry& entry) {
  auto copy = std::make_shared<CacheEntry>();
  copy->kind = entry.kind;
  copy->key = entry.key;
  copy->hash = entry.hash;
  copy->target_at = entry.target_at;
  copy->target_size = entry.target_size;
  copy->status = entry.status;
  copy->head = entry.head;
  copy->body = entry.body;
  copy->segment = entry.segment;
  copy->epoch = entry.epoch;
  copy->stored_at = entry.stored_at;
  copy->fresh_until = entry.fresh_until;
  copy->revalidate_until = entry.revalidate_until;
  copy->stand_in_until = entry.stand_in_until;
  return copy;
}

}  // namespace meetinity::edge
