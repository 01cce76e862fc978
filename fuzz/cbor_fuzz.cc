// Any bytes as a CBOR body: tags, halves, indefinite lengths, and the same shapes as the JSON fuzzer's.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/acm_model.h"
#include "fuzz/bodies.h"
#include "fuzz/cloudwatch_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace meetinity;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  fuzz::CheckBody<acm::ImportCertificate>(acm::Model(), wire::Protocol::kRpcV2Cbor, body);
  fuzz::CheckBody<acm::RequestCertificate>(acm::Model(), wire::Protocol::kRpcV2Cbor, body);
  fuzz::CheckBody<fuzz::cloudwatch::GetMetricData>(fuzz::cloudwatch::Model(), wire::Protocol::kRpcV2Cbor, body);
  fuzz::CheckBody<fuzz::cloudwatch::PutMetricData>(fuzz::cloudwatch::Model(), wire::Protocol::kRpcV2Cbor, body);
  return 0;
}
