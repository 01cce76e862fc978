#include "wire/s3_quirks.h"

#include <gtest/gtest.h>

namespace meetinity::wire {
namespace {

TEST(S3Quirks, DemandsAChecksumOfTheDocumentsThatS3Demands) {
  const auto demands = [](std::string_view name) {
    OperationShape operation{.name = name};
    operation.checksum_required = true;
    return S3DemandsChecksum(operation);
  };
  EXPECT_TRUE(demands("DeleteObjects"));
  EXPECT_TRUE(demands("PutBucketLifecycleConfiguration"));
  EXPECT_FALSE(demands("PutObjectAcl")) << "s3cmd sends none";
  EXPECT_FALSE(demands("PutBucketVersioning"));
  EXPECT_FALSE(S3DemandsChecksum(OperationShape{.name = "PutObject"}));
}

}  // namespace
}  // namespace meetinity::wire
