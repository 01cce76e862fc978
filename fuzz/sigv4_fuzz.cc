// Any request's head is a claim, no claim, or a named refusal; whatever it claims is verified or refused by name. And
// canonical forms are canonical: making them twice changes nothing.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "wire/canonical_request.h"
#include "wire/sigv4.h"
#include "wire/text_request.h"

namespace {

using namespace meetinity;
using namespace meetinity::wire;

class OneCredential : public CredentialSource {
 public:
  std::shared_ptr<const Credential> Find(std::string_view access_key_id) const override {
    return access_key_id == credential_->access_key_id ? credential_ : nullptr;
  }

 private:
  const std::shared_ptr<const Credential> credential_ = std::make_shared<const Credential>(
      Credential{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", std::nullopt, {}});
};

void CheckForms(const net::RequestHead& head) {
  std::string once, twice;
  AppendCanonicalPath(once, head.path, PathRule::kEncodeOnce);
  AppendCanonicalPath(twice, once, PathRule::kEncodeOnce);
  CHECK(once == twice);
  std::string query_once, query_twice;
  AppendCanonicalQuery(query_once, head.query, {});
  AppendCanonicalQuery(query_twice, query_once, {});
  CHECK(query_once == query_twice);
}

void Verify(const net::RequestHead& head, bool is_s3) {
  static const OneCredential credentials;
  static const FakeClock clock(Instant::Utc("2024-01-01T03:00:05Z"));
  static const SigV4Verifier verifier(credentials, clock);
  const auto run = [&]() -> Status {
    const std::optional<SignedClaim> claim = TRY(ParseClaim(head, is_s3));
    if (!claim) return {};
    const std::string payload_hash = TRY(DeclaredPayloadHash(head, *claim, is_s3));
    TRY(verifier.Verify(head, *claim, is_s3, payload_hash, "eu-west-1"));
    return {};
  };
  const Status status = run();
  if (!status.ok()) CHECK(!status.error().name.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const TextRequest request(std::string_view(reinterpret_cast<const char*>(data), size));
  CheckForms(request.head());
  (void)ClaimedService(request.head());
  Verify(request.head(), true);
  Verify(request.head(), false);
  return 0;
}
