#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "store/blob_store.h"
#include "wire/body.h"
#include "wire/body_plan.h"
#include "wire/body_verifier.h"

namespace meetinity::wire {

// One streamed body on its way into the blob store. Push what comes, then Finish: the blob is durable and everything
// the client declared holds, or nothing remains. Used on worker threads, one at a time.
class Staging {
 public:
  static Result<std::unique_ptr<Staging>> Open(store::BlobStore& blobs, BodyPlan plan);

  Status Push(std::string_view bytes) { return verifier_.Push(bytes); }
  // The last reference to the answer removes the blob again, unless Keep() was called. `blobs` outlives it.
  Result<StagedBodyPtr> Finish();

 private:
  Staging(store::BlobStore& blobs, std::unique_ptr<store::BlobWriter> writer, BodyPlan plan);

  store::BlobStore& blobs_;
  std::unique_ptr<store::BlobWriter> writer_;
  BodyVerifier verifier_;
};

}  // namespace meetinity::wire
