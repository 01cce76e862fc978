#include "aws/s3/errors.h"

#include <string>
#include <utility>

namespace meetinity::s3 {

Error MalformedXml(std::string_view detail) {
  std::string text = "The XML you provided was not well-formed or did not validate against our published schema";
  if (!detail.empty()) text.append(": ").append(detail);
  return Error{Kind::kInvalid, kMalformedXml, std::move(text)};
}

}  // namespace meetinity::s3
