#include "engine/edge/testing/scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "base/text.h"

namespace meetinity::edge::testing {
namespace {

Duration ParseDuration(const std::string& text) {
  const int64_t count = std::stoll(text);
  switch (text.back()) {
    case 'd':
      return kDay * count;
    case 'h':
      return std::chrono::hours(count);
    case 'm':
      return std::chrono::minutes(count);
    default:
      return std::chrono::seconds(count);
  }
}

// "none", "all", "a,b" or "!a,b".
NameSelection ParseSelection(std::string_view text) {
  if (text == "none") return {Selection::kNone, {}};
  if (text == "all") return {Selection::kAll, {}};
  NameSelection selection{Selection::kWhitelist, {}};
  if (text.starts_with('!')) {
    selection.selection = Selection::kAllExcept;
    text.remove_prefix(1);
  }
  for (const std::string_view name : meetinity::Split(text, ',')) selection.names.emplace(name);
  return selection;
}

std::set<int> ParseStatuses(std::string_view text) {
  std::set<int> statuses;
  for (const std::string_view status : meetinity::Split(text, ',')) statuses.insert(std::stoi(std::string(status)));
  return statuses;
}

std::set<std::string, std::less<>> ParseNames(std::string_view text) {
  std::set<std::string, std::less<>> names;
  for (const std::string_view name : meetinity::Split(text, ',')) names.emplace(name);
  return names;
}

// Compressible, and different in every place, so that a wrong range shows.
std::string SampleText(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += fmt::format("line {}\n", i);
  text.resize(size);
  return text;
}

std::string Shortened(std::string_view text) {
  return text.size() <= 200 ? std::string(text) : fmt::format("{}… ({} bytes)", text.substr(0, 200), text.size());
}

}  // namespace

Scenario::Scenario(std::string path) : path_(std::move(path)), config_(EdgeHouse::OneSite(origin_.port())) {}

void Scenario::Play() {
  std::ifstream file(path_);
  ASSERT_TRUE(file.good()) << path_;
  for (line_ = 1; std::getline(file, text_); ++line_) {
    Words line = Split(text_);
    if (line.done()) continue;
    PlayLine(line);
    EXPECT_TRUE(line.done()) << Here() << "not understood from '" << line.Peek() << "' on";
    if (::testing::Test::HasFailure()) return;
  }
}

std::string Scenario::Here() const { return fmt::format("{}:{}: {}\n", path_, line_, text_); }

// Words are separated by blanks; a "quoted one" keeps them, knows \" and \\, and is marked by its first quote.
Scenario::Words Scenario::Split(const std::string& line) {
  Words words;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == '#') break;
    if (line[i] == ' ') {
      ++i;
      continue;
    }
    std::string word;
    if (line[i] == '"') {
      word += line[i++];
      while (i < line.size() && line[i] != '"') {
        if (line[i] == '\\') ++i;
        word += line[i++];
      }
      ++i;
    } else {
      while (i < line.size() && line[i] != ' ') word += line[i++];
    }
    words.words.push_back(std::move(word));
  }
  return words;
}

bool Scenario::Words::Take(std::string_view word) {
  if (Peek() != word) return false;
  ++at;
  return true;
}

// "name: value …" as long as they come; a value reaches to the next "name:" or "->".
Fields Scenario::Words::TakeFields() {
  Fields fields;
  while (Peek().size() > 1 && Peek().ends_with(':') && !Peek().starts_with('"')) {
    std::string name = Next(), value;
    name.pop_back();
    while (!done() && Peek() != "->" && (Peek().starts_with('"') || !Peek().ends_with(':'))) {
      const std::string word = Next();
      if (!value.empty()) value += ' ';
      value += word.starts_with('"') ? word.substr(1) : word;
    }
    fields.emplace_back(std::move(name), std::move(value));
  }
  return fields;
}

// "…" or: text SIZE [FIRST LAST].
std::optional<std::string> Scenario::Words::TakeBody() {
  if (Peek().starts_with('"')) return Next().substr(1);
  if (!Take("text")) return std::nullopt;
  const std::string text = SampleText(std::stoul(Next()));
  if (done() || Peek().find_first_not_of("0123456789") != std::string_view::npos) return text;
  const size_t first = std::stoul(Next()), last = std::stoul(Next());
  return text.substr(first, last - first + 1);
}

EdgeHouse& Scenario::house() {
  if (!house_) house_ = std::make_unique<EdgeHouse>(2, options_);
  if (config_changed_) house_->Apply(config_);
  config_changed_ = false;
  return *house_;
}

void Scenario::PlayLine(Words& line) {
  const std::string who = line.Next();
  if (who == "edge") {
    PlayEdge(line);
  } else if (who == "site") {
    PlaySite(line);
  } else if (who == "behavior") {
    Behavior behavior;
    behavior.origin_id = "origin";
    behavior.path_pattern = line.Next();
    PlayBehavior(line, *site().behaviors.insert(site().behaviors.end() - 1, behavior));
  } else if (who == "default") {
    PlayBehavior(line, site().behaviors.back());
  } else if (who == "error") {
    PlayError(line);
  } else if (who == "origin") {
    PlayOrigin(origin_, line);
  } else if (who == "backup") {
    PlayOrigin(backup_, line);
  } else if (who == "viewer") {
    PlayViewer(line);
  } else if (who == "clock") {
    EXPECT_TRUE(line.Take("advance")) << Here();
    house().Advance(ParseDuration(line.Next()));
  } else if (who == "invalidate") {
    std::vector<std::string> patterns;
    while (!line.done()) patterns.push_back(line.Next());
    house().Invalidate(std::move(patterns));
  } else {
    ADD_FAILURE() << Here() << "nobody is called " << who;
  }
}

void Scenario::PlayEdge(Words& line) {
  EXPECT_EQ(house_, nullptr) << Here() << "the edge is running already";
  while (!line.done()) {
    const std::string option = line.Next();
    if (option == "largest")
      options_.largest_cached_object.value = std::stoul(line.Next());
    else if (option == "capacity")
      options_.cache_capacity.value = std::stoul(line.Next());
    else if (option == "standing-in")
      options_.geo = GeoDatabase::Open("", line.Next()).value();
    else if (option == "https-port")
      options_.https_port = static_cast<uint16_t>(std::stoul(line.Next()));
    else
      ADD_FAILURE() << Here() << option;
  }
}

void Scenario::PlaySite(Words& line) {
  config_changed_ = true;
  while (!line.done()) {
    const std::string option = line.Next();
    if (option == "root")
      site().default_root_object = line.Next();
    else if (option == "alias")
      site().aliases.push_back(line.Next());
    else if (option == "origin-path")
      site().origins.front().path = line.Next();
    else if (option == "custom-header")
      AddCustomHeader(line);
    else if (option == "attempts")
      site().origins.front().connection_attempts = std::stoi(line.Next());
    else if (option == "read-timeout")
      site().origins.front().read_timeout = ParseDuration(line.Next());
    else if (option == "disabled")
      site().enabled = false;
    else if (option == "only")
      site().geo = {GeoRestriction::Kind::kOnly, ParseNames(line.Next())};
    else if (option == "all-but")
      site().geo = {GeoRestriction::Kind::kAllBut, ParseNames(line.Next())};
    else if (option == "fails-over")
      AddBackup(line);
    else
      ADD_FAILURE() << Here() << option;
  }
}

void Scenario::AddCustomHeader(Words& line) {
  std::string name = line.Next();
  site().origins.front().custom_headers.emplace_back(std::move(name), line.Next());
}

// The default behaviour's origin becomes a group of the origin and its backup.
void Scenario::AddBackup(Words& line) {
  OriginConfig backup = site().origins.front();
  backup.id = "backup";
  backup.host = "backup.example";
  backup.endpoint.port = backup_.port();
  site().origins.push_back(std::move(backup));
  site().groups.push_back({"group", "origin", "backup", ParseStatuses(line.Next())});
  site().behaviors.back().origin_id = "group";
}

// True when `option` is about the heads of answers.
bool Scenario::PlayResponsePolicy(const std::string& option, Words& line, Behavior& behavior) {
  using Precedence = ResponsePolicy::Precedence;
  auto policy = std::make_shared<ResponsePolicy>(behavior.response ? *behavior.response : ResponsePolicy{});
  if (option == "set" || option == "set-if-absent") {
    std::string name = line.Next();
    policy->fields.push_back(
        {std::move(name), line.Next(), option == "set" ? Precedence::kPolicy : Precedence::kOrigin});
  } else if (option == "remove") {
    policy->removed.insert(line.Next());
  } else if (option == "cors") {
    policy->cors = ResponsePolicy::Cors();  // clang 14 denies emplace() to a nested class with initialisers
    policy->cors->origins = {line.Next()};
    policy->cors->any_origin = policy->cors->origins.front() == "*";
    policy->cors->methods = "GET, HEAD";
    policy->cors->headers = "*";
    policy->cors->max_age_seconds = 600;
  } else if (option == "server-timing") {
    policy->server_timing_percent = std::stod(line.Next());
  } else {
    return false;
  }
  behavior.response = std::move(policy);
  return true;
}

void Scenario::PlayBehavior(Words& line, Behavior& behavior) {
  config_changed_ = true;
  CachePolicy& cache = behavior.cache;
  const auto sent = [&]() -> OriginRequestPolicy& {
    if (!behavior.origin_request) behavior.origin_request.emplace();
    return *behavior.origin_request;
  };
  while (!line.done()) {
    const std::string option = line.Next();
    if (option == "min")
      cache.min_ttl = ParseDuration(line.Next());
    else if (option == "ttl")
      cache.default_ttl = ParseDuration(line.Next());
    else if (option == "max")
      cache.max_ttl = ParseDuration(line.Next());
    else if (option == "gzip")
      cache.accept_encoding_gzip = true;
    else if (option == "br")
      cache.accept_encoding_brotli = true;
    else if (option == "compress")
      cache.compress = true;
    else if (option == "queries")
      cache.queries = ParseSelection(line.Next());
    else if (option == "headers")
      cache.headers = ParseSelection(line.Next());
    else if (option == "cookies")
      cache.cookies = ParseSelection(line.Next());
    else if (option == "send-edge-headers")
      sent().edge_headers = ParseNames(line.Next());
    else if (option == "send-queries")
      sent().queries = ParseSelection(line.Next());
    else if (option == "send-headers")
      sent().headers = ParseSelection(line.Next());
    else if (option == "send-cookies")
      sent().cookies = ParseSelection(line.Next());
    else if (option == "methods")
      behavior.allowed_methods = ParseNames(line.Next());
    else if (option == "cached")
      behavior.cached_methods = ParseNames(line.Next());
    else if (option == "https-only")
      behavior.viewer_protocol = ViewerProtocol::kHttpsOnly;
    else if (option == "redirect-to-https")
      behavior.viewer_protocol = ViewerProtocol::kRedirectToHttps;
    else if (!PlayResponsePolicy(option, line, behavior))
      ADD_FAILURE() << Here() << option;
  }
}

void Scenario::PlayError(Words& line) {
  config_changed_ = true;
  CustomError& error = site().errors.emplace_back();
  error.status = std::stoi(line.Next());
  while (!line.done()) {
    const std::string option = line.Next();
    if (option == "ttl")
      error.caching_min_ttl = ParseDuration(line.Next());
    else if (option == "page")
      error.response_page_path = line.Next();
    else if (option == "as")
      error.response_status = std::stoi(line.Next());
    else
      ADD_FAILURE() << Here() << option;
  }
}

void Scenario::PlayOrigin(ScriptedOrigin& origin, Words& line) {
  if (line.Take("down")) return origin.Down();
  if (line.Take("up")) return origin.Up();
  const std::string target = line.Next(), verb = line.Next();
  if (verb == "asked") {
    EXPECT_EQ(origin.CountOf(target), std::stoi(line.Next())) << Here();
    line.Take("times");
  } else if (verb == "got") {
    const ScriptedOrigin::Request request = origin.LastOf(target);
    if (!line.done() && !line.Peek().ends_with(':') && !line.Peek().starts_with('"')) {
      EXPECT_EQ(request.method, line.Next()) << Here();
    }
    if (const auto body = line.TakeBody()) {
      EXPECT_EQ(request.body, *body) << Here();
    }
    for (const auto& [name, value] : line.TakeFields()) {
      ExpectField(request.fields, name, value);
    }
  } else if (verb == "answers") {
    ScriptedOrigin::Answer answer;
    if (line.Take("chunked")) answer.delivery = ScriptedOrigin::Delivery::kChunked;
    if (line.Take("truncated")) answer.delivery = ScriptedOrigin::Delivery::kTruncated;
    if (line.Take("silence")) answer.delivery = ScriptedOrigin::Delivery::kSilent;
    if (line.Take("late")) answer.delivery = ScriptedOrigin::Delivery::kHeld;
    if (!line.done()) answer.status = std::stoi(line.Next());
    answer.body = line.TakeBody().value_or("");
    answer.fields = line.TakeFields();
    origin.Set(target, std::move(answer));
  } else {
    ADD_FAILURE() << Here() << "origins do not " << verb;
  }
}

void Scenario::PlayViewer(Words& line) {
  const std::string version = line.Take("HTTP/1.0") ? "1.0" : "1.1";
  const std::string method = line.Next(), target = line.Next();
  const std::string body = line.TakeBody().value_or("");
  Fields fields = line.TakeFields();
  if (!FindField(fields, "host")) fields.emplace_back("host", "site.cloudfront.localhost");
  const Response response = Exchange(house().port(), method, target, fields, body, version);
  EXPECT_TRUE(line.Take("->")) << Here();
  ExpectResponse(line, response);
}

void Scenario::ExpectField(const Fields& fields, const std::string& name, const std::string& value) {
  const std::string got = FindField(fields, name).value_or("absent");
  // "~piece" is somewhere in the value; a duration that was measured is written dur=#.
  const std::string timeless = std::regex_replace(got, std::regex("dur=[0-9]+"), "dur=#");
  const bool holds = value.starts_with('~') && (got.find(value.substr(1)) != std::string::npos ||
                                                timeless.find(value.substr(1)) != std::string::npos);
  EXPECT_TRUE(got == value || holds || (value == "present" && got != "absent")) << Here() << name << ": " << got;
}

void Scenario::ExpectResponse(Words& line, const Response& response) {
  const bool broken = line.Take("broken");
  const int status = std::stoi(line.Next());
  EXPECT_EQ(response.status, status) << Here() << Shortened(response.body);
  EXPECT_EQ(response.complete, !broken) << Here();
  if (line.Take("chunked")) {
    EXPECT_TRUE(response.chunked) << Here();
  }
  if (line.Take("with")) {
    const std::string piece = line.Next().substr(1);
    EXPECT_NE(response.body.find(piece), std::string::npos) << Here() << response.body;
  } else if (const auto body = line.TakeBody()) {
    EXPECT_TRUE(response.body == *body) << Here() << "got " << Shortened(response.body);
  }
  for (const auto& [name, value] : line.TakeFields()) {
    ExpectField(response.fields, name, value);
  }
}

}  // namespace meetinity::edge::testing
