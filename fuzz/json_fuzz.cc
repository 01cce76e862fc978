// Any bytes as a JSON body: certificates as base64, enums, numbers and times.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/acm_model.h"
#include "fuzz/bodies.h"
#include "fuzz/cloudwatch_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace meetinity;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  fuzz::CheckBody<acm::ImportCertificate>(acm::Model(), wire::Protocol::kJson11, body);
  fuzz::CheckBody<acm::RequestCertificate>(acm::Model(), wire::Protocol::kJson11, body);
  fuzz::CheckBody<fuzz::cloudwatch::GetMetricData>(fuzz::cloudwatch::Model(), wire::Protocol::kJson10, body);
  fuzz::CheckBody<fuzz::cloudwatch::PutMetricData>(fuzz::cloudwatch::Model(), wire::Protocol::kJson10, body);
  return 0;
}
