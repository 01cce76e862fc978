// What the command line asks of the running cloud, behind /_meetinity/ on the API port. Root's signature is checked
// before any of this is called.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "cli/cloud.h"
#include "engine/edge/explain.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::string_view kInvalidRequest = "InvalidRequest";
// A hundred years, in steps that leave Instant's range far away.
constexpr int64_t kAdvanceSecondsMax = 3'155'760'000;
// How long an advance waits until the lifecycle of objects has come to the new time; then it goes on by itself.
constexpr Duration kLifecyclePatience = seconds(20);

Error Invalid(std::string detail) { return Error{Kind::kInvalid, kInvalidRequest, std::move(detail)}; }

json ToJson(const std::vector<stack::Step>& steps) {
  json list = json::array();
  for (const stack::Step& step : steps) {
    list.push_back({{"address", step.address}, {"action", stack::ToString(step.action)}, {"detail", step.detail}});
  }
  return list;
}

// {"url": "https://…", "method": "GET", "headers": {"accept-encoding": "gzip"}}
Result<edge::Question> ToQuestion(std::string_view body) {
  const json request = json::parse(body, nullptr, false);
  if (!request.is_object() || !request.value("url", json()).is_string())
    return Invalid("send {\"url\": \"https://…\"}");
  edge::Question question;
  std::string url = request["url"].get<std::string>();
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos || (url.substr(0, scheme) != "https" && url.substr(0, scheme) != "http")) {
    return Invalid(fmt::format("'{}' is no address; write it like https://name/path", url));
  }
  question.tls = url.substr(0, scheme) == "https";
  url.erase(std::min(url.find('#'), url.size()));
  const size_t path = std::min(url.find_first_of("/?", scheme + 3), url.size());
  question.authority = url.substr(scheme + 3, path - scheme - 3);
  const size_t query = std::min(url.find('?', path), url.size());
  question.path = path == query ? "/" : url.substr(path, query - path);
  if (query < url.size()) question.query = url.substr(query + 1);
  if (const json method = request.value("method", json()); method.is_string()) question.method = method;
  const json headers = request.value("headers", json::object());
  for (const auto& [name, value] : headers.items()) {
    if (!value.is_string()) return Invalid("every header's value is a text");
    question.headers.emplace_back(ToLower(name), value.get<std::string>());
  }
  return question;
}

}  // namespace

Status Cloud::ServeAdmin() {
  api_->AddAdmin("GET", "/_meetinity/status", [this](const wire::Call&, std::string_view) { return AnswerStatus(); });
  api_->AddAdmin("POST", "/_meetinity/apply",
                 [this](const wire::Call&, std::string_view body) { return AnswerApply(body); });
  api_->AddAdmin("POST", "/_meetinity/reset",
                 [this](const wire::Call&, std::string_view body) { return AnswerReset(body); });
  api_->AddAdmin("GET", "/_meetinity/edge", [this](const wire::Call&, std::string_view) { return AnswerEdge(); });
  api_->AddAdmin("POST", "/_meetinity/edge/explain",
                 [this](const wire::Call&, std::string_view body) { return AnswerExplain(body); });
  const auto clock = [this](const wire::Call&, std::string_view body) { return AnswerClock(body); };
  api_->AddAdmin("GET", "/_meetinity/clock", clock);
  api_->AddAdmin("POST", "/_meetinity/clock", clock);
  return {};
}

Result<std::string> Cloud::AnswerStatus() const {
  const edge::Edge::Counters edge = edge_->counters();
  const json answer = {
      {"account", identity_.account},
      {"region", identity_.region},
      {"started_at", started_at_.ToIso8601()},
      {"now", clock_->Now().ToIso8601()},
      {"edge",
       {{"requests", edge.requests},
        {"hits", edge.hits},
        {"misses", edge.misses},
        {"origin_fetches", edge.origin_fetches},
        {"objects_cached", edge.objects_cached},
        {"bytes_cached", edge.bytes_cached},
        {"objects_on_disk", edge.disk.objects},
        {"bytes_on_disk", edge.disk.bytes}}},
  };
  return answer.dump();
}

Result<std::string> Cloud::AnswerEdge() const {
  using milliseconds = std::chrono::duration<double, std::milli>;
  const edge::Edge::Counters edge = edge_->counters();
  json distributions = json::array();
  const edge::EdgeConfigPtr config = published_.With([](const Routed& routed) { return routed.edge; });
  for (const edge::Distribution& distribution : config->distributions) {
    const edge::SiteTotals totals = edge_->counters(distribution.id);
    distributions.push_back(
        {{"id", distribution.id},
         {"name", distribution.aliases.empty() ? distribution.domain_name : distribution.aliases.front()},
         {"requests", totals.requests},
         {"hits", totals.hits},
         {"bytes_downloaded", totals.bytes_downloaded},
         {"bytes_uploaded", totals.bytes_uploaded},
         {"errors_4xx", totals.errors_4xx},
         {"errors_5xx", totals.errors_5xx},
         {"origin_answers", totals.origin_answers},
         {"origin_milliseconds", milliseconds(totals.origin_latency_total).count()}});
  }
  const json answer = {
      {"requests", edge.requests},
      {"hits", edge.hits},
      {"misses", edge.misses},
      {"origin_fetches", edge.origin_fetches},
      {"memory", {{"objects", edge.objects_cached}, {"bytes", edge.bytes_cached}, {"evictions", edge.evictions}}},
      {"disk",
       {{"objects", edge.disk.objects},
        {"bytes", edge.disk.bytes},
        {"index_bytes", edge.disk.index_bytes},
        {"written", edge.disk.written},
        {"dropped_offers", edge.disk.dropped_offers},
        {"damaged", edge.disk.damaged},
        {"write_errors", edge.disk.write_errors}}},
      {"distributions", std::move(distributions)},
  };
  return answer.dump();
}

Result<std::string> Cloud::AnswerExplain(std::string_view body) const {
  const edge::Question question = TRY(ToQuestion(body));
  const edge::Explanation found = edge_->Explain(question, clock_->Now());
  const auto in_seconds = [](const std::optional<Duration>& duration) {
    return duration ? json(std::chrono::duration<double>(*duration).count()) : json();
  };
  constexpr std::array<const char*, 3> kTiers = {"none", "memory", "disk"};
  json answer = {{"result", found.result},
                 {"reason", found.reason},
                 {"distribution", found.distribution_id},
                 {"behavior", found.path_pattern},
                 {"origin", found.origin},
                 {"path", found.path},
                 {"key", found.key},
                 {"tier", kTiers[static_cast<size_t>(found.tier)]}};
  if (found.tier != edge::Tier::kNone) {
    answer["kept"] = {{"status", found.status},
                      {"body_bytes", found.body_bytes},
                      {"age_seconds", in_seconds(found.age)},
                      {"fresh_for_seconds", in_seconds(found.fresh_for)},
                      {"is_invalidated", found.is_invalidated}};
  }
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<stack::Step>> Cloud::Apply(const stack::Variables& variables, const stack::Progress& progress) {
  auto steps = TRY(stack_->Apply(RootCall(), variables, progress));
  TRY(WriteOutputs());
  if (!database_->HasGolden()) TRY(SaveGolden());
  return steps;
}

Result<std::string> Cloud::AnswerApply(std::string_view body) {
  const json request = json::parse(body, nullptr, false);
  if (!request.is_object() || !request.value("text", json()).is_string()) {
    return Invalid("send {\"file_name\": …, \"text\": …}, the variables file and its name");
  }
  const auto variables =
      TRY(stack::ParseVariables(request.value("file_name", "variables"), request["text"].get<std::string>()));
  const auto steps = TRY(Apply(variables, nullptr));
  return json{{"steps", ToJson(steps)}}.dump();
}

Status Cloud::SaveGolden() {
  EndSweep();
  TRY(database_->SaveGolden());
  return blobs_->SaveGolden();
}

Status Cloud::WriteOutputs() const {
  json file = json::object();
  for (const stack::Output& output : TRY(stack_->Outputs(https_port()))) {
    file[output.name] = {{"value", output.value}, {"sensitive", output.sensitive}, {"type", "string"}};
  }
  return WriteFileAtomically(directory_.path() + "/outputs.json", file.dump(2) + "\n");
}

Status Cloud::Reset(std::string_view what) {
  EndSweep();  // it judges blobs by records that are about to change
  if (what == "golden") {
    if (!database_->HasGolden()) {
      return Invalid("there is no state to go back to; 'meetinity up' keeps one, or reset to empty");
    }
    // Bytes before the records that name them.
    TRY(blobs_->RestoreGolden());
    TRY(database_->RestoreGolden());
  } else if (what == "empty") {
    TRY(database_->Clear());
    TRY(blobs_->Clear());
  } else {
    return Invalid("reset goes \"to\": \"golden\" or \"empty\"");
  }
  TRY(log_delivery_->lines().Discard());
  TRY(server_log_delivery_->Discard());
  TRY(balancer_log_delivery_->lines().Discard());
  TRY(iam_->Restore());
  TRY(s3_->Restore());
  edge_->Clear();
  TRY(cloudfront_->Restore(S3Endpoint()));
  TRY(RestoreBalancing());
  TRY(route53_->Restore());
  return WriteOutputs();
}

Result<std::string> Cloud::AnswerReset(std::string_view body) {
  const json request = json::parse(body.empty() ? std::string_view("{}") : body, nullptr, false);
  if (!request.is_object()) return Invalid("send {\"to\": \"golden\"} or {\"to\": \"empty\"}");
  const std::string to = request.value("to", "golden");
  const MonotonicInstant begun = clock_->Monotonic();
  TRY(Reset(to));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_->Monotonic() - begun);
  return json{{"state", to}, {"milliseconds", static_cast<double>(took.count()) / 1000.0}}.dump();
}

Status Cloud::RestoreClock() {
  const std::string path = directory_.path() + "/clock.json";
  if (!std::filesystem::exists(path)) return {};
  const json file = json::parse(TRY(ReadFile(path)), nullptr, false);
  if (!file.is_object() || !file.value("offset_seconds", json()).is_number_integer()) {
    return Error{Kind::kInvalid, kDataDirectoryUnusable,
                 fmt::format("{} is damaged; delete it to go back to the machine's time", path)};
  }
  clock_->Advance(seconds(std::clamp<int64_t>(file["offset_seconds"].get<int64_t>(), 0, kAdvanceSecondsMax)));
  return {};
}

Result<std::string> Cloud::AnswerClock(std::string_view body) {
  if (!body.empty()) {
    const json request = json::parse(body, nullptr, false);
    if (!request.is_object() || !request.value("advance_seconds", json()).is_number_integer()) {
      return Invalid("send {\"advance_seconds\": 3600}");
    }
    const int64_t by = request["advance_seconds"].get<int64_t>();
    const int64_t offset = std::chrono::duration_cast<seconds>(clock_->offset()).count();
    if (by < 0 || by > kAdvanceSecondsMax || offset + by > kAdvanceSecondsMax) {
      return Invalid("the clock goes forward only, and by a hundred years at the most");
    }
    // On disk first: after a restart the clock must not stand before a time that was already seen.
    const json file = {{"offset_seconds", offset + by}};
    TRY(WriteFileAtomically(directory_.path() + "/clock.json", file.dump() + "\n"));
    clock_->Advance(seconds(by));
    DeliverLogs();
    const Result<int> renewed = acm_->RenewDue();
    if (!renewed.ok()) Log(LogLevel::kError, "acm", "certificates could not be renewed: {}", renewed.error().detail);
    if (!lifecycle_->CatchUp(kLifecyclePatience))
      Log(LogLevel::kInfo, "s3", "the lifecycle of objects is still at work on what the new time makes due");
  }
  return json{{"now", clock_->Now().ToIso8601()},
              {"offset_seconds", std::chrono::duration_cast<seconds>(clock_->offset()).count()}}
      .dump();
}

}  // namespace meetinity::cli
