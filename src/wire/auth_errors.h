#pragma once

#include "base/result.h"
#include "wire/shape.h"

namespace meetinity::wire {

// A refusal of who asks, in the spelling of the service's protocol: the JSON protocols say UnrecognizedClientException
// with 400 where the others say InvalidClientTokenId with 403. Errors of the service's own model stay as they are.
Error InProtocolsWords(const ServiceShape& service, Protocol protocol, Error error);

// S3's refusal of a signature, with what the server signed for the client's developer to compare.
Error S3SignatureMismatch(const std::string& access_key_id, const std::string& string_to_sign,
                          const std::string& signature);

// "41 57 53 34": shows a client's developer the stray byte that the text does not.
std::string SpacedHex(std::string_view bytes);

// The IAM action that an operation is: "cloudwatch:PutMetricData", whose requests are signed for "monitoring".
std::string ActionOf(const ServiceShape& service, std::string_view operation);

// AWS answers these to every caller whose signature is good.
bool NeedsNoPermission(std::string_view action);

}  // namespace meetinity::wire
