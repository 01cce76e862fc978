#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aws/s3/state.h"
#include "aws/s3_model.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"

// What a bucket's lifecycle configuration asks for, and when (S3 User Guide, "Managing the lifecycle of objects"). Pure
// but for LifecycleBook, which remembers what it parsed.
namespace meetinity::s3 {

// What PutBucketLifecycleConfiguration accepts. Rules without an ID are given one.
Status CheckLifecycle(std::vector<LifecycleRule>& rules);

// The midnight (UTC) at which something of `from` has lasted `days` days: S3 rounds up to the next one. Absent where
// that lies beyond what an Instant reaches, so never.
std::optional<Instant> MidnightAfter(Instant from, int64_t days);

// What rules look at in a version. A delete marker has no tags and no bytes.
struct LifecycleSubject {
  std::string_view key;
  const Tags& tags;
  uint64_t size = 0;
};

// What a rule does at a midnight. The views are the rules'.
struct LifecycleDue {
  Instant at;
  std::string_view rule_id;
  std::string_view storage_class = {};  // of transitions
};

// The enabled rules of one bucket, ready to be asked. Immutable, and so thread-safe.
class LifecycleRules {
 public:
  explicit LifecycleRules(const GetBucketLifecycleConfigurationOutput& configuration);

  // When the current version goes; the earliest rule wins.
  std::optional<LifecycleDue> Expiration(const LifecycleSubject& object, Instant modified) const;
  // When a version goes that another replaced at `since`, with `newer` noncurrent ones between it and the current.
  std::optional<LifecycleDue> NoncurrentExpiration(const LifecycleSubject& version, Instant since, int64_t newer) const;
  // The coldest class that a current version has reached at `now`, where that is colder than the one it is in.
  std::optional<LifecycleDue> Transition(const LifecycleSubject& object, Instant modified,
                                         std::string_view storage_class, Instant now) const;
  std::optional<LifecycleDue> NoncurrentTransition(const LifecycleSubject& version, Instant since, int64_t newer,
                                                   std::string_view storage_class, Instant now) const;
  // When a delete marker goes that hides nothing any more.
  std::optional<LifecycleDue> LoneMarkerRemoval(std::string_view key, Instant made) const;
  // When an upload in parts is given up.
  std::optional<LifecycleDue> Abort(std::string_view key, Instant initiated) const;

  // Whether any rule concerns uploads, or versions: what needs no walk is spared one.
  bool concerns_uploads() const { return concerns_uploads_; }
  bool concerns_versions() const { return concerns_versions_; }

 private:
  struct Filter {
    explicit Filter(const LifecycleRule& rule);
    bool Matches(const LifecycleSubject& subject) const;
    std::string prefix;
    Tags tags;
    std::optional<int64_t> larger_than, smaller_than;  // bytes
  };
  struct Rule {
    Filter filter;
    LifecycleRule given;
  };

  bool MayTransition(const Rule& rule, const LifecycleSubject& subject, std::string_view to) const;

  std::vector<Rule> rules_;
  bool small_objects_to_archives_ = false;
  bool concerns_uploads_ = false;
  bool concerns_versions_ = false;
};
using LifecycleRulesPtr = std::shared_ptr<const LifecycleRules>;

// "expiry-date="Fri, 23 Dec 2012 00:00:00 GMT", rule-id="…"": the x-amz-expiration header.
std::string ToExpirationHeader(const LifecycleDue& due);

// As a bucket's record keeps it.
std::string ToStoredLifecycle(const GetBucketLifecycleConfigurationOutput& configuration);
Result<GetBucketLifecycleConfigurationOutput> FromStoredLifecycle(std::string_view stored);

// The parsed rules of buckets: parsing costs more than a small GET. Thread-safe.
class LifecycleBook {
 public:
  // Null when the bucket has none.
  Result<LifecycleRulesPtr> RulesOf(const BucketRecord& bucket) const;

 private:
  struct Entry {
    std::string text;  // an entry counts only while this is the bucket's, so it is never stale
    LifecycleRulesPtr rules;
  };
  mutable Guarded<std::unordered_map<std::string, Entry>> known_;
};

}  // namespace meetinity::s3
