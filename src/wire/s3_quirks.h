#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/faults.h"
#include "wire/shape.h"

// Where S3 does not follow the rules of its own protocol.
namespace meetinity::wire {

struct ProtocolRequest;

// S3 words what is wrong with a parameter or header by its wire name, and with a body not at all.
Error S3Refusal(const Fault& fault);

// The root element of an answer, which S3's model does not name: "ListBucketResult" for ListObjectsV2. Empty when it is
// the output shape's own name.
std::string_view S3ResultElement(std::string_view operation);

// GetBucketLocation's answer has no structure around it: <LocationConstraint>eu-west-1</LocationConstraint>.
bool S3AnswersUnwrapped(const OperationShape& operation);

// Whether a document without Content-MD5 or a checksum is refused. The model marks more operations, for SDKs to compute
// one; S3 itself takes these from clients that never did.
bool S3DemandsChecksum(const OperationShape& operation);

// 206 for a range, 204 where the model forgot to say so.
int S3Status(const OperationShape& operation, const void* output);

}  // namespace meetinity::wire
