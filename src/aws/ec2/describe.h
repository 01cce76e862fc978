#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/ec2/state.h"
#include "aws/ec2/tags.h"
#include "aws/ec2_model.h"
#include "base/result.h"
#include "wire/call.h"

// How every Describe answers: which resources of the region are asked for by id, which of them its filters let through,
// and which page of those. A filter looks at what is answered, so that it finds what its user saw.
namespace meetinity::ec2 {

// Whose resources a call is about.
struct Place {
  std::string region;
  std::string account;
};
Place PlaceOf(const wire::Call& call);
std::string ArnOf(const Place& place, const ResourceKind& kind, std::string_view id);

using Texts = std::vector<std::string>;
inline void Add(Texts& texts, const std::optional<std::string>& text) {
  if (text) texts.push_back(*text);
}
inline void Add(Texts& texts, const std::optional<bool>& flag) {
  if (flag) texts.emplace_back(*flag ? "true" : "false");
}
inline void Add(Texts& texts, const std::optional<int32_t>& number) {
  if (number) texts.push_back(std::to_string(*number));
}
// `member` of each entry of an optional list, or of an optional structure.
template <class Entry, class Member>
void AddEach(Texts& texts, const std::optional<std::vector<Entry>>& list, Member Entry::*member) {
  if (!list) return;
  for (const Entry& entry : *list) Add(texts, entry.*member);
}

// One filter of a Describe: its name, and what of a resource's view it compares.
template <class View>
struct FilterField {
  std::string_view name;
  void (*values)(const View& view, Texts& texts);
};

struct Question {
  const std::vector<std::string>* ids = nullptr;
  const std::vector<Filter>* filters = nullptr;
  std::optional<int32_t> max_results;
  std::optional<std::string> next_token;
};

template <class In>
Question QuestionOf(const In& in, const std::optional<std::vector<std::string>>* ids = nullptr) {
  Question question;
  if (ids != nullptr && *ids && !(*ids)->empty()) question.ids = &**ids;
  if constexpr (requires { in.filters; }) {
    if (in.filters) question.filters = &*in.filters;
  } else if constexpr (requires { in.filter; }) {
    if (in.filter) question.filters = &*in.filter;
  }
  if constexpr (requires { in.max_results; }) question.max_results = in.max_results;
  if constexpr (requires { in.next_token; }) question.next_token = in.next_token;
  return question;
}

// InvalidParameterValue for a filter that is none of `known`, tag-key or tag:KEY.
Status CheckFilters(const Question& question, const std::vector<std::string_view>& known);
// Whether one of the filter's patterns matches one of the values; '*' and '?' are wildcards.
bool MatchesAny(const Filter& filter, const Texts& values);
// Whether it is tag-key or tag:KEY, which need no field; `values` are then the tags' own.
bool TagFilterValues(const Filter& filter, const std::vector<Tag>& tags, Texts& values);
// Where a page begins: behind this id. InvalidNextToken.
Result<std::string> IdBefore(const Question& question);
std::string TokenAfter(const std::string& id);

template <class View>
const std::vector<Tag>& TagsIn(const View& view) {
  static const std::vector<Tag> kNone;
  if constexpr (requires { view.tags; }) {
    return view.tags ? *view.tags : kNone;
  } else if constexpr (requires { view.tag_set; }) {
    return view.tag_set ? *view.tag_set : kNone;
  } else {
    return kNone;
  }
}

template <class View, class Fields>
bool Passes(const Question& question, const Fields& fields, const View& view) {
  if (question.filters == nullptr) return true;
  for (const Filter& filter : *question.filters) {
    Texts values;
    if (!TagFilterValues(filter, TagsIn(view), values)) {
      for (const FilterField<View>& field : fields) {
        if (field.name == filter.name) field.values(view, values);
      }
    }
    if (!MatchesAny(filter, values)) return false;
  }
  return true;
}

template <class View, class Fields>
Status CheckFilters(const Question& question, const Fields& fields) {
  std::vector<std::string_view> known;
  for (const FilterField<View>& field : fields) known.push_back(field.name);
  return CheckFilters(question, known);
}

template <class View>
struct Page {
  std::vector<View> items;
  std::optional<std::string> next_token;
};

// Of candidates (id, view) in the order of their ids, a page of those that pass.
template <class View, class Fields>
class PageMaker {
 public:
  PageMaker(const Question& question, const Fields& fields) : question_(question), fields_(fields) {}
  Status Begin() {
    TRY((CheckFilters<View, Fields>(question_, fields_)));
    before_ = TRY(IdBefore(question_));
    return {};
  }
  bool WantsMore() const { return !page_.next_token; }
  bool IsBehind(const std::string& id) const { return before_.empty() || id > before_; }
  void Offer(const std::string& id, View view) {
    if (!WantsMore() || !IsBehind(id) || !Passes(question_, fields_, view)) return;
    if (question_.max_results && page_.items.size() == static_cast<size_t>(*question_.max_results)) {
      page_.next_token = TokenAfter(last_);
      return;
    }
    last_ = id;
    page_.items.push_back(std::move(view));
  }
  Page<View> Take() { return std::move(page_); }

 private:
  const Question& question_;
  const Fields& fields_;
  std::string before_;
  std::string last_;
  Page<View> page_;
};

// The records that are asked for by id, each of which must exist, or all of the region.
template <class Record>
Result<std::vector<Record>> AskedFor(const store::ReadTx& tx, const std::string& region, const Question& question) {
  if (question.ids == nullptr) return InRegion<Record>(tx, region);
  std::vector<Record> records;
  for (const std::string& id : std::set<std::string>(question.ids->begin(), question.ids->end())) {
    records.push_back(TRY(Get<Record>(tx, region, id)));
  }
  return records;
}

// `make` makes the view of a record, with its tags: Result<View>(const Record&, std::vector<Tag>).
template <class Record, class View, class Fields, class Make>
Result<Page<View>> Describe(const store::ReadTx& tx, const std::string& region, const Question& question,
                            const Fields& fields, Make make) {
  PageMaker<View, Fields> maker(question, fields);
  TRY(maker.Begin());
  const TagIndex tags = TRY(TagIndex::Load(tx, region, Record::kKind));
  for (const Record& record : TRY(AskedFor<Record>(tx, region, question))) {
    if (!maker.WantsMore()) break;
    if (!maker.IsBehind(record.id)) continue;
    maker.Offer(record.id, TRY(make(record, tags.Of(record.id))));
  }
  return maker.Take();
}

// Refuses what an input asks for and nobody here serves: pairs of a parameter's name and whether it is there.
Status RefuseParameters(std::initializer_list<std::pair<std::string_view, bool>> parameters);
// Refuses one more when `where` has `max` already.
template <class Record>
Status Bound(const store::ReadTx& tx, std::string_view where, std::vector<store::Value> values, size_t max,
             std::string_view name, std::string_view noun) {
  const auto count = TRY(tx.Count<Record>(where, std::move(values)));
  if (static_cast<size_t>(count) < max) return {};
  return Error{Kind::kLimit, name, fmt::format("The maximum number of {} has been reached: {}.", noun, max)};
}

}  // namespace meetinity::ec2
