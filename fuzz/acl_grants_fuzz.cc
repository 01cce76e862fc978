// Any x-amz-grant-… header is a list of grantees or a named refusal, and what was understood, written out again, is
// understood the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/s3/acl.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace meetinity;
  using namespace meetinity::s3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<std::vector<HeaderGrantee>> grantees = ParseGrantHeader("x-amz-grant-read", text);
  if (!grantees.ok()) {
    CHECK(!grantees.error().name.empty() && !grantees.error().detail.empty());
    return 0;
  }
  CHECK(!grantees->empty() && grantees->size() <= kAclGrantsMax);
  std::string printed;
  for (const HeaderGrantee& grantee : *grantees) {
    CHECK(!grantee.value.empty());
    if (grantee.value.find('"') != std::string::npos) return 0;  // there is no way to quote it
    if (!printed.empty()) printed += ", ";
    printed.append(grantee.kind).append("=\"").append(grantee.value).append("\"");
  }
  const Result<std::vector<HeaderGrantee>> again = ParseGrantHeader("x-amz-grant-read", printed);
  CHECK(again.ok() && again->size() == grantees->size());
  for (size_t i = 0; i < again->size(); ++i)
    CHECK((*again)[i].kind == (*grantees)[i].kind && (*again)[i].value == (*grantees)[i].value);
  return 0;
}
