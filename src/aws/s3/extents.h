#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aws/s3/state.h"
#include "base/digest.h"
#include "base/result.h"
#include "store/blob_store.h"
#include "store/database.h"
#include "wire/body.h"

// An object's bytes: extents of blobs, how long each blob is kept, and reading them.
namespace meetinity::s3 {

// Each extent of a record holds one reference to its blob. A blob without references is removed once the transaction
// that dropped the last is durable; readers that have it open go on.
Status AddReferences(store::Tx& tx, store::BlobStore& blobs, const Extents& extents);
Status DropReferences(store::Tx& tx, store::BlobStore& blobs, const Extents& extents);

// The extents of a part of the bytes. The range must lie within them.
Extents Slice(const Extents& extents, uint64_t offset, uint64_t length);

// Opens what lies in the range, for a streamed answer. kBlobMissing when the object was replaced since its record was
// read: look again.
Result<std::vector<wire::BlobRange>> OpenExtents(const store::BlobStore& blobs, const Extents& extents, uint64_t offset,
                                                 uint64_t length);

// Reads all bytes once, for several digests; raw, in the order asked for.
Result<std::vector<std::string>> DigestsOf(const store::BlobStore& blobs, const Extents& extents,
                                           const std::vector<DigestAlgorithm>& algorithms);

}  // namespace meetinity::s3
