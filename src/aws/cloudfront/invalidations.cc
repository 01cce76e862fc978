#include <fmt/format.h>

#include <algorithm>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

// Developer Guide, page "Concurrent invalidation request maximum".
constexpr int64_t kExactPathsInProgressMax = 3'000;
constexpr int64_t kWildcardPathsInProgressMax = 15;
constexpr size_t kPathBytesMax = 4'000;

// As the Developer Guide's page "Specify the objects to invalidate" has it; viewers' paths hold no such bytes either.
Status CheckPath(std::string_view path) {
  const size_t star = path.find('*');
  const bool printable = std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!path.starts_with('/') || path.size() > kPathBytesMax || !printable ||
      (star != std::string_view::npos && star + 1 != path.size())) {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("Your request contains one or more invalid invalidation paths: '{}'. A path starts with a "
                             "slash, has at most {} printable ASCII characters, and may have a * as its last one",
                             path.substr(0, 128), kPathBytesMax)};
  }
  return {};
}

Status CheckBatch(const InvalidationBatch& batch, const std::vector<std::string>& paths) {
  if (batch.paths.quantity != static_cast<int64_t>(paths.size())) {
    return Error{Kind::kInvalid, kInconsistentQuantities,
                 fmt::format("Paths says Quantity {} and has {} Items", batch.paths.quantity, paths.size())};
  }
  if (paths.empty() || batch.caller_reference.empty()) {
    return Error{Kind::kInvalid, kInvalidArgument, "an invalidation needs a CallerReference and at least one path"};
  }
  if (static_cast<int64_t>(paths.size()) > kExactPathsInProgressMax) {
    return Error{Kind::kLimit, kBatchTooLarge,
                 fmt::format("{} paths in one invalidation; {} is the most", paths.size(), kExactPathsInProgressMax)};
  }
  for (const std::string& path : paths) TRY(CheckPath(path));
  return {};
}

Status CheckInProgress(const store::ReadTx& tx, const InvalidationRecord& wanted) {
  int64_t exact = wanted.exact_paths;
  int64_t wildcards = wanted.wildcard_paths;
  for (const InvalidationRecord& other : TRY(tx.Select<InvalidationRecord>("status = 'InProgress'"))) {
    if (other.distribution_id != wanted.distribution_id) continue;
    exact += other.exact_paths;
    wildcards += other.wildcard_paths;
  }
  if (exact > kExactPathsInProgressMax || wildcards > kWildcardPathsInProgressMax) {
    return Error{Kind::kLimit, kTooManyInvalidationsInProgress,
                 fmt::format("Processing your request will cause you to exceed the maximum number of in-progress "
                             "paths: {} without and {} with a wildcard; wait for one to complete",
                             kExactPathsInProgressMax, kWildcardPathsInProgressMax)};
  }
  return {};
}

std::vector<std::string> PathsOf(const InvalidationRecord& record) {
  std::vector<std::string> paths;
  for (const std::string_view path : Split(record.paths, '\n')) paths.emplace_back(path);
  return paths;
}

Invalidation ToInvalidation(const InvalidationRecord& record) {
  Invalidation invalidation;
  invalidation.id = record.id;
  invalidation.status = record.status;
  invalidation.create_time = record.create_time;
  invalidation.invalidation_batch.caller_reference = record.caller_reference;
  std::vector<std::string> paths = PathsOf(record);
  invalidation.invalidation_batch.paths.quantity = static_cast<int32_t>(paths.size());
  invalidation.invalidation_batch.paths.items = std::move(paths);
  return invalidation;
}

}  // namespace

Result<CreateInvalidationOutput> CloudFront::CreateInvalidation(const Call& call, const CreateInvalidationInput& in) {
  const InvalidationBatch& batch = in.invalidation_batch;
  const std::vector<std::string> paths = batch.paths.items.value_or(std::vector<std::string>());
  struct Outcome {
    InvalidationRecord record;
    bool is_new = true;
  };
  const Outcome outcome = TRY(database_.Write([&](store::Tx& tx) -> Result<Outcome> {
    TRY(GetDistributionRecord(tx, in.distribution_id));
    TRY(CheckBatch(batch, paths));
    InvalidationRecord record;
    record.distribution_id = in.distribution_id;
    record.id = NewInvalidationId();
    record.caller_reference = batch.caller_reference;
    record.create_time = call.now;
    record.number = static_cast<int64_t>(tx.number());
    record.status = kInProgress;
    record.wildcard_paths =
        std::count_if(paths.begin(), paths.end(), [](const auto& path) { return path.ends_with('*'); });
    record.exact_paths = static_cast<int64_t>(paths.size()) - record.wildcard_paths;
    record.paths = Join(paths, "\n");
    const auto earlier = TRY(
        tx.Select<InvalidationRecord>("distribution_id = ? AND caller_reference = ?",
                                      {store::Value(record.distribution_id), store::Value(record.caller_reference)}));
    if (!earlier.empty()) {
      if (earlier.front().paths == record.paths) return Outcome{earlier.front(), false};
      return Error{Kind::kInvalid, kInvalidationBatchAlreadyExists,
                   fmt::format("the CallerReference {} was already used with other paths; send a new one",
                               batch.caller_reference.substr(0, 128))};
    }
    TRY(CheckInProgress(tx, record));
    TRY(tx.Put(record));
    return Outcome{std::move(record), true};
  }));
  if (outcome.is_new) deployer_->Invalidate(outcome.record);
  return CreateInvalidationOutput{.invalidation = ToInvalidation(outcome.record),
                                  .location = fmt::format("{}/2020-05-31/distribution/{}/invalidation/{}",
                                                          call.endpoint, in.distribution_id, outcome.record.id)};
}

Result<GetInvalidationOutput> CloudFront::GetInvalidation(const Call&, const GetInvalidationInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetInvalidationOutput> {
    TRY(GetDistributionRecord(tx, in.distribution_id));
    const auto record = TRY(tx.Find<InvalidationRecord>(in.distribution_id, in.id));
    if (!record) {
      return Error{Kind::kNotFound, kNoSuchInvalidation,
                   fmt::format("The specified invalidation does not exist: {}", in.id.substr(0, 64))};
    }
    return GetInvalidationOutput{.invalidation = ToInvalidation(*record)};
  });
}

Result<ListInvalidationsOutput> CloudFront::ListInvalidations(const Call&, const ListInvalidationsInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListInvalidationsOutput> {
    TRY(GetDistributionRecord(tx, in.distribution_id));
    // Newest first; the marker is the last id of the page before, and the listing goes on behind its number.
    int64_t below = std::numeric_limits<int64_t>::max();
    if (in.marker && !in.marker->empty()) {
      const auto last = TRY(tx.Find<InvalidationRecord>(in.distribution_id, *in.marker));
      if (!last) {
        return Error{Kind::kInvalid, kInvalidArgument, "Marker is not an invalidation of this distribution"};
      }
      below = last->number;
    }
    const auto records = TRY(tx.Select<InvalidationRecord>(
        "distribution_id = ? AND number < ? ORDER BY number DESC LIMIT ?",
        {store::Value(in.distribution_id), store::Value(below), store::Value(int64_t{max_items} + 1)}));
    std::vector<InvalidationSummary> summaries;
    summaries.reserve(records.size());
    for (const InvalidationRecord& record : records) {
      summaries.push_back({.create_time = record.create_time, .id = record.id, .status = record.status});
    }
    auto page = TakePage(std::move(summaries), std::nullopt, max_items, [](const auto& item) { return item.id; });
    InvalidationList list;
    list.marker = in.marker.value_or("");
    list.is_truncated = page.next_marker.has_value();
    FillList(list, std::move(page), max_items);
    return ListInvalidationsOutput{.invalidation_list = std::move(list)};
  });
}

}  // namespace meetinity::cloudfront
