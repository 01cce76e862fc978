#include "wire/error_codec.h"

#include <cctype>

#include "base/text.h"
#include "wire/cbor_writer.h"
#include "wire/json_writer.h"
#include "wire/xml_writer.h"

namespace meetinity::wire {
namespace {

// What a client is told, whatever its protocol.
struct Told {
  int status = 500;
  std::string_view shape;  // JSON and CBOR tell the shape, XML the code
  std::string_view code;
  bool is_senders = false;
  std::string_view message;
  std::vector<const ErrorField*> fields;  // without those that are headers
};

int StatusOf(meetinity::Kind kind) {
  switch (kind) {
    case Kind::kInvalid:
      return 400;
    case Kind::kUnauthorized:
      return 403;
    case Kind::kNotFound:
      return 404;
    case Kind::kConflict:
      return 409;
    case Kind::kPrecondition:
      return 412;
    case Kind::kLimit:
      return 400;
    case Kind::kUnsupported:
      return 501;
    case Kind::kUnavailable:
      return 503;
    case Kind::kInternal:
      return 500;
  }
  return 500;
}

bool IsHeader(const ErrorField& field) {
  return !field.name.empty() && std::islower(static_cast<unsigned char>(field.name.front()));
}

Told WhatToTell(const ServiceShape& service, const Error& error) {
  Told told;
  if (error.kind == Kind::kInternal) {
    told.shape = told.code = service.is_s3 ? "InternalError" : "InternalFailure";
    told.message = service.is_s3
                       ? "We encountered an internal error. Please try again."
                       : "The request processing has failed because of an unknown error, exception or failure.";
    return told;
  }
  const ErrorShape* known = service.FindError(error.name);
  told.status = known ? known->status : StatusOf(error.kind);
  told.shape = known ? known->shape : error.name;
  told.code = known ? known->code : error.name;
  told.is_senders = told.status < 500 && (!known || known->sender_fault);
  told.message = error.detail.empty() && known ? known->message : std::string_view(error.detail);
  for (const ErrorField& field : error.fields) {
    if (!IsHeader(field)) told.fields.push_back(&field);
  }
  return told;
}

std::string S3Body(const Told& told, const ResponseIds& ids) {
  std::string body(kXmlDeclaration);
  body += "<Error>";
  AppendXmlElement("Code", told.code, body);
  AppendXmlElement("Message", told.message, body);
  for (const ErrorField* field : told.fields) AppendXmlElement(field->name, field->value, body);
  if (told.fields.empty() && !ids.resource.empty()) AppendXmlElement("Resource", ids.resource, body);
  AppendXmlElement("RequestId", ids.request_id, body);
  AppendXmlElement("HostId", ids.host_id, body);
  body += "</Error>";
  return body;
}

std::string Ec2Body(const Told& told, const ResponseIds& ids) {
  std::string body(kXmlDeclaration);
  body += "<Response><Errors><Error>";
  AppendXmlElement("Code", told.code, body);
  AppendXmlElement("Message", told.message, body);
  body += "</Error></Errors>";
  AppendXmlElement("RequestID", ids.request_id, body);
  body += "</Response>";
  return body;
}

std::string XmlBody(const ServiceShape& service, const Told& told, const ResponseIds& ids) {
  std::string body;
  body += "<ErrorResponse xmlns=\"";
  body += service.xml_namespace;
  body += "\"><Error>";
  AppendXmlElement("Type", told.is_senders ? "Sender" : "Receiver", body);
  AppendXmlElement("Code", told.code, body);
  AppendXmlElement("Message", told.message, body);
  for (const ErrorField* field : told.fields) AppendXmlElement(field->name, field->value, body);
  body += "</Error>";
  AppendXmlElement("RequestId", ids.request_id, body);
  body += "</ErrorResponse>";
  return body;
}

std::string JsonBody(const Told& told) {
  std::string body = "{\"__type\":";
  AppendJsonString(told.shape, body);
  body += ",\"message\":";
  AppendJsonString(told.message, body);
  for (const ErrorField* field : told.fields) {
    body += ',';
    AppendJsonString(field->name, body);
    body += ':';
    AppendJsonString(field->value, body);
  }
  body += '}';
  return body;
}

std::string CborBody(const Told& told) {
  std::string body;
  AppendCborMapHead(2 + told.fields.size(), body);
  AppendCborText("__type", body);
  AppendCborText(told.shape, body);
  AppendCborText("message", body);
  AppendCborText(told.message, body);
  for (const ErrorField* field : told.fields) {
    AppendCborText(field->name, body);
    AppendCborText(field->value, body);
  }
  return body;
}

void WriteJsonHeaders(const ServiceShape& service, Protocol protocol, const Told& told, Encoded& encoded) {
  if (protocol != Protocol::kRpcV2Cbor) encoded.headers.Set("x-amzn-errortype", told.shape);
  if (service.query_compatible) {
    encoded.headers.Set("x-amzn-query-error", std::string(told.code) + (told.is_senders ? ";Sender" : ";Receiver"));
  }
}

void WriteBody(const ServiceShape& service, Protocol protocol, const Told& told, const ResponseIds& ids,
               Encoded& encoded) {
  std::string_view type = "text/xml";
  switch (protocol) {
    case Protocol::kRestXml:
      if (service.is_s3) type = "application/xml";
      encoded.body = service.is_s3 ? S3Body(told, ids) : XmlBody(service, told, ids);
      break;
    case Protocol::kQuery:
      encoded.body = XmlBody(service, told, ids);
      break;
    case Protocol::kEc2:
      encoded.body = Ec2Body(told, ids);
      break;
    case Protocol::kRestJson:
      type = "application/json";
      break;
    case Protocol::kJson10:
      type = "application/x-amz-json-1.0";
      break;
    case Protocol::kJson11:
      type = "application/x-amz-json-1.1";
      break;
    case Protocol::kRpcV2Cbor:
      type = "application/cbor";
      encoded.body = CborBody(told);
      break;
  }
  if (encoded.body.empty()) encoded.body = JsonBody(told);
  encoded.headers.Set("content-type", type);
}

}  // namespace

void AddRequestIds(const ServiceShape& service, Protocol protocol, const ResponseIds& ids, Encoded& encoded) {
  if (service.is_s3) {
    encoded.headers.Set("x-amz-request-id", ids.request_id);
    encoded.headers.Set("x-amz-id-2", ids.host_id);
    return;
  }
  encoded.headers.Set("x-amzn-requestid", ids.request_id);
  if (protocol == Protocol::kRpcV2Cbor) encoded.headers.Set("smithy-protocol", "rpc-v2-cbor");
}

Encoded EncodeError(const ServiceShape& service, Protocol protocol, const Error& error, const ResponseIds& ids) {
  const Told told = WhatToTell(service, error);
  Encoded encoded;
  encoded.status = told.status;
  AddRequestIds(service, protocol, ids, encoded);
  for (const ErrorField& field : error.fields) {
    if (IsHeader(field) && error.kind != Kind::kInternal) encoded.headers.Set(field.name, field.value);
  }
  const bool is_json =
      protocol == Protocol::kRestJson || protocol == Protocol::kJson10 || protocol == Protocol::kJson11;
  if (is_json || protocol == Protocol::kRpcV2Cbor) WriteJsonHeaders(service, protocol, told, encoded);
  // Not Modified tells by its status alone, and HEAD has no body to tell in.
  if (told.status == 304) return encoded;
  if (!ids.is_head) WriteBody(service, protocol, told, ids, encoded);
  return encoded;
}

}  // namespace meetinity::wire
