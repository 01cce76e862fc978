#include "aws/iam/session.h"

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace meetinity::iam {
namespace {

std::string TokenContext(std::string_view access_key_id) { return "sts session " + std::string(access_key_id); }

int64_t ToCount(Instant at) { return at.since_epoch().count(); }
Instant ToInstant(int64_t count) { return Instant::FromUnix(Duration(count)); }

// Throws nlohmann's exception on another shape than Seal wrote; the caller turns that into "not ours".
std::shared_ptr<Session> FromJson(const nlohmann::json& json) {
  auto session = std::make_shared<Session>();
  session->secret_access_key = json.at("secret").get<std::string>();
  session->role_id = json.at("role").get<std::string>();
  session->name = json.at("name").get<std::string>();
  session->parent_key = json.at("parent").get<std::string>();
  session->issued = ToInstant(json.at("issued").get<int64_t>());
  session->expires = ToInstant(json.at("expires").get<int64_t>());
  if (json.contains("policy")) session->policy = json.at("policy").get<std::string>();
  session->policy_arns = json.at("policy_arns").get<std::vector<std::string>>();
  session->tags = json.at("tags").get<wire::PrincipalTags>();
  session->transitive_tags = json.at("transitive").get<std::set<std::string>>();
  return session;
}

SessionPtr Unseal(const store::Sealer& sealer, const std::string& access_key_id, std::string_view token) {
  const Result<std::string> text = sealer.Open(token, TokenContext(access_key_id));
  if (!text.ok()) return nullptr;
  std::shared_ptr<Session> session;
  try {
    session = FromJson(nlohmann::json::parse(*text));
  } catch (const nlohmann::json::exception&) {
    return nullptr;
  }
  session->access_key_id = access_key_id;
  if (session->policy) {
    Result<PolicyDocument> parsed = PolicyDocument::Parse(*session->policy, PolicyKind::kIdentity);
    // A session without its limits would be a wider one.
    if (!parsed.ok()) return nullptr;
    session->parsed_policy = std::move(*parsed);
  }
  return session;
}

}  // namespace

Result<std::string> SessionTokens::Seal(const Session& session) const {
  nlohmann::json json = {{"secret", session.secret_access_key},
                         {"role", session.role_id},
                         {"name", session.name},
                         {"parent", session.parent_key},
                         {"issued", ToCount(session.issued)},
                         {"expires", ToCount(session.expires)},
                         {"policy_arns", session.policy_arns},
                         {"tags", session.tags},
                         {"transitive", session.transitive_tags}};
  if (session.policy) json["policy"] = *session.policy;
  return sealer_.Seal(json.dump(), TokenContext(session.access_key_id));
}

SessionPtr SessionTokens::Open(std::string_view access_key_id, std::string_view token) const {
  const std::string id(access_key_id);
  SessionPtr known = opened_.With([&](const auto& opened) -> SessionPtr {
    const auto found = opened.find(id);
    if (found == opened.end() || !ConstantTimeEqual(found->second.token, token)) return nullptr;
    return found->second.session;
  });
  if (known) return known;
  SessionPtr session = Unseal(sealer_, id, token);
  if (!session) return nullptr;
  opened_.With([&](auto& opened) {
    if (opened.size() >= kOpenedMax) opened.erase(opened.begin());
    opened.insert_or_assign(id, Opened{std::string(token), session});
  });
  return session;
}

}  // namespace meetinity::iam
