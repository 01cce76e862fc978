#include "aws/s3/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/s3/names.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/uri.h"
#include "wire/stored_form.h"

namespace meetinity::s3 {
namespace {

using wire::PrincipalKind;

const wire::Shape& StoredShape() { return *GetBucketLogging::Shape().output; }

// The form of the key, as streams have it.
constexpr std::string_view kSimple = "simple", kByEventTime = "event", kByDeliveryTime = "delivery";

// "2024-01-01-03-00-00"
std::string ToKeyTime(Instant time) {
  std::string text = time.ToIso8601();
  std::ranges::replace(text, 'T', '-');
  std::ranges::replace(text, ':', '-');
  text.pop_back();  // 'Z'
  return text;
}

bool IsDay(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return std::ranges::equal(text, kForm,
                            [](char c, char form) { return form == 'd' ? c >= '0' && c <= '9' : c == form; });
}

std::string RequesterOf(const wire::Principal& principal) {
  switch (principal.kind) {
    case PrincipalKind::kAnonymous:
      return {};
    case PrincipalKind::kRoot:
    case PrincipalKind::kOriginAccessIdentity:
      return principal.canonical_user_id;
    case PrincipalKind::kService:
      return fmt::format("svc:{}", principal.service);
    case PrincipalKind::kUser:
    case PrincipalKind::kAssumedRole:
      return principal.arn;
  }
  return {};
}

std::string_view ToText(net::HttpVersion version) {
  constexpr std::array<std::string_view, 3> kVersions = {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"};
  return kVersions[static_cast<size_t>(version)];
}

std::string LabelOf(const wire::AnsweredRequest& request, std::string_view name) {
  for (const auto& [label, value] : request.labels)
    if (label == name) return value;
  return {};
}

// The parameter of a query that may be nonsense.
std::string ParameterOf(std::string_view query, std::string_view name) {
  if (query.find(name) == std::string_view::npos) return {};
  const Result<std::vector<QueryParameter>> parameters = ParseQuery(query);
  if (!parameters.ok()) return {};
  for (const auto& [parameter, value] : *parameters)
    if (parameter == name) return value;
  return {};
}

}  // namespace

std::string ToStoredLogging(const LoggingEnabled& logging) {
  const GetBucketLoggingOutput kept{.logging_enabled = logging};
  return wire::ToStoredForm(StoredShape(), &kept);
}

Result<LoggingEnabled> FromStoredLogging(std::string_view stored) {
  GetBucketLoggingOutput kept;
  TRY(wire::FromStoredForm(StoredShape(), stored, &kept));
  if (!kept.logging_enabled) return Internal("a stored logging status cannot be read back");
  return *std::move(kept.logging_enabled);
}

LogTarget LogTarget::Of(const LoggingEnabled& logging) {
  LogTarget target{logging.target_bucket, logging.target_prefix, Key::kSimple};
  if (logging.target_object_key_format && logging.target_object_key_format->partitioned_prefix) {
    const auto& source = logging.target_object_key_format->partitioned_prefix->partition_date_source;
    target.key = source == PartitionDateSource::kEventTime ? Key::kByEventTime : Key::kByDeliveryTime;
  }
  return target;
}

std::string LogStream(std::string_view source, const LogTarget& target, Instant time) {
  std::string form(target.key == LogTarget::Key::kSimple ? kSimple : kByDeliveryTime);
  if (target.key == LogTarget::Key::kByEventTime)
    form = fmt::format("{}={}", kByEventTime, time.ToIso8601().substr(0, 10));
  return fmt::format("{}\t{}\t{}\t{}\t", source, target.bucket, form, PercentEncode(target.prefix, Slash::kEncode));
}

std::optional<store::LineDelivery::Sorted> SortLogLine(std::string_view line, const store::LineSpool::Segment& segment,
                                                       const LogHome& home) {
  std::array<std::string_view, 4> fields;  // source, target, form, prefix
  const std::string_view whole = line;
  for (std::string_view& field : fields) {
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    field = line.substr(0, tab);
    line.remove_prefix(tab + 1);
  }
  const auto& [source, target, form, encoded_prefix] = fields;
  Result<std::string> prefix = PercentDecode(encoded_prefix);
  if (!prefix.ok()) return std::nullopt;
  std::string time = ToKeyTime(segment.begun);
  std::string folder;
  if (form != kSimple) {
    if (form.starts_with(kByEventTime)) {
      const std::string_view day = form.substr(std::min(form.size(), kByEventTime.size() + 1));
      if (!IsDay(day)) return std::nullopt;
      time = fmt::format("{}-00-00-00", day);
    } else if (form != kByDeliveryTime) {
      return std::nullopt;
    }
    folder = fmt::format("{}/{}/{}/{}/{}/{}/", home.account, home.region, source, time.substr(0, 4), time.substr(5, 2),
                         time.substr(8, 2));
  }
  const std::string_view stream = whole.substr(0, whole.size() - line.size());
  std::string unique = HexEncode(Md5(fmt::format("{}\n{}", segment.name, stream))).substr(0, 16);
  for (char& c : unique) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return store::LineDelivery::Sorted{{std::string(target), fmt::format("{}{}{}-{}", *prefix, folder, time, unique)},
                                     line};
}

std::string_view SourceOf(std::string_view lines) {
  const size_t begin = std::min(lines.find(' '), lines.size() - 1) + 1;
  return lines.substr(begin, lines.find(' ', begin) - begin);
}

AccessLogEntry::AccessLogEntry(const AccessLog& log, std::string bucket, std::optional<LogTarget> target,
                               std::optional<Source> source, MonotonicInstant began)
    : log_(log),
      target_(std::move(target)),
      source_(std::move(source)),
      began_(began),
      received_(began),
      answered_(began) {
  line_.bucket_owner = log.owner_id_;
  line_.bucket = std::move(bucket);
}

AccessLogEntry* AccessLogEntry::Of(const wire::Call& call) {
  return dynamic_cast<AccessLogEntry*>(call.observation.get());
}

void AccessLogEntry::OnReceived() { received_ = log_.clock_.Monotonic(); }

void AccessLogEntry::AddDeletion(std::string key, std::string version_id, std::string_view error, int status) {
  deletions_.push_back({std::move(key), std::move(version_id), std::string(error), status});
}

void AccessLogEntry::OnAnswer(const wire::AnsweredRequest& request) {
  answered_ = log_.clock_.Monotonic();
  const net::RequestHead& head = request.head;
  const wire::Call& call = request.call;
  const auto header = [&head](std::string_view name) { return std::string(head.Find(name).value_or("")); };
  line_.time = call.now;
  line_.remote_ip = request.peer.address;
  line_.requester = RequesterOf(call.principal);
  line_.request_id = call.request_id;
  line_.key = LabelOf(request, "Key");
  line_.operation = LoggedOperation(request.operation ? request.operation->name : std::string_view(), head.method,
                                    !line_.key.empty());
  line_.request_uri = fmt::format("{} {} {}", head.method, head.target, ToText(head.version));
  line_.status = request.status;
  line_.error = request.error;
  line_.referer = header("referer");
  line_.user_agent = call.user_agent;
  line_.version_id = ParameterOf(head.query, "versionId");
  line_.host_id = request.host_id;
  line_.host = head.authority;
  line_.tls_version = request.peer.tls_protocol;
  line_.cipher_suite = request.peer.tls_cipher;
  if (request.signed_in == wire::SignedIn::kNothing) return;
  line_.signature_version = call.signature_version == "AWS" ? "SigV2" : "SigV4";
  if (request.signed_in == wire::SignedIn::kHeader) line_.authentication = "AuthHeader";
  if (request.signed_in == wire::SignedIn::kQuery) line_.authentication = "QueryString";
}

void AccessLogEntry::OnEnd(uint64_t body_bytes_sent) {
  line_.bytes_sent = body_bytes_sent;
  line_.total_time = log_.clock_.Monotonic() - began_;
  line_.turn_around = answered_ - received_;
  const std::string source_line = source_ ? SourceLine() : std::string();
  log_.sink_((target_ ? OwnLines() : std::string()) + source_line);
}

std::string AccessLogEntry::SourceLine() {
  AccessLogLine line = line_;
  line.operation += "_GET";  // REST.COPY.OBJECT_GET, REST.COPY.PART_GET
  line.bucket = source_->bucket;
  line.key = source_->key;
  line.version_id = source_->version_id;
  line.object_size = source_->object_size;
  line.bytes_sent = 0;
  return LogStream(line.bucket, source_->target, line.time) + s3::ToText(line);
}

std::string AccessLogEntry::OwnLines() {
  const std::string stream = LogStream(line_.bucket, *target_, line_.time);
  std::string lines = stream + s3::ToText(line_);
  line_.operation = "BATCH.DELETE.OBJECT";
  line_.bytes_sent = 0;
  for (Deletion& deletion : deletions_) {
    line_.key = std::move(deletion.key);
    line_.version_id = std::move(deletion.version_id);
    line_.error = std::move(deletion.error);
    line_.status = deletion.status;
    lines += stream + s3::ToText(line_);
  }
  return lines;
}

void AccessLog::Adopt(Targets targets) {
  const bool any = !targets.empty();
  auto next = std::make_shared<const Targets>(std::move(targets));
  targets_.With([&](auto& current) { current = std::move(next); });
  any_.store(any && sink_, std::memory_order_release);
}

std::shared_ptr<wire::RequestObservation> AccessLog::Begin(const net::RequestHead& head,
                                                           std::string_view virtual_bucket) const {
  if (!any_.load(std::memory_order_acquire)) return nullptr;
  std::string bucket(virtual_bucket);
  if (bucket.empty()) {
    const std::string_view path = head.path.substr(std::min<size_t>(1, head.path.size()));
    Result<std::string> decoded = PercentDecode(path.substr(0, path.find('/')));
    if (!decoded.ok()) return nullptr;
    bucket = *std::move(decoded);
  }
  const auto targets = targets_.With([](const auto& current) { return current; });
  const auto target_of = [&targets](std::string_view name) -> std::optional<LogTarget> {
    const auto found = targets->find(name);
    return found == targets->end() ? std::nullopt : std::optional(found->second);
  };
  std::optional<AccessLogEntry::Source> source;
  if (const auto copied = head.method == "PUT" ? head.Find("x-amz-copy-source") : std::nullopt) {
    Result<CopySource> parsed = CopySource::Parse(*copied);
    std::optional<LogTarget> target = parsed.ok() ? target_of(parsed->bucket) : std::nullopt;
    if (target) source = {parsed->bucket, parsed->key, parsed->version_id.value_or(""), *std::move(target)};
  }
  std::optional<LogTarget> target = target_of(bucket);
  if (!target && !source) return nullptr;
  return std::make_shared<AccessLogEntry>(*this, std::move(bucket), std::move(target), std::move(source),
                                          clock_.Monotonic());
}

}  // namespace meetinity::s3
