#include "aws/s3/uploads.h"

#include <fmt/format.h>

#include "aws/s3/errors.h"
#include "aws/s3/extents.h"
#include "base/text.h"

namespace meetinity::s3 {

Status CheckPartNumber(int32_t number) {
  if (number >= 1 && number <= kPartNumberMax) return {};
  return Error{Kind::kInvalid, kInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"}
      .With("ArgumentName", "partNumber")
      .With("ArgumentValue", std::to_string(number));
}

Result<Upload> GetUpload(const store::ReadTx& tx, const std::string& bucket, const std::string& key,
                         const std::string& upload_id) {
  std::optional<Upload> upload = TRY(tx.Find<Upload>(bucket, key, upload_id));
  if (upload) return *std::move(upload);
  return Error{Kind::kNotFound, kNoSuchUpload,
               "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
               "or completed."}
      .With("UploadId", upload_id);
}

Status PutPart(store::Tx& tx, store::BlobStore& blobs, const UploadedPart& part) {
  const std::optional<UploadedPart> replaced = TRY(tx.Find<UploadedPart>(part.upload_id, part.number));
  TRY(AddReferences(tx, blobs, part.extents));
  if (replaced) TRY(DropReferences(tx, blobs, replaced->extents));
  return tx.Put(part);
}

Status RemoveUpload(store::Tx& tx, store::BlobStore& blobs, const Upload& upload) {
  for (const UploadedPart& part : TRY(tx.Select<UploadedPart>("upload_id = ?", {upload.upload_id})))
    TRY(DropReferences(tx, blobs, part.extents));
  TRY(tx.DeleteWhere<UploadedPart>("upload_id = ?", {upload.upload_id}));
  TRY(tx.Delete<Upload>(upload.bucket, upload.key, upload.upload_id));
  return {};
}

Error ChecksumMismatch(std::string_view expected, std::string_view actual) {
  return {Kind::kInvalid, kInvalidRequest,
          fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                      ToLower(expected), ToLower(actual))};
}

}  // namespace meetinity::s3
