// Any body is a form or a named refusal, the same however the network splits it, and the file is no longer than the
// body. What a form calls its policy is one, or is refused by name. The first byte says where to split.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "wire/multipart_form.h"
#include "wire/post_policy.h"

namespace {

using namespace meetinity;
using namespace meetinity::wire;

struct Outcome {
  std::string error, fields, file_name, file;
  bool operator==(const Outcome&) const = default;
};

Outcome Read(std::string_view body, size_t piece_max) {
  Outcome outcome;
  int files = 0;
  MultipartForm form("b", {[&] {
                             CHECK(++files == 1);
                             return Status();
                           },
                           [&](std::string_view bytes) {
                             outcome.file += bytes;
                             return Status();
                           }});
  Status status;
  for (size_t at = 0; status.ok() && at < body.size(); at += piece_max) status = form.Push(body.substr(at, piece_max));
  if (status.ok()) status = form.Finish();
  CHECK(outcome.file.size() <= body.size());
  // What passed on before the refusal differs with the split, and is thrown away.
  if (!status.ok()) return {std::string(status.error().name), {}, {}, {}};
  for (const FormField& field : form.fields()) outcome.fields += field.name + '\0' + field.value + '\0';
  outcome.file_name = form.file_name();
  CHECK(outcome.fields.size() <= kFormFieldsMax);
  return outcome;
}

void CheckPolicy(std::string_view json) {
  const Result<PostPolicy> policy = PostPolicy::Parse(Base64Encode(json));
  if (!policy.ok()) {
    CHECK(!policy.error().name.empty());
    return;
  }
  const Status allowed = policy->Check({{"key", "k"}, {"bucket", "b"}}, Instant::Utc("2024-01-01T00:00:00Z"));
  CHECK(allowed.ok() || !allowed.error().name.empty());
  static_cast<void>(policy->CheckSize(json.size(), true).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  CHECK(Read(body, 1 + data[0]) == Read(body, std::max<size_t>(1, body.size())));
  CheckPolicy(body);
  const Result<std::string> boundary = ParseFormBoundary(body);
  CHECK(!boundary.ok() || !boundary->empty());
  return 0;
}
