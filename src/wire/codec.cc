#include "wire/codec.h"

#include <algorithm>

#include "wire/cbor_reader.h"
#include "wire/cbor_writer.h"
#include "wire/error_codec.h"
#include "wire/faults.h"
#include "wire/http_bindings.h"
#include "wire/json_reader.h"
#include "wire/json_writer.h"
#include "wire/query_reader.h"
#include "wire/s3_quirks.h"
#include "wire/validate.h"
#include "wire/xml_reader.h"
#include "wire/xml_writer.h"

namespace meetinity::wire {
namespace {

bool HasBodyMembers(const Shape& shape) {
  return std::ranges::any_of(shape.members, [](const Member& m) { return m.location == Location::kBody; });
}

// A payload that is text or bytes is the body itself.
bool IsRaw(const Shape& shape) { return shape.kind == ShapeKind::kString || shape.kind == ShapeKind::kBlob; }

void ReadRestPayload(Protocol protocol, const Member& payload, std::string_view body, void* input, Faults& faults) {
  const PathNode root;
  faults.SetTopMember(&payload);
  if (payload.shape->kind == ShapeKind::kStream) return;
  if (body.empty()) {
    if (payload.required) faults.Missing(root, payload);
    return;
  }
  if (IsRaw(*payload.shape)) {
    *static_cast<std::string*>(payload.Emplace(input)) = body;
    return;
  }
  const PathNode here{.parent = &root, .name = payload.name};
  if (protocol == Protocol::kRestXml) {
    ReadXml(body, payload.wire_name, *payload.shape, payload.Emplace(input), here, false, faults);
  } else {
    ReadJson(body, *payload.shape, payload.Emplace(input), here, false, faults);
  }
}

void ReadRest(const ServiceShape& service, const Route& route, const ProtocolRequest& request, void* input,
              Faults& faults) {
  const Shape& shape = *route.operation->input;
  ReadBindings(service, route, request, input, faults);
  if (shape.payload) return ReadRestPayload(route.protocol, *shape.payload, request.body, input, faults);
  if (!HasBodyMembers(shape)) return;
  if (route.protocol == Protocol::kRestXml) {
    ReadXml(request.body, route.operation->input_name, shape, input, PathNode{}, true, faults);
  } else {
    ReadJson(request.body, shape, input, PathNode{}, true, faults);
  }
}

void WriteQuery(const ServiceShape& service, Protocol protocol, const OperationShape& operation, const void* output,
                const ResponseIds& ids, Encoded& encoded) {
  std::string& body = encoded.body;
  const std::string root = std::string(operation.name) + "Response";
  body.reserve(512);
  body += protocol == Protocol::kEc2 ? kXmlDeclaration : std::string_view();
  body += '<';
  body += root;
  body += " xmlns=\"";
  body += service.xml_namespace;
  body += "\">";
  XmlWriter writer(protocol, body);
  if (protocol == Protocol::kEc2) {
    AppendXmlElement("requestId", ids.request_id, body);
    if (operation.output->members.empty())
      body += "<return>true</return>";
    else
      writer.Members(*operation.output, output);
  } else {
    if (!operation.result_wrapper.empty()) writer.Root(operation.result_wrapper, {}, *operation.output, output);
    body += "<ResponseMetadata>";
    AppendXmlElement("RequestId", ids.request_id, body);
    body += "</ResponseMetadata>";
  }
  body += "</" + root + '>';
  encoded.headers.Set("content-type", protocol == Protocol::kEc2 ? "text/xml;charset=UTF-8" : "text/xml");
}

void WriteXmlDocument(const ServiceShape& service, std::string_view root, const Shape& shape, const void* structure,
                      Encoded& encoded) {
  encoded.body.reserve(1024);
  encoded.body += kXmlDeclaration;
  XmlWriter(Protocol::kRestXml, encoded.body).Root(root, service.xml_namespace, shape, structure);
  if (!encoded.headers.Find("content-type"))
    encoded.headers.Set("content-type", service.is_s3 ? "application/xml" : "text/xml");
}

// GetBucketLocation's one member is the root element itself.
void WriteUnwrapped(const ServiceShape& service, const Shape& shape, const void* output, Encoded& encoded) {
  const Member& member = shape.members.front();
  const void* value = member.Find(output);
  encoded.body += kXmlDeclaration;
  encoded.body += '<' + std::string(member.wire_name) + " xmlns=\"" + std::string(service.xml_namespace) + "\">";
  if (value) AppendXmlText(*static_cast<const std::string*>(value), encoded.body);
  encoded.body += "</" + std::string(member.wire_name) + '>';
  encoded.headers.Set("content-type", "application/xml");
}

void WriteRestPayload(const ServiceShape& service, Protocol protocol, const Member& payload, void* output,
                      Encoded& encoded) {
  void* value = const_cast<void*>(payload.Find(output));
  if (!value) return;
  if (payload.shape->kind == ShapeKind::kStream) {
    encoded.stream = std::move(*static_cast<StreamedBody*>(value));
  } else if (IsRaw(*payload.shape)) {
    encoded.body = std::move(*static_cast<std::string*>(value));
    if (!encoded.headers.Find("content-type")) {
      encoded.headers.Set("content-type",
                          payload.shape->kind == ShapeKind::kBlob ? "application/octet-stream" : "application/json");
    }
  } else if (protocol == Protocol::kRestXml) {
    WriteXmlDocument(service, payload.wire_name, *payload.shape, value, encoded);
  } else {
    AppendJson(*payload.shape, value, encoded.body);
    encoded.headers.Set("content-type", "application/json");
  }
}

void WriteRest(const ServiceShape& service, Protocol protocol, const OperationShape& operation, void* output,
               Encoded& encoded) {
  const Shape& shape = *operation.output;
  WriteBindings(operation, output, encoded);
  if (shape.payload) return WriteRestPayload(service, protocol, *shape.payload, output, encoded);
  if (protocol == Protocol::kRestJson) {
    if (encoded.status == 204) return;
    AppendJson(shape, output, encoded.body);
    return encoded.headers.Set("content-type", "application/json");
  }
  if (!HasBodyMembers(shape)) return;
  if (service.is_s3 && S3AnswersUnwrapped(operation)) return WriteUnwrapped(service, shape, output, encoded);
  const std::string_view special = service.is_s3 ? S3ResultElement(operation.name) : std::string_view();
  WriteXmlDocument(service, special.empty() ? shape.name : special, shape, output, encoded);
}

}  // namespace

Status DecodeInput(const ServiceShape& service, const Route& route, const ProtocolRequest& request, void* input) {
  const Shape& shape = *route.operation->input;
  Faults faults;
  switch (route.protocol) {
    case Protocol::kRestXml:
    case Protocol::kRestJson:
      ReadRest(service, route, request, input, faults);
      break;
    case Protocol::kQuery:
    case Protocol::kEc2:
      ReadQuery(route.parameters, route.protocol, shape, input, faults);
      break;
    case Protocol::kJson10:
    case Protocol::kJson11:
      ReadJson(request.body, shape, input, PathNode{}, true, faults);
      break;
    case Protocol::kRpcV2Cbor:
      ReadCbor(request.body, shape, input, faults);
      break;
  }
  if (faults.empty()) Validate(shape, input, faults);
  if (!faults.empty()) return ToRefusal(service, route.protocol, faults);
  return {};
}

StagedBodyPtr* StreamedInput(const OperationShape& operation, void* input) {
  const Member* payload = operation.streams_input ? operation.input->payload : nullptr;
  return payload ? static_cast<StagedBodyPtr*>(payload->Emplace(input)) : nullptr;
}

Encoded EncodeOutput(const ServiceShape& service, Protocol protocol, const OperationShape& operation, void* output,
                     const ResponseIds& ids) {
  Encoded encoded;
  encoded.status = service.is_s3 ? S3Status(operation, output) : operation.status;
  switch (protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2:
      WriteQuery(service, protocol, operation, output, ids, encoded);
      break;
    case Protocol::kRestXml:
    case Protocol::kRestJson:
      WriteRest(service, protocol, operation, output, encoded);
      break;
    case Protocol::kJson10:
    case Protocol::kJson11:
      AppendJson(*operation.output, output, encoded.body);
      encoded.headers.Set("content-type",
                          protocol == Protocol::kJson10 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1");
      break;
    case Protocol::kRpcV2Cbor:
      AppendCbor(*operation.output, output, encoded.body);
      encoded.headers.Set("content-type", "application/cbor");
      break;
  }
  AddRequestIds(service, protocol, ids, encoded);
  return encoded;
}

}  // namespace meetinity::wire
