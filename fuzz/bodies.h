#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "wire/cbor_writer.h"
#include "wire/codec.h"
#include "wire/json_writer.h"
#include "wire/xml_writer.h"

// What every reader of bodies promises: bytes become an input or a named refusal; and what was accepted, written down
// and read again, is the same input.
namespace meetinity::fuzz {

inline std::string Written(const wire::OperationShape& operation, wire::Protocol protocol, const void* input) {
  std::string body;
  const wire::Shape& shape = *operation.input;
  if (protocol == wire::Protocol::kRpcV2Cbor) {
    wire::AppendCbor(shape, input, body);
  } else if (protocol != wire::Protocol::kRestXml) {
    wire::AppendJson(shape, input, body);
  } else if (!shape.payload) {
    wire::XmlWriter(protocol, body).Root(operation.input_name, {}, shape, input);
  } else if (const void* payload = shape.payload->Find(input)) {
    wire::XmlWriter(protocol, body).Root(shape.payload->wire_name, {}, *shape.payload->shape, payload);
  }
  return body;
}

// The body as Operation's, with all that its address may have to name.
template <class Operation>
void CheckBody(const wire::ServiceShape& service, wire::Protocol protocol, std::string_view body) {
  const wire::OperationShape& operation = Operation::Shape();
  const wire::Route route{.protocol = protocol,
                          .operation = &operation,
                          .labels = {{"Bucket", "shop"}, {"Key", "a"}, {"DistributionId", "E1"}, {"Id", "E1"}},
                          .parameters = {{"Resource", "arn:aws:cloudfront::1:distribution/E1"}, {"uploadId", "u"}}};
  const auto decode = [&](std::string_view bytes, typename Operation::Input& input) {
    return wire::DecodeInput(service, route, {"POST", "/", {}, {}, bytes, {}}, &input);
  };
  typename Operation::Input input;
  const Status status = decode(body, input);
  if (!status.ok()) {
    CHECK(!status.error().name.empty());
    return;
  }
  const std::string written = Written(operation, protocol, &input);
  if (protocol != wire::Protocol::kRpcV2Cbor) CHECK(IsValidUtf8(written));
  typename Operation::Input again;
  CHECK(decode(written, again).ok());
  CHECK(Written(operation, protocol, &again) == written);
}

}  // namespace meetinity::fuzz
