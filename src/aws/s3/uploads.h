#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/s3/state.h"
#include "base/result.h"
#include "store/blob_store.h"
#include "store/database.h"

// Uploads in parts as they are kept until they are completed or aborted.
namespace meetinity::s3 {

inline constexpr int32_t kPartNumberMax = 10'000;
inline constexpr uint64_t kPartBytesMin = uint64_t{5} << 20;  // of every part but the last

Status CheckPartNumber(int32_t number);

Result<Upload> GetUpload(const store::ReadTx& tx, const std::string& bucket, const std::string& key,
                         const std::string& upload_id);

// Stores a part in place of the one with its number, and references its blobs.
Status PutPart(store::Tx& tx, store::BlobStore& blobs, const UploadedPart& part);

// Forgets an upload and all its parts.
Status RemoveUpload(store::Tx& tx, store::BlobStore& blobs, const Upload& upload);

// A part's checksum is of another algorithm than the upload's; "null" stands for none.
Error ChecksumMismatch(std::string_view expected, std::string_view actual);

}  // namespace meetinity::s3
