#include "cli/admin_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/reactor.h"
#include "wire/sigv4.h"

namespace meetinity::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kCloudRefused = "CloudRefused";
// Applying a stack issues certificates and uploads a site; a loaded machine takes its time.
constexpr Duration kPatience = std::chrono::minutes(5);
// The longest answer is a stack's list of steps.
constexpr size_t kAnswerBytesMax = 8 << 20;

struct Answer {
  int status = 0;
  std::string body;
  std::optional<Error> error;
};

// One exchange on a reactor of its own, which this thread runs until the answer is there.
Result<Answer> Exchange(const net::Endpoint& endpoint, net::ClientRequest request, const Clock& clock) {
  auto reactor = TRY(net::Reactor::Open(clock, 0));
  auto client = net::HttpClient::Create(*reactor);
  Answer answer;
  net::ResponseReader reader;
  reader.on_head = [&](const net::ResponseHeadView& head) { answer.status = head.status; };
  reader.on_data = [&](std::string_view bytes) {
    if (answer.body.size() + bytes.size() <= kAnswerBytesMax) answer.body += bytes;
  };
  reader.on_end = [&] { reactor->Stop(); };
  reader.on_error = [&](Error error) {
    answer.error = std::move(error);
    reactor->Stop();
  };
  reactor->Post([&] { client->Send(endpoint, std::move(request), std::move(reader)); });
  reactor->Run();
  return answer;
}

}  // namespace

Result<wire::Credential> LoadRootCredential(const std::string& data_directory) {
  const std::string path = data_directory + "/root-credentials";
  // In the form of an AWS credentials file: "name = value" a line.
  const std::string text = TRY(ReadFile(path));
  wire::Credential credential;
  for (const std::string_view line : Split(text, '\n')) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = Trim(line.substr(0, equals));
    const std::string_view value = Trim(line.substr(equals + 1));
    if (name == "aws_access_key_id") credential.access_key_id = value;
    if (name == "aws_secret_access_key") credential.secret_access_key = value;
  }
  if (credential.access_key_id.empty() || credential.secret_access_key.empty()) {
    return Error{Kind::kInvalid, kDataDirectoryUnusable, fmt::format("{} is damaged; restore it from a backup", path)};
  }
  return credential;
}

Result<json> AskCloud(const std::string& data_directory, std::string_view path, const json& body) {
  const RunningCloud running = TRY(DataDirectory::FindRunning(data_directory));
  const wire::Credential credential = TRY(LoadRootCredential(data_directory));
  const SystemClock clock;
  net::Endpoint endpoint;
  endpoint.address = running.address;
  endpoint.port = running.api_port;

  net::ClientRequest request;
  request.method = body.is_null() ? "GET" : "POST";
  request.target = path;
  request.authority = fmt::format("{}:{}", running.address, running.api_port);
  request.response_timeout = kPatience;
  const std::string text = body.is_null() ? "" : body.dump();
  // The cloud's clock may have been moved ahead of the machine's, and signatures go by the cloud's.
  Duration ahead{0};
  if (const auto moved = ReadFile(data_directory + "/clock.json"); moved.ok()) {
    const json file = json::parse(*moved, nullptr, false);
    if (file.is_object()) ahead = std::chrono::seconds(file.value("offset_seconds", int64_t{0}));
  }
  const Instant now = clock.Now() + ahead;
  const json identity = json::parse(TRY(ReadFile(data_directory + "/cloud.json")), nullptr, false);
  const std::string region = identity.is_object() ? identity.value("region", "eu-west-1") : "eu-west-1";
  wire::SigningInput input;
  input.method = request.method;
  input.host = request.authority;
  input.path = path;
  input.payload_hash = HexEncode(Sha256(text));
  const wire::CredentialScope scope{now.ToBasicIso8601().substr(0, 8), region, "meetinity"};
  for (const auto& [name, value] : wire::SignRequest(input, credential, scope, now)) request.headers.Set(name, value);
  if (!text.empty()) {
    request.headers.Set("content-type", "application/json");
    request.body.push_back(net::Slice::Own(text));
  }

  const Answer answer = TRY(Exchange(endpoint, std::move(request), clock));
  if (answer.error) return *answer.error;
  json parsed = json::parse(answer.body, nullptr, false);
  if (answer.status == 200 && !parsed.is_discarded()) return parsed;
  std::string message = fmt::format("the cloud answered {}", answer.status);
  if (parsed.is_object() && parsed.contains("error")) message = parsed["error"].value("message", message);
  return Error{Kind::kInvalid, kCloudRefused, std::move(message)};
}

}  // namespace meetinity::cli
