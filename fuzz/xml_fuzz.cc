// Any bytes as the XML body of what S3 and CloudFront take: nested, flattened, with attributes, with numbers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/cloudfront_model.h"
#include "aws/s3_model.h"
#include "fuzz/bodies.h"

namespace {

using namespace meetinity;

// The root element is what tells one body from another, so most of the work would go into nine refusals of one kind.
template <class Operation>
void CheckXml(const wire::ServiceShape& service, std::string_view body) {
  const wire::OperationShape& operation = Operation::Shape();
  const wire::Member* payload = operation.input->payload;
  const std::string_view root = payload ? payload->wire_name : operation.input_name;
  if (body.find(root) == std::string_view::npos) return;
  fuzz::CheckBody<Operation>(service, wire::Protocol::kRestXml, body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  CheckXml<s3::CompleteMultipartUpload>(s3::Model(), body);
  CheckXml<s3::CreateBucket>(s3::Model(), body);
  CheckXml<s3::DeleteObjects>(s3::Model(), body);
  CheckXml<s3::PutBucketAcl>(s3::Model(), body);
  CheckXml<s3::PutBucketEncryption>(s3::Model(), body);
  CheckXml<s3::PutBucketTagging>(s3::Model(), body);
  CheckXml<cloudfront::CreateDistributionWithTags>(cloudfront::Model(), body);
  CheckXml<cloudfront::CreateInvalidation>(cloudfront::Model(), body);
  CheckXml<cloudfront::UpdateDistribution>(cloudfront::Model(), body);
  return 0;
}
