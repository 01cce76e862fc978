#include "aws/s3/cors.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/enter.h"
#include "aws/s3/errors.h"
#include "base/text.h"
#include "wire/errors.h"
#include "wire/stored_form.h"

namespace meetinity::s3 {
namespace {

// S3 API Reference, PutBucketCors.
constexpr size_t kRulesMax = 100;
constexpr size_t kIdMax = 255;
constexpr std::string_view kMethods[] = {"GET", "PUT", "HEAD", "POST", "DELETE"};

constexpr std::string_view kVary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

Error Unsuitable(std::string detail) { return {Kind::kInvalid, kInvalidRequest, std::move(detail)}; }

// `pattern` holds one "*" at the most; `fold` compares without case.
bool Matches(std::string_view pattern, std::string_view text, bool fold) {
  const auto equal = [fold](std::string_view a, std::string_view b) { return fold ? EqualsIgnoreCase(a, b) : a == b; };
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal(pattern, text);
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && equal(before, text.substr(0, before.size())) &&
         equal(after, text.substr(text.size() - after.size()));
}

bool AllowsHeaders(const CORSRule& rule, std::string_view headers) {
  if (Trim(headers).empty()) return true;
  if (!rule.allowed_headers) return false;
  for (const std::string_view piece : Split(headers, ',')) {
    const std::string_view name = Trim(piece);
    if (name.empty()) continue;
    if (std::ranges::none_of(*rule.allowed_headers, [&](const auto& allowed) { return Matches(allowed, name, true); }))
      return false;
  }
  return true;
}

Status CheckWildcards(const std::vector<std::string>& values, std::string_view element) {
  for (const std::string& value : values) {
    if (std::ranges::count(value, '*') > 1)
      return Unsuitable(fmt::format("{} \"{}\" can not have more than one wildcard.", element, value));
  }
  return {};
}

Status CheckRule(const CORSRule& rule) {
  if (rule.allowed_methods.empty()) return MalformedXml("a CORSRule needs an AllowedMethod.");
  if (rule.allowed_origins.empty()) return MalformedXml("a CORSRule needs an AllowedOrigin.");
  if (rule.id.value_or("").size() > kIdMax) return MalformedXml("an ID has 255 characters at the most.");
  for (const std::string& method : rule.allowed_methods) {
    if (std::ranges::find(kMethods, method) == std::end(kMethods))
      return Unsuitable(fmt::format("Found unsupported HTTP method in CORS config. Unsupported method is {}", method));
  }
  TRY(CheckWildcards(rule.allowed_origins, "AllowedOrigin"));
  if (rule.allowed_headers) TRY(CheckWildcards(*rule.allowed_headers, "AllowedHeader"));
  for (const std::string& header : rule.expose_headers.value_or(std::vector<std::string>())) {
    if (header.find('*') != std::string::npos)
      return Unsuitable(fmt::format(
          "ExposeHeader \"{}\" contains wildcard. We currently do not support wildcard for ExposeHeader.", header));
  }
  return {};
}

}  // namespace

Status CheckCors(const CORSConfiguration& configuration) {
  if (configuration.cors_rules.empty()) return MalformedXml("at least one CORSRule is expected.");
  if (configuration.cors_rules.size() > kRulesMax)
    return Unsuitable(fmt::format("The number of CORS rules should not exceed allowed limit of {} rules.", kRulesMax));
  for (const CORSRule& rule : configuration.cors_rules) TRY(CheckRule(rule));
  return {};
}

const CORSRule* FindCorsRule(const std::vector<CORSRule>& rules, std::string_view origin, std::string_view method,
                             std::string_view headers) {
  const auto allows = [&](const CORSRule& rule) {
    return std::ranges::find(rule.allowed_methods, method) != rule.allowed_methods.end() &&
           std::ranges::any_of(rule.allowed_origins,
                               [&](const auto& allowed) { return Matches(allowed, origin, false); }) &&
           AllowsHeaders(rule, headers);
  };
  const auto found = std::ranges::find_if(rules, allows);
  return found == rules.end() ? nullptr : &*found;
}

std::vector<wire::CrossOriginHeader> CorsHeaders(const CORSRule& rule, std::string_view origin,
                                                 std::string_view headers) {
  const bool anyone = std::ranges::find(rule.allowed_origins, "*") != rule.allowed_origins.end();
  std::vector<wire::CrossOriginHeader> answer;
  answer.push_back({"access-control-allow-origin", std::string(anyone ? "*" : origin)});
  answer.push_back({"access-control-allow-methods", Join(rule.allowed_methods, ", ")});
  if (!Trim(headers).empty()) answer.push_back({"access-control-allow-headers", ToLower(headers)});
  if (rule.expose_headers && !rule.expose_headers->empty())
    answer.push_back({"access-control-expose-headers", Join(*rule.expose_headers, ", ")});
  if (rule.max_age_seconds) answer.push_back({"access-control-max-age", std::to_string(*rule.max_age_seconds)});
  if (!anyone) answer.push_back({"access-control-allow-credentials", "true"});
  answer.push_back({"vary", std::string(kVary)});
  return answer;
}

Result<PutBucketCorsOutput> S3::PutBucketCors(const wire::Call& call, const PutBucketCorsInput& in) {
  TRY(CheckCors(in.cors_configuration));
  TRY(ChangeBucket(call, in, "s3:PutBucketCORS", [&](BucketRecord& bucket) -> Status {
    bucket.cors = wire::ToStoredForm(*s3::PutBucketCors::Shape().input->payload->shape, &in.cors_configuration);
    return {};
  }));
  return PutBucketCorsOutput{};
}

Result<GetBucketCorsOutput> S3::GetBucketCors(const wire::Call& call, const GetBucketCorsInput& in) {
  const BucketRecord bucket =
      TRY(database_.Read([&](const store::ReadTx& tx) { return EnterBucket(tx, call, in, "s3:GetBucketCORS"); }));
  if (!bucket.cors)
    return Error{Kind::kNotFound, kNoSuchCorsConfiguration, "The CORS configuration does not exist"}.With("BucketName",
                                                                                                          in.bucket);
  return GetBucketCorsOutput{.cors_rules = TRY(LoadCors(*bucket.cors)).cors_rules};
}

Result<DeleteBucketCorsOutput> S3::DeleteBucketCors(const wire::Call& call, const DeleteBucketCorsInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketCORS", [](BucketRecord& bucket) -> Status {
    bucket.cors.reset();
    return {};
  }));
  return DeleteBucketCorsOutput{};
}

Result<CORSConfiguration> S3::LoadCors(std::string_view stored) const {
  CORSConfiguration configuration;
  TRY(wire::FromStoredForm(*s3::PutBucketCors::Shape().input->payload->shape, stored, &configuration));
  return configuration;
}

Result<std::vector<wire::CrossOriginHeader>> S3::AllowCrossOrigin(const wire::CrossOriginRequest& request) const {
  const auto bucket =
      TRY(database_.Read([&](const store::ReadTx& tx) { return tx.Find<BucketRecord>(std::string(request.bucket)); }));
  if (!bucket)
    return Error{Kind::kNotFound, kNoSuchBucket, "The specified bucket does not exist"}.With(
        "BucketName", std::string(request.bucket));
  if (!bucket->cors)
    return Error{Kind::kUnauthorized, wire::kAccessForbidden, "CORSResponse: CORS is not enabled for this bucket."};
  const CORSConfiguration configuration = TRY(LoadCors(*bucket->cors));
  const CORSRule* const rule = FindCorsRule(configuration.cors_rules, request.origin, request.method, request.headers);
  if (rule == nullptr)
    return Error{Kind::kUnauthorized, wire::kAccessForbidden,
                 "CORSResponse: This CORS request is not allowed. No rule of the bucket's CORS configuration allows "
                 "this Origin, Access-Control-Request-Method and Access-Control-Request-Headers together."}
        .With("Method", std::string(request.method))
        .With("ResourceType", "OBJECT");
  return CorsHeaders(*rule, request.origin, request.headers);
}

}  // namespace meetinity::s3
