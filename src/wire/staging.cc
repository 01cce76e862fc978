#include "wire/staging.h"

namespace meetinity::wire {

Result<std::unique_ptr<Staging>> Staging::Open(store::BlobStore& blobs, BodyPlan plan) {
  std::unique_ptr<store::BlobWriter> writer = TRY(blobs.Create());
  return std::unique_ptr<Staging>(new Staging(blobs, std::move(writer), std::move(plan)));
}

Staging::Staging(store::BlobStore& blobs, std::unique_ptr<store::BlobWriter> writer, BodyPlan plan)
    : blobs_(blobs),
      writer_(std::move(writer)),
      verifier_(std::move(plan), BodyUse::kStored,
                [this](std::string_view content) { return writer_->Append(content); }) {}

Result<StagedBodyPtr> Staging::Finish() {
  // Verified before it is sealed: a refused upload never has a name.
  BodyDigests digests = TRY(verifier_.Finish());
  store::BlobId blob = TRY(writer_->Seal());
  StagedBodyPtr staged(new StagedBody, [&blobs = blobs_](StagedBody* body) {
    if (!body->kept) blobs.Remove(body->blob);
    delete body;
  });
  staged->blob = std::move(blob);
  staged->size = digests.size;
  staged->md5 = std::move(digests.md5);
  staged->checksums = std::move(digests.checksums);
  staged->client_sent_checksum = digests.client_sent_checksum;
  return staged;
}

}  // namespace meetinity::wire
