#pragma once

#include "aws/s3/state.h"

namespace meetinity::s3 {

// What a look-up for reading comes back with: never a delete marker.
struct Found {
  BucketRecord bucket;
  StoredVersion version;
};

}  // namespace meetinity::s3
