#pragma once

#include "wire/codec.h"
#include "wire/faults.h"

// The parts of a REST operation that are not in its body: path labels, query parameters, headers, status.
namespace meetinity::wire {

void ReadBindings(const ServiceShape& service, const Route& route, const ProtocolRequest& request, void* input,
                  Faults& faults);

// Adds the output's headers and status. Content-Length goes to Encoded::content_length.
void WriteBindings(const OperationShape& operation, const void* output, Encoded& encoded);

}  // namespace meetinity::wire
