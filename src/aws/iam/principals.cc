// Which principals there are, for the policies of other services.

#include "aws/iam/iam_state.h"
#include "base/arn.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

// Paths and names as their ARN has them: "/staff/alice" of "user/staff/alice".
template <class Record>
Result<bool> HasEntity(const store::ReadTx& tx, std::string_view path_and_name) {
  return TRY(tx.Count<Record>("path || name = ?", {std::string(path_and_name)})) > 0;
}

}  // namespace

Result<bool> Iam::KnowsPrincipal(const store::ReadTx& tx, std::string_view principal) const {
  const Result<Arn> arn = Arn::Parse(principal);
  if (!arn.ok()) {
    if (principal.starts_with("AIDA")) return TRY(tx.Count<UserRecord>("id = ?", {std::string(principal)})) > 0;
    if (principal.starts_with("AROA")) return TRY(tx.Count<RoleRecord>("id = ?", {std::string(principal)})) > 0;
    return true;  // an account
  }
  if (arn->account != state_->options.account) return true;
  const std::string_view resource = arn->resource;
  if (resource.starts_with("user/")) return HasEntity<UserRecord>(tx, resource.substr(4));
  if (resource.starts_with("role/")) return HasEntity<RoleRecord>(tx, resource.substr(4));
  // "assumed-role/NAME/SESSION": its role's name without the path.
  if (const auto pieces = Split(resource, '/'); pieces.size() > 1 && pieces.front() == "assumed-role") {
    return TRY(tx.Count<RoleRecord>("name = ?", {std::string(pieces[1])})) > 0;
  }
  return true;
}

}  // namespace meetinity::iam
