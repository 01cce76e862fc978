#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/ec2/state.h"
#include "aws/ec2_model.h"

// The one store of tags.
namespace meetinity::ec2 {

// Adds or replaces: InvalidParameterValue, TagLimitExceeded.
Status PutTags(store::Tx& tx, const std::string& region, const std::string& resource_id, const std::vector<Tag>& tags);
// What a creation brings for the resource that it made; a specification for another type is refused.
Status PutTags(store::Tx& tx, const std::string& region, const std::string& resource_id,
               const std::optional<std::vector<TagSpecification>>& specifications);
Status RemoveTags(store::Tx& tx, const std::string& resource_id);
Result<std::vector<Tag>> TagsOf(const store::ReadTx& tx, const std::string& resource_id);

// The tags of all resources of a kind in a region, read at once.
class TagIndex {
 public:
  static Result<TagIndex> Load(const store::ReadTx& tx, const std::string& region, const ResourceKind& kind);
  std::vector<Tag> Of(const std::string& resource_id) const;

 private:
  std::map<std::string, std::vector<Tag>> tags_;
};

}  // namespace meetinity::ec2
