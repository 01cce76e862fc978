#include <fmt/format.h>

#include <algorithm>

#include "stack/static_assets.h"
#include "wire/stored_form.h"

namespace meetinity::stack {
namespace {

using std::chrono::seconds;

// Managed-CachingOptimized (CloudFront Developer Guide, page "Use managed cache policies").
constexpr std::string_view kCachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";

// The edge takes up a change in milliseconds; a machine under heavy load may need longer.
constexpr Duration kDeployPatience = seconds(60);

template <class List, class Items>
List Quantified(Items items) {
  List list;
  list.quantity = static_cast<int32_t>(items.size());
  list.items = std::move(items);
  return list;
}

// As the service would read it back: what it adds to `wanted` by itself is in `present`, so only what is wanted counts.
bool Includes(const wire::Shape& shape, const void* present, const void* wanted);

bool IncludesMembers(const wire::Shape& shape, const void* present, const void* wanted) {
  return std::all_of(shape.members.begin(), shape.members.end(), [&](const wire::Member& member) {
    const void* held = member.Find(wanted);
    if (held == nullptr) return true;
    const void* there = member.Find(present);
    return there != nullptr && Includes(*member.shape, there, held);
  });
}

bool Includes(const wire::Shape& shape, const void* present, const void* wanted) {
  if (shape.kind == wire::ShapeKind::kStructure) return IncludesMembers(shape, present, wanted);
  if (shape.kind == wire::ShapeKind::kList && shape.element->kind == wire::ShapeKind::kStructure) {
    const size_t size = shape.list->size(wanted);
    if (shape.list->size(present) != size) return false;
    for (size_t i = 0; i < size; ++i) {
      if (!Includes(*shape.element, shape.list->at(present, i), shape.list->at(wanted, i))) return false;
    }
    return true;
  }
  return wire::ToStoredForm(shape, present) == wire::ToStoredForm(shape, wanted);
}

}  // namespace

Status StaticAssetsPlan::ApplyAccessControl() {
  const std::string name = fmt::format("meetinity-{}-static-assets", variables_.environment);
  const auto remembered = TRY(resources_.Find(kAccessControlAddress));
  if (remembered) {
    const auto present = services_.cloudfront.GetOriginAccessControl(call_, {.id = *remembered});
    if (present.ok()) {
      access_control_id_ = *remembered;
      Report(kAccessControlAddress, Action::kUnchanged, access_control_id_);
      return {};
    }
    if (!Is(present.error(), "NoSuchOriginAccessControl")) return present.error();
  }
  cloudfront::CreateOriginAccessControlInput in;
  in.origin_access_control_config = {.description = "Static assets of Meetinity",
                                     .name = name,
                                     .origin_access_control_origin_type = "s3",
                                     .signing_behavior = "always",
                                     .signing_protocol = "sigv4"};
  const auto made = TRY(services_.cloudfront.CreateOriginAccessControl(call_, in));
  access_control_id_ = made.origin_access_control->id;
  TRY(resources_.Remember(kAccessControlAddress, access_control_id_));
  Report(kAccessControlAddress, Action::kCreated, access_control_id_);
  return {};
}

Status StaticAssetsPlan::ApplyCertificate() {
  if (assets_.domain_names.empty()) return {};
  if (!assets_.acm_certificate_arn.empty()) {
    certificate_arn_ = assets_.acm_certificate_arn;
    return {};
  }
  // CloudFront takes certificates from us-east-1 alone.
  wire::Call global = call_;
  global.scope_region = "us-east-1";
  if (const auto remembered = TRY(resources_.Find(kCertificateAddress))) {
    const auto present = services_.acm.GetMaterial(*remembered);
    if (present.ok() && std::is_permutation(present->dns_names.begin(), present->dns_names.end(),
                                            assets_.domain_names.begin(), assets_.domain_names.end())) {
      certificate_arn_ = *remembered;
      Report(kCertificateAddress, Action::kUnchanged, certificate_arn_);
      return {};
    }
  }
  acm::RequestCertificateInput in;
  in.domain_name = assets_.domain_names.front();
  in.subject_alternative_names = assets_.domain_names;
  in.validation_method = "DNS";
  std::vector<acm::Tag> tags;
  for (const auto& [key, value] : Tags()) tags.push_back({.key = key, .value = value});
  in.tags = std::move(tags);
  const auto made = TRY(services_.acm.RequestCertificate(global, in));
  certificate_arn_ = made.certificate_arn.value_or("");
  TRY(resources_.Remember(kCertificateAddress, certificate_arn_));
  Report(kCertificateAddress, Action::kCreated, certificate_arn_);
  return {};
}

Status StaticAssetsPlan::ApplyCachePolicy() {
  if (!assets_.min_ttl_seconds && !assets_.default_ttl_seconds && !assets_.max_ttl_seconds) {
    cache_policy_id_ = kCachingOptimized;
    return {};
  }
  cloudfront::CachePolicyConfig wanted;
  wanted.name = fmt::format("meetinity-{}-static-assets", variables_.environment);
  wanted.comment = "Static assets of Meetinity";
  wanted.min_ttl = assets_.min_ttl_seconds.value_or(1);
  wanted.default_ttl = assets_.default_ttl_seconds.value_or(std::max<int64_t>(86'400, wanted.min_ttl));
  wanted.max_ttl = assets_.max_ttl_seconds.value_or(std::max<int64_t>(31'536'000, *wanted.default_ttl));
  auto& key = wanted.parameters_in_cache_key_and_forwarded_to_origin.emplace();
  key.enable_accept_encoding_gzip = true;
  key.enable_accept_encoding_brotli = true;
  key.headers_config.header_behavior = "none";
  key.cookies_config.cookie_behavior = "none";
  key.query_strings_config.query_string_behavior = "none";

  const wire::Shape& shape = *cloudfront::CreateCachePolicy::Shape().input->payload->shape;
  if (const auto remembered = TRY(resources_.Find(kCachePolicyAddress))) {
    const auto present = services_.cloudfront.GetCachePolicy(call_, {.id = *remembered});
    if (present.ok()) {
      cache_policy_id_ = *remembered;
      if (Includes(shape, &present->cache_policy->cache_policy_config, &wanted)) {
        Report(kCachePolicyAddress, Action::kUnchanged, cache_policy_id_);
        return {};
      }
      TRY(services_.cloudfront.UpdateCachePolicy(
          call_, {.cache_policy_config = wanted, .id = cache_policy_id_, .if_match = present->e_tag}));
      Report(kCachePolicyAddress, Action::kUpdated, "times to live");
      return {};
    }
    if (!Is(present.error(), "NoSuchCachePolicy")) return present.error();
  }
  const auto made = TRY(services_.cloudfront.CreateCachePolicy(call_, {.cache_policy_config = wanted}));
  cache_policy_id_ = made.cache_policy->id;
  TRY(resources_.Remember(kCachePolicyAddress, cache_policy_id_));
  Report(kCachePolicyAddress, Action::kCreated, cache_policy_id_);
  return {};
}

cloudfront::DistributionConfig StaticAssetsPlan::WantedDistribution(std::string caller_reference) const {
  using namespace cloudfront;
  const std::string origin_id = "static-assets";
  DistributionConfig config;
  config.caller_reference = std::move(caller_reference);
  config.comment = fmt::format("Static assets of Meetinity, {}", variables_.environment);
  config.enabled = true;
  config.is_ipv6_enabled = true;
  config.http_version = "http2";
  config.price_class = assets_.price_class;
  config.default_root_object = "index.html";
  config.aliases = assets_.domain_names.empty() ? Aliases{} : Quantified<Aliases>(assets_.domain_names);

  Origin origin;
  origin.id = origin_id;
  origin.domain_name = fmt::format("{}.s3.{}.amazonaws.com", bucket_, options_.region);
  origin.origin_access_control_id = access_control_id_;
  origin.s3_origin_config = S3OriginConfig{.origin_access_identity = ""};
  config.origins = Quantified<Origins>(std::vector<Origin>{std::move(origin)});

  DefaultCacheBehavior& behavior = config.default_cache_behavior;
  behavior.target_origin_id = origin_id;
  behavior.viewer_protocol_policy = "redirect-to-https";
  behavior.cache_policy_id = cache_policy_id_;
  behavior.compress = assets_.compress;
  behavior.allowed_methods = Quantified<AllowedMethods>(std::vector<std::string>{"GET", "HEAD", "OPTIONS"});
  behavior.allowed_methods->cached_methods =
      Quantified<CachedMethods>(std::vector<std::string>{"GET", "HEAD", "OPTIONS"});

  ViewerCertificate certificate;
  if (certificate_arn_.empty()) {
    certificate.cloud_front_default_certificate = true;
  } else {
    certificate.acm_certificate_arn = certificate_arn_;
    certificate.ssl_support_method = "sni-only";
    certificate.minimum_protocol_version = assets_.minimum_protocol;
  }
  config.viewer_certificate = std::move(certificate);
  return config;
}

Status StaticAssetsPlan::ApplyDistribution() {
  if (!assets_.logging_bucket.empty()) {
    return Error{Kind::kUnsupported, kStackRefused,
                 "static_assets.logging_bucket is set, and access logs are not delivered here yet; leave it empty"};
  }
  if (const auto remembered = TRY(resources_.Find(kDistributionAddress))) {
    const auto present = services_.cloudfront.GetDistribution(call_, {.id = *remembered});
    if (present.ok()) return UpdateDistribution(*remembered);
    if (!Is(present.error(), "NoSuchDistribution")) return present.error();
  }
  return CreateDistribution();
}

Status StaticAssetsPlan::CreateDistribution() {
  cloudfront::CreateDistributionWithTagsInput in;
  in.distribution_config_with_tags.distribution_config =
      WantedDistribution(fmt::format("meetinity-{}-{}", variables_.environment, call_.now.since_epoch().count()));
  std::vector<cloudfront::Tag> tags;
  for (const auto& [key, value] : Tags()) tags.push_back({.key = key, .value = value});
  in.distribution_config_with_tags.tags.items = std::move(tags);
  const auto made = TRY(services_.cloudfront.CreateDistributionWithTags(call_, in));
  distribution_id_ = made.distribution->id;
  TRY(resources_.Remember(kDistributionAddress, distribution_id_));
  TRY(services_.cloudfront.WaitDeployed(distribution_id_, kDeployPatience));
  Report(kDistributionAddress, Action::kCreated,
         fmt::format("{}, {}", distribution_id_, made.distribution->domain_name));
  return {};
}

Status StaticAssetsPlan::UpdateDistribution(const std::string& id) {
  distribution_id_ = id;
  const auto present = TRY(services_.cloudfront.GetDistributionConfig(call_, {.id = id}));
  const auto wanted = WantedDistribution(present.distribution_config->caller_reference);
  const wire::Shape& shape = *cloudfront::CreateDistribution::Shape().input->payload->shape;
  Action action = Action::kUnchanged;
  if (!Includes(shape, &*present.distribution_config, &wanted)) {
    TRY(services_.cloudfront.UpdateDistribution(call_,
                                                {.distribution_config = wanted, .id = id, .if_match = present.e_tag}));
    action = Action::kUpdated;
  }
  TRY(services_.cloudfront.WaitDeployed(id, kDeployPatience));
  TRY(ApplyDistributionTags(DistributionArn()));
  Report(kDistributionAddress, action, id);
  return {};
}

Status StaticAssetsPlan::ApplyDistributionTags(const std::string& arn) {
  const auto present = TRY(services_.cloudfront.ListTagsForResource(call_, {.resource = arn}));
  const std::map<std::string, std::string> wanted = Tags();
  cloudfront::UntagResourceInput untag;
  untag.resource = arn;
  std::map<std::string, std::string> there;
  for (const auto& tag : present.tags.items.value_or(std::vector<cloudfront::Tag>())) {
    there[tag.key] = tag.value.value_or("");
    if (!wanted.contains(tag.key)) {
      if (!untag.tag_keys.items) untag.tag_keys.items.emplace();
      untag.tag_keys.items->push_back(tag.key);
    }
  }
  if (there == wanted) return {};
  if (untag.tag_keys.items) TRY(services_.cloudfront.UntagResource(call_, untag));
  cloudfront::TagResourceInput tag;
  tag.resource = arn;
  tag.tags.items.emplace();
  for (const auto& [key, value] : wanted) tag.tags.items->push_back({.key = key, .value = value});
  TRY(services_.cloudfront.TagResource(call_, tag));
  return {};
}

Status StaticAssetsPlan::DestroyDistribution() {
  const auto id = TRY(resources_.Find(kDistributionAddress));
  if (!id) return {};
  auto present = services_.cloudfront.GetDistributionConfig(call_, {.id = *id});
  if (present.ok()) {
    if (present->distribution_config->enabled) {
      present->distribution_config->enabled = false;
      TRY(services_.cloudfront.UpdateDistribution(
          call_, {.distribution_config = *present->distribution_config, .id = *id, .if_match = present->e_tag}));
      TRY(services_.cloudfront.WaitDeployed(*id, kDeployPatience));
      present = services_.cloudfront.GetDistributionConfig(call_, {.id = *id});
      if (!present.ok()) return present.error();
    }
    TRY(services_.cloudfront.DeleteDistribution(call_, {.id = *id, .if_match = present->e_tag}));
  } else if (!Is(present.error(), "NoSuchDistribution")) {
    return present.error();
  }
  TRY(resources_.Forget(kDistributionAddress));
  Report(kDistributionAddress, Action::kDeleted, *id);
  return {};
}

Status StaticAssetsPlan::DestroyRest() {
  if (const auto id = TRY(resources_.Find(kAccessControlAddress))) {
    const auto present = services_.cloudfront.GetOriginAccessControl(call_, {.id = *id});
    if (present.ok()) {
      TRY(services_.cloudfront.DeleteOriginAccessControl(call_, {.id = *id, .if_match = present->e_tag}));
    }
    TRY(resources_.Forget(kAccessControlAddress));
    Report(kAccessControlAddress, Action::kDeleted, *id);
  }
  if (const auto id = TRY(resources_.Find(kCachePolicyAddress))) {
    const auto present = services_.cloudfront.GetCachePolicy(call_, {.id = *id});
    if (present.ok()) TRY(services_.cloudfront.DeleteCachePolicy(call_, {.id = *id, .if_match = present->e_tag}));
    TRY(resources_.Forget(kCachePolicyAddress));
    Report(kCachePolicyAddress, Action::kDeleted, *id);
  }
  if (const auto arn = TRY(resources_.Find(kCertificateAddress))) {
    const auto deleted = services_.acm.DeleteCertificate(call_, {.certificate_arn = *arn});
    if (!deleted.ok() && !Is(deleted.error(), "ResourceNotFoundException")) return deleted.error();
    TRY(resources_.Forget(kCertificateAddress));
    Report(kCertificateAddress, Action::kDeleted, *arn);
  }
  return {};
}

}  // namespace meetinity::stack
