#include <fmt/format.h>

#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"

// What an account wants to hear of its certificates.
namespace meetinity::acm {
namespace {

// ACM API, ExpiryEventsConfiguration.
constexpr int32_t kDaysBeforeExpiryDefault = 45;

std::string RegionOf(const wire::Call& call) { return call.scope_region.empty() ? call.region : call.scope_region; }

}  // namespace

Result<GetAccountConfigurationOutput> Acm::GetAccountConfiguration(const Call& call,
                                                                   const GetAccountConfigurationInput&) const {
  const auto record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return tx.Find<AccountConfigurationRecord>(RegionOf(call)); }));
  GetAccountConfigurationOutput output;
  output.expiry_events = ExpiryEventsConfiguration{};
  output.expiry_events->days_before_expiry =
      record ? static_cast<int32_t>(record->days_before_expiry) : kDaysBeforeExpiryDefault;
  return output;
}

Result<PutAccountConfigurationOutput> Acm::PutAccountConfiguration(const Call& call,
                                                                   const PutAccountConfigurationInput& in) {
  AccountConfigurationRecord wanted;
  wanted.region = RegionOf(call);
  wanted.days_before_expiry = kDaysBeforeExpiryDefault;
  if (in.expiry_events && in.expiry_events->days_before_expiry) {
    wanted.days_before_expiry = *in.expiry_events->days_before_expiry;
  }
  wanted.idempotency_token = in.idempotency_token;
  wanted.changed_at = call.now;
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto before = TRY(tx.Find<AccountConfigurationRecord>(wanted.region));
    const bool repeats = before && before->idempotency_token == wanted.idempotency_token &&
                         call.now - before->changed_at < kIdempotencyWindow;
    if (repeats && before->days_before_expiry != wanted.days_before_expiry) {
      return Error{Kind::kConflict, kConflict,
                   fmt::format("The idempotency token {} stands for DaysBeforeExpiry {} already.",
                               wanted.idempotency_token, before->days_before_expiry)};
    }
    return repeats ? Status() : tx.Put(wanted);
  }));
  return PutAccountConfigurationOutput{};
}

}  // namespace meetinity::acm
