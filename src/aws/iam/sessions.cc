#include <fmt/format.h>

#include <algorithm>

#include "aws/iam/aws_managed_policies.h"
#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "base/arn.h"
#include "base/random.h"
#include "base/text.h"

// Issuing temporary credentials, and finding whom they stand for.
namespace meetinity::iam {
namespace {

using wire::PrincipalKind;

constexpr int32_t kRoleSecondsDefault = 3600;
// A session made by a session (AWS page "Methods to assume a role", Role chaining).
constexpr int32_t kChainedSecondsMax = 3600;
constexpr int32_t kUserSecondsDefault = 43'200;
constexpr int32_t kRootSecondsMax = 3600;
constexpr size_t kSessionPolicyArnsMax = 10;
// Of session policies and tags together. Tokens travel in a header of at most 16 KiB, or in a URL.
constexpr size_t kPackedBytesMax = 4096;

Error InvalidSession(std::string detail) { return Error{Kind::kInvalid, kValidationError, std::move(detail)}; }

Error MayNotAssume(const wire::Call& call, const std::string& role_arn) {
  return Error{Kind::kUnauthorized, kAccessDenied,
               fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", call.principal.arn,
                           role_arn)};
}

const Session* SessionOf(const wire::Principal& principal) {
  // Sessions are the only contexts that Iam gives out.
  return static_cast<const Session*>(principal.session.get());
}

void AddTagKeys(ContextKeys& keys, std::string_view prefix, const wire::PrincipalTags& tags) {
  for (const auto& [key, value] : tags) keys[fmt::format("{}/{}", prefix, key)] = {value};
}

// Session tags as asked for, with those that the caller's own session passes on.
Status FillTags(const RoleSessionRequest& request, const Session* caller, Session& session) {
  for (const auto& [key, value] : request.tags) {
    if (ToLower(key).starts_with("aws:")) return InvalidSession("Tag keys that begin with aws: are AWS's own.");
    const auto same = [&name = key](const auto& present) { return EqualsIgnoreCase(present.first, name); };
    if (std::any_of(session.tags.begin(), session.tags.end(), same)) {
      return InvalidSession(fmt::format("Duplicate tag keys found: {}.", key));
    }
    session.tags[key] = value;
  }
  for (const std::string& key : request.transitive_tags) {
    if (!session.tags.contains(key))
      return InvalidSession(fmt::format("The transitive tag key {} is no session tag.", key));
    session.transitive_tags.insert(key);
  }
  if (caller == nullptr) return {};
  for (const std::string& key : caller->transitive_tags) {
    const auto same = [&name = key](const auto& present) { return EqualsIgnoreCase(present.first, name); };
    if (std::any_of(session.tags.begin(), session.tags.end(), same)) {
      return InvalidSession(fmt::format("The tag {} came with the role chain and cannot be set again.", key));
    }
    session.tags[key] = caller->tags.at(key);
    session.transitive_tags.insert(key);
  }
  return {};
}

size_t PackedBytes(const Session& session) {
  size_t bytes = session.policy ? CountWithoutSpace(*session.policy) : 0;
  for (const std::string& arn : session.policy_arns) bytes += arn.size();
  for (const auto& [key, value] : session.tags) bytes += key.size() + value.size();
  return bytes;
}

Result<int32_t> RoleSeconds(const wire::Call& call, const std::optional<int32_t>& asked, const RoleRecord& role) {
  const int32_t seconds = asked.value_or(kRoleSecondsDefault);
  if (call.principal.kind == PrincipalKind::kAssumedRole && seconds > kChainedSecondsMax) {
    return InvalidSession(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  }
  if (seconds > role.session_seconds_max) {
    return InvalidSession("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return seconds;
}

// The role's trust policy must let the caller in; where it names the account only, the caller's own policies decide.
bool TrustAllows(const PolicyDocument& trust, const RequestContext& context, const IdentityVerdict& identity) {
  const ResourceVerdict verdict = EvaluateResource(trust, context);
  return verdict.grant != Grant::kNone && CombineInAccount(verdict, identity) == Decision::kAllow;
}

}  // namespace

Status Iam::MayAssume(const Call& call, const RoleSessionRequest& request, const RoleRecord& role,
                      const Session& session) const {
  ContextKeys keys = KeysOf(call);
  keys["sts:RoleSessionName"] = {request.session_name};
  if (request.external_id) keys["sts:ExternalId"] = {*request.external_id};
  AddTagKeys(keys, "aws:RequestTag", session.tags);
  for (const auto& [key, value] : session.tags) keys["aws:TagKeys"].push_back(key);
  if (!session.transitive_tags.empty()) {
    keys["sts:TransitiveTagKeys"] = {session.transitive_tags.begin(), session.transitive_tags.end()};
  }
  AddTagKeys(keys, "aws:ResourceTag", role.tags.values);
  AddTagKeys(keys, "iam:ResourceTag", role.tags.values);
  const PolicyDocument trust = TRY(PolicyDocument::Parse(role.trust_policy, PolicyKind::kTrust));
  std::vector<std::string> actions{"sts:AssumeRole"};
  if (!session.tags.empty()) actions.emplace_back("sts:TagSession");
  for (const std::string& action : actions) {
    const IdentityVerdict identity = JudgeIdentity(call, action, request.role_arn, keys);
    if (!TrustAllows(trust, {call.principal, action, request.role_arn, keys}, identity)) {
      return Error{Kind::kUnauthorized, kAccessDenied,
                   fmt::format("User: {} is not authorized to perform: {} on resource: {}", call.principal.arn, action,
                               request.role_arn)};
    }
  }
  return {};
}

Result<IssuedSession> Iam::AssumeRole(const Call& call, const RoleSessionRequest& request) const {
  if (call.principal.kind == PrincipalKind::kRoot) {
    return Error{Kind::kUnauthorized, kAccessDenied, "Roles may not be assumed by root accounts."};
  }
  const std::string name = request.role_arn.substr(request.role_arn.rfind('/') + 1);
  const Result<RoleRecord> role =
      state_->database.Read([&](const store::ReadTx& tx) { return GetRoleRecord(tx, name); });
  if (!role.ok() && role.error().kind != Kind::kNotFound) return role.error();
  // Whether a role exists is not for those to know who may not assume it.
  if (!role.ok() || state_->RoleArn(*role) != request.role_arn) return MayNotAssume(call, request.role_arn);

  Session session;
  session.role_id = role->id;
  session.name = request.session_name;
  TRY(FillTags(request, SessionOf(call.principal), session));
  TRY(MayAssume(call, request, *role, session));
  const int32_t seconds = TRY(RoleSeconds(call, request.seconds, *role));
  if (request.policy) TRY(PolicyDocument::Parse(*request.policy, PolicyKind::kIdentity));
  session.policy = request.policy;
  if (request.policy_arns.size() > kSessionPolicyArnsMax) {
    return InvalidSession(fmt::format("A session can have up to {} managed policies.", kSessionPolicyArnsMax));
  }
  for (const std::string& arn : request.policy_arns) {
    if (!state_->ManagedPolicy(arn)) return InvalidSession(fmt::format("Policy {} does not exist.", arn));
  }
  session.policy_arns = request.policy_arns;
  const size_t packed = PackedBytes(session);
  if (packed > kPackedBytesMax) {
    return Error{Kind::kInvalid, kPackedPolicyTooLarge,
                 fmt::format("Packed size of session policies and tags consumes {}% of allotted space.",
                             packed * 100 / kPackedBytesMax)};
  }
  IssuedSession issued = TRY(Issue(call, std::move(session), seconds));
  issued.arn =
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", state_->options.account, role->name, request.session_name);
  issued.unique_id = role->id + ":" + request.session_name;
  issued.packed_percent = static_cast<int32_t>((packed * 100 + kPackedBytesMax - 1) / kPackedBytesMax);
  return issued;
}

Result<IssuedSession> Iam::IssueUserSession(const Call& call, std::optional<int32_t> seconds) const {
  const bool is_root = call.principal.kind == PrincipalKind::kRoot;
  if (call.principal.session || (!is_root && call.principal.kind != PrincipalKind::kUser)) {
    return Error{Kind::kUnauthorized, kAccessDenied, "Cannot call GetSessionToken with session credentials"};
  }
  Session session;
  session.parent_key = call.principal.access_key_id;
  const int32_t asked = seconds.value_or(kUserSecondsDefault);
  return Issue(call, std::move(session), is_root ? std::min(asked, kRootSecondsMax) : asked);
}

Result<IssuedSession> Iam::Issue(const Call& call, Session session, int32_t seconds) const {
  session.access_key_id = "ASIA" + NewAccessKeyId().substr(4);
  session.secret_access_key = NewSecret();
  // Whole seconds, as the caller is told them.
  session.issued = Instant::FromUnixSeconds(call.now.unix_seconds());
  session.expires = session.issued + std::chrono::seconds(seconds);
  IssuedSession issued;
  issued.session_token = TRY(state_->tokens.Seal(session));
  issued.access_key_id = session.access_key_id;
  issued.secret_access_key = session.secret_access_key;
  issued.expires = session.expires;
  return issued;
}

std::shared_ptr<const wire::Credential> Iam::FindSession(std::string_view access_key_id,
                                                         std::string_view session_token) const {
  const SessionPtr session = state_->tokens.Open(access_key_id, session_token);
  if (!session) return nullptr;
  auto credential = std::make_shared<wire::Credential>();
  wire::Principal& principal = credential->principal;
  if (session->role_id.empty()) {
    const auto parent = state_->index.Find(session->parent_key);
    if (!parent) return nullptr;
    principal = parent->principal;
  } else {
    const IdentityAccessPtr role = state_->index.FindIdentity(session->role_id);
    if (!role) return nullptr;
    principal.kind = PrincipalKind::kAssumedRole;
    principal.account = state_->options.account;
    principal.role_arn = role->arn;
    principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", principal.account, role->name, session->name);
    principal.unique_id = session->role_id + ":" + session->name;
    principal.tags = role->tags;
    if (!session->tags.empty()) {
      wire::PrincipalTags tags = session->tags;
      if (role->tags) tags.insert(role->tags->begin(), role->tags->end());  // a session tag wins
      principal.tags = std::make_shared<const wire::PrincipalTags>(std::move(tags));
    }
  }
  principal.access_key_id = session->access_key_id;
  principal.session_issued = session->issued;
  principal.session = session;
  credential->access_key_id = session->access_key_id;
  credential->secret_access_key = session->secret_access_key;
  credential->session_token = session_token;
  credential->expires = session->expires;
  return credential;
}

std::optional<std::string> Iam::AccountOfKey(const std::string& access_key_id) const {
  if (state_->index.Find(access_key_id)) return state_->options.account;
  const auto stored =
      state_->database.Read([&](const store::ReadTx& tx) { return tx.Find<AccessKeyRecord>(access_key_id); });
  return stored.ok() && *stored ? std::optional(state_->options.account) : std::nullopt;
}

}  // namespace meetinity::iam
