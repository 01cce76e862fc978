// Browser uploads by form (S3 API Reference, "POST Object"): the fields before the file are checked against the policy
// that came with them, and then say what a PutObject's headers would. From there on it is a PutObject.

#include <algorithm>
#include <exception>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/uri.h"
#include "wire/api_request.h"
#include "wire/auth_errors.h"
#include "wire/body_pump.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"
#include "wire/xml_writer.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kFormType = "multipart/form-data";
constexpr std::string_view kFileNameVariable = "${filename}";

// Fields that become the header of their name; those that begin with x-amz- do too, save what signs the form.
constexpr std::string_view kHeaderFields[] = {"cache-control", "content-disposition", "content-encoding",
                                              "content-md5",   "content-type",        "expires"};
constexpr std::string_view kSigningFields[] = {"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                               "x-amz-security-token", "x-amz-signature"};

bool IsAmong(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Error MissingField(std::string_view name) {
  return Error{Kind::kInvalid, kInvalidArgument,
               "Bucket POST must contain a field named '" + std::string(name) +
                   "'.  If it is specified, please check the order of the fields."}
      .With("ArgumentName", std::string(name))
      .With("ArgumentValue", "");
}

Error InvalidField(const std::string& name, const std::string& value, std::string detail) {
  return Error{Kind::kInvalid, kInvalidArgument, std::move(detail)}
      .With("ArgumentName", name)
      .With("ArgumentValue", value);
}

bool HasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// "${filename}" stands for what the browser calls the file.
std::string WithFileName(std::string text, const std::string& file_name) {
  const size_t at = text.find(kFileNameVariable);
  return at == std::string::npos ? text : text.replace(at, kFileNameVariable.size(), file_name);
}

// Where a browser may be sent: what is no address is as if it had not been asked for, as S3 has it.
bool IsRedirect(std::string_view address) {
  return (address.starts_with("http://") || address.starts_with("https://")) && !HasControls(address) &&
         address.find(' ') == std::string_view::npos;
}

}  // namespace

bool ApiRequest::IsPostForm() const {
  if (!is_s3() || head_.method != "POST" || head_.has_query || !head_.has_body) return false;
  const std::string_view type = head_.Find("content-type").value_or("");
  if (!EqualsIgnoreCase(type.substr(0, kFormType.size()), kFormType)) return false;
  // To a bucket, not to an object.
  if (!addressee_.bucket.empty()) return head_.path == "/";
  const size_t slash = head_.path.find('/', 1);
  return head_.path.size() > 1 && (slash == std::string_view::npos || slash + 1 == head_.path.size());
}

void ApiRequest::ServePostForm() {
  Guard([this]() -> Status {
    const std::string boundary = TRY(ParseFormBoundary(head_.Find("content-type").value_or("")));
    post_ = std::make_unique<PostUpload>(
        boundary, MultipartForm::Events{[this] { return AdmitPost(); },
                                        [this](std::string_view bytes) { return TakePostBytes(bytes); }});
    const auto consume = [self = shared_from_this()](std::string_view bytes) -> Status {
      try {
        return self->post_->form.Push(bytes);
      } catch (const std::exception& thrown) {
        return Internal(std::string("exception: ") + thrown.what());
      }
    };
    const auto done = [self = shared_from_this()](Status received) {
      self->Guard([&]() -> Status {
        TRY(std::move(received));
        TRY(self->FinishPost());
        self->SendAnswer();
        return {};
      });
      self->post_->staging.reset();  // here, because an unfinished upload is deleted from the disk
    };
    exchange_->reactor().Post([self = shared_from_this(), consume, done] {
      BodyPump::Start(self->exchange_, self->context_->workers, consume, done);
    });
    return {};
  });
}

Status ApiRequest::AdmitPost() {
  PostUpload& post = *post_;
  for (const FormField& field : post.form.fields()) post.fields.emplace(ToLower(field.name), field.value);
  const std::string* const key = post.Find("key");
  if (!key) return MissingField("key");
  post.fields["key"] = WithFileName(*key, post.form.file_name());
  post.fields["bucket"] = BucketAskedFor();
  TRY(AuthenticatePost());
  if (post.policy) TRY(post.policy->Check(post.fields, call_.now));
  TRY(ShapePutOfPost());
  TRY(FindOperation());
  net::RequestHead promised;
  promised.headers = own_headers_;
  BodyPlan plan = TRY(PlanBody(promised, nullptr, nullptr));
  TRY(Decode());
  if (handler_->admit) TRY(handler_->admit(call_, input_.get()));
  post.staging = TRY(Staging::Open(context_->blobs, std::move(plan)));
  return {};
}

// A form without a signature is an anonymous upload, which the bucket's policy decides about.
Status ApiRequest::AuthenticatePost() {
  const PostUpload& post = *post_;
  const bool v4 = post.Find("x-amz-signature") || post.Find("x-amz-algorithm") || post.Find("x-amz-credential");
  const bool v2 = post.Find("awsaccesskeyid") || post.Find("signature");
  const std::string* const policy = post.Find("policy");
  if (!v4 && !v2 && !policy) return {};
  if (!policy) return MissingField("policy");
  TRY(v4 ? VerifyPostV4(*policy) : VerifyPostV2(*policy));
  post_->policy = TRY(PostPolicy::Parse(*policy));
  return {};
}

Status ApiRequest::VerifyPostV4(const std::string& policy) {
  const PostUpload& post = *post_;
  for (const char* const name : {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"})
    if (!post.Find(name)) return MissingField(name);
  const std::string& algorithm = *post.Find("x-amz-algorithm");
  if (algorithm != "AWS4-HMAC-SHA256")
    return InvalidField("x-amz-algorithm", algorithm, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  const std::string& credential_field = *post.Find("x-amz-credential");
  const std::vector<std::string_view> parts = Split(credential_field, '/');
  const std::string& date = *post.Find("x-amz-date");
  if (parts.size() != 5 || parts[3] != "s3" || parts[4] != "aws4_request" || !date.starts_with(parts[1]))
    return InvalidField("x-amz-credential", credential_field,
                        "The credential must be of the form \"<key>/YYYYMMDD/REGION/s3/aws4_request\", of the day of "
                        "x-amz-date.");
  if (parts[2] != context_->options.region)
    return InvalidField(
        "x-amz-credential", credential_field,
        "The region '" + std::string(parts[2]) + "' is wrong; expecting '" + context_->options.region + "'");
  const CredentialScope scope{std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
  const std::string* const token = post.Find("x-amz-security-token");
  const std::shared_ptr<const Credential> credential =
      TRY(FindCredential(context_->verifier.credentials(), parts[0], token ? *token : "", true, call_.now));
  const std::string& signature = *post.Find("x-amz-signature");
  if (!ConstantTimeEqual(SignatureOf(DeriveSigningKey(credential->secret_access_key, scope), policy), signature))
    return S3SignatureMismatch(std::string(parts[0]), policy, signature);
  call_.principal = credential->principal;
  call_.scope_region = scope.region;
  return {};
}

Status ApiRequest::VerifyPostV2(const std::string& policy) {
  const PostUpload& post = *post_;
  const std::string* const key_id = post.Find("awsaccesskeyid");
  const std::string* const signature = post.Find("signature");
  const std::string* const token = post.Find("x-amz-security-token");
  if (!key_id) return MissingField("AWSAccessKeyId");
  if (!signature) return MissingField("Signature");
  const std::shared_ptr<const Credential> credential =
      TRY(FindCredential(context_->verifier.credentials(), *key_id, token ? *token : "", true, call_.now));
  if (!ConstantTimeEqual(Base64Encode(HmacSha1(credential->secret_access_key, policy)), *signature))
    return S3SignatureMismatch(*key_id, policy, *signature);
  call_.principal = credential->principal;
  call_.scope_region = context_->options.region;
  call_.signature_version = "AWS";
  return {};
}

Status ApiRequest::ShapePutOfPost() {
  PostUpload& post = *post_;
  if (post.Find("tagging"))
    return Error{Kind::kUnsupported, kNotImplemented, "Tagging in an upload form is not served; tag the object after."};
  for (const auto& [name, value] : post.fields) {
    const bool is_acl = name == "acl";
    const bool is_header =
        is_acl || IsAmong(kHeaderFields, name) || (name.starts_with("x-amz-") && !IsAmong(kSigningFields, name));
    if (!is_header) continue;
    if (HasControls(name) || HasControls(value))
      return InvalidField(name, value, "A field that describes the object cannot hold control characters.");
    post.header_names.push_back(is_acl ? "x-amz-acl" : name);
    own_headers_.push_back({post.header_names.back(), value});
  }
  if (addressee_.bucket.empty()) post.path = "/" + PercentEncode(*post.Find("bucket"), Slash::kEncode);
  post.path += "/" + PercentEncode(*post.Find("key"), Slash::kKeep);
  return {};
}

Status ApiRequest::TakePostBytes(std::string_view bytes) {
  PostUpload& post = *post_;
  post.bytes += bytes.size();
  if (post.policy) TRY(post.policy->CheckSize(post.bytes, /*complete=*/false));
  if (post.bytes > kUploadMax)
    return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"}
        .With("ProposedSize", std::to_string(post.bytes))
        .With("MaxSizeAllowed", std::to_string(kUploadMax));
  return post.staging->Push(bytes);
}

Status ApiRequest::FinishPost() {
  PostUpload& post = *post_;
  TRY(post.form.Finish());
  if (post.policy) TRY(post.policy->CheckSize(post.bytes, /*complete=*/true));
  *StreamedInput(*route_->operation, input_.get()) = TRY(post.staging->Finish());
  TRY(Handle());
  ShapePostAnswer();
  return {};
}

// 204, unless the form asks for another status, or for the browser to be sent on.
void ApiRequest::ShapePostAnswer() {
  const PostUpload& post = *post_;
  Encoded& answer = answer_.encoded;
  const std::string& bucket = *post.Find("bucket");
  const std::string& key = *post.Find("key");
  const std::string etag(answer.headers.Find("etag").value_or(""));
  const std::string location = call_.endpoint + post.path;
  const std::string* redirect = post.Find("success_action_redirect");
  if (!redirect) redirect = post.Find("redirect");
  if (redirect && IsRedirect(*redirect)) {
    answer.status = 303;
    const char separator = redirect->find('?') == std::string::npos ? '?' : '&';
    answer.headers.Set("Location", *redirect + separator + "bucket=" + PercentEncode(bucket, Slash::kEncode) +
                                       "&key=" + PercentEncode(key, Slash::kEncode) +
                                       "&etag=" + PercentEncode(etag, Slash::kEncode));
    return;
  }
  answer.headers.Set("Location", location);
  const std::string* const status = post.Find("success_action_status");
  answer.status = status && *status == "200" ? 200 : status && *status == "201" ? 201 : 204;
  if (answer.status != 201) return;
  answer.headers.Set("Content-Type", "application/xml");
  answer.body = kXmlDeclaration;
  answer.body += "<PostResponse>";
  AppendXmlElement("Location", location, answer.body);
  AppendXmlElement("Bucket", bucket, answer.body);
  AppendXmlElement("Key", key, answer.body);
  AppendXmlElement("ETag", etag, answer.body);
  answer.body += "</PostResponse>";
}

}  // namespace meetinity::wire
