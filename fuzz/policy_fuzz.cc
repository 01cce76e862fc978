// Any text is a policy document or a named refusal. A policy allows only by an Allow and denies only by a Deny, an
// explicit deny beside it always wins, and a policy that is printed from what was understood says the same again.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam/policy.h"
#include "base/check.h"

namespace {

using namespace meetinity;
using namespace meetinity::iam;
using Json = nlohmann::json;

Json ToJson(const PolicyPrincipals& principals) {
  Json json = Json::object();
  std::vector<std::string> aws = principals.aws;
  if (principals.everyone) aws.push_back("*");
  if (!aws.empty()) json["AWS"] = aws;
  if (!principals.services.empty()) json["Service"] = principals.services;
  if (!principals.canonical_users.empty()) json["CanonicalUser"] = principals.canonical_users;
  if (!principals.federated.empty()) json["Federated"] = principals.federated;
  return json;
}

Json ToJson(const PolicyStatement& statement) {
  Json json = {{"Effect", statement.effect == Effect::kAllow ? "Allow" : "Deny"}};
  if (!statement.sid.empty()) json["Sid"] = statement.sid;
  if (statement.principals) {
    json[statement.not_principal ? "NotPrincipal" : "Principal"] = ToJson(*statement.principals);
  }
  json[statement.not_action ? "NotAction" : "Action"] = statement.actions;
  if (!statement.resources.empty()) json[statement.not_resource ? "NotResource" : "Resource"] = statement.resources;
  for (const PolicyCondition& condition : statement.conditions) {
    json["Condition"][condition.operator_name][condition.key] = condition.values;
  }
  return json;
}

std::string Print(const PolicyDocument& policy) {
  Json json = {{"Statement", Json::array()}};
  if (!policy.version().empty()) json["Version"] = policy.version();
  for (const PolicyStatement& statement : policy.statements()) json["Statement"].push_back(ToJson(statement));
  return json.dump();
}

std::vector<wire::Principal> Callers() {
  wire::Principal root;
  root.kind = wire::PrincipalKind::kRoot;
  root.account = root.unique_id = "123456789012";
  root.arn = "arn:aws:iam::123456789012:root";
  wire::Principal user;
  user.kind = wire::PrincipalKind::kUser;
  user.account = "123456789012";
  user.arn = "arn:aws:iam::123456789012:user/staff/alice";
  user.unique_id = "AIDAEXAMPLEEXAMPLE";
  wire::Principal service;
  service.kind = wire::PrincipalKind::kService;
  service.service = "cloudfront.amazonaws.com";
  service.source_arn = "arn:aws:cloudfront::123456789012:distribution/E1";
  service.source_account = "123456789012";
  return {wire::Principal{}, root, user, service};
}

std::vector<Decision> Decide(const PolicyDocument& policy) {
  static const std::vector<wire::Principal> callers = Callers();
  static const ContextKeys keys = {{"aws:SourceIp", {"203.0.113.7"}},
                                   {"aws:SecureTransport", {"false"}},
                                   {"aws:CurrentTime", {"2024-05-01T00:00:00Z"}},
                                   {"s3:prefix", {"docs/"}},
                                   {"s3:max-keys", {"100"}},
                                   {"aws:TagKeys", {"a", "b"}}};
  std::vector<Decision> decisions;
  for (const wire::Principal& caller : callers) {
    decisions.push_back(Evaluate(policy, {caller, "s3:GetObject", "arn:aws:s3:::site/docs/a.txt", keys}));
    decisions.push_back(Evaluate(policy, {caller, "iam:ListUsers", "*", {}}));
  }
  return decisions;
}

bool Has(const PolicyDocument& policy, Effect effect) {
  for (const PolicyStatement& statement : policy.statements()) {
    if (statement.effect == effect) return true;
  }
  return false;
}

void CheckPolicy(std::string_view text, PolicyKind kind) {
  const Result<PolicyDocument> policy = PolicyDocument::Parse(text, kind);
  if (!policy.ok()) {
    CHECK(!policy.error().name.empty() && !policy.error().detail.empty());
    return;
  }
  CHECK(text.size() <= kPolicyBytesMax && !policy->statements().empty());
  const std::vector<Decision> decisions = Decide(*policy);
  for (const Decision decision : decisions) {
    CHECK(decision != Decision::kAllow || Has(*policy, Effect::kAllow));
    CHECK(decision != Decision::kExplicitDeny || Has(*policy, Effect::kDeny));
    CHECK(Combine(decision, Decision::kExplicitDeny) == Decision::kExplicitDeny);
  }
  CHECK(!IsPublic(*policy) || Has(*policy, Effect::kAllow));

  // Printing writes escapes and lists where the text had none, so that the largest policies may outgrow the bound.
  const std::string printed = Print(*policy);
  if (printed.size() > kPolicyBytesMax) return;
  const Result<PolicyDocument> again = PolicyDocument::Parse(printed, kind);
  CHECK(again.ok());
  CHECK(Print(*again) == printed);
  CHECK(Decide(*again) == decisions);
  CHECK(IsPublic(*again) == IsPublic(*policy));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckPolicy(text, PolicyKind::kIdentity);
  CheckPolicy(text, PolicyKind::kResource);
  CheckPolicy(text, PolicyKind::kTrust);
  return 0;
}
