// Any bytes as a form of the query protocol: found an operation, filled its input, or refused by name.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/iam_model.h"
#include "base/check.h"
#include "fuzz/cloudwatch_model.h"
#include "wire/codec.h"

namespace {

using namespace meetinity;

template <class Operation>
void CheckForm(const wire::ServiceShape& service, const wire::Route& route, const wire::ProtocolRequest& request) {
  if (route.operation != &Operation::Shape()) return;
  typename Operation::Input input;
  const Status status = wire::DecodeInput(service, route, request, &input);
  if (!status.ok()) CHECK(!status.error().name.empty());
}

void CheckService(const wire::ServiceShape& service, const wire::ProtocolRequest& request) {
  const Result<wire::Route> route = wire::FindRoute(service, wire::Protocol::kQuery, request);
  if (!route.ok()) {
    CHECK(!route.error().name.empty());
    return;
  }
  CheckForm<iam::CreateRole>(service, *route, request);
  CheckForm<iam::CreateUser>(service, *route, request);
  CheckForm<fuzz::cloudwatch::GetMetricData>(service, *route, request);
  CheckForm<fuzz::cloudwatch::PutMetricAlarm>(service, *route, request);
  CheckForm<fuzz::cloudwatch::PutMetricData>(service, *route, request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const wire::ProtocolRequest request{"POST", "/", {}, {}, std::string_view(reinterpret_cast<const char*>(data), size),
                                      {}};
  CheckService(iam::Model(), request);
  CheckService(fuzz::cloudwatch::Model(), request);
  return 0;
}
