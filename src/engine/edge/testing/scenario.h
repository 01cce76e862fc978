#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/edge/testing/edge_house.h"
#include "engine/edge/testing/scripted_origin.h"

namespace meetinity::edge::testing {

// Plays one .scenario file: an edge, an origin and viewers, a line each. The language is described in
// testdata/README.md; what a line expects and does not get is a GoogleTest failure that names file and line.
class Scenario {
 public:
  explicit Scenario(std::string path);
  void Play();

 private:
  struct Words {
    std::vector<std::string> words;
    size_t at = 0;
    bool done() const { return at >= words.size(); }
    std::string Next() { return done() ? std::string() : words[at++]; }
    std::string_view Peek() const { return done() ? std::string_view{} : std::string_view(words[at]); }
    bool Take(std::string_view word);
    Fields TakeFields();
    std::optional<std::string> TakeBody();
  };
  static Words Split(const std::string& line);

  void PlayLine(Words& line);
  void PlayEdge(Words& line);
  void PlaySite(Words& line);
  void PlayBehavior(Words& line, Behavior& behavior);
  void AddCustomHeader(Words& line);
  void PlayError(Words& line);
  void AddBackup(Words& line);
  bool PlayResponsePolicy(const std::string& option, Words& line, Behavior& behavior);
  void PlayOrigin(ScriptedOrigin& origin, Words& line);
  void PlayViewer(Words& line);
  void ExpectResponse(Words& line, const Response& response);
  void ExpectField(const Fields& fields, const std::string& name, const std::string& value);
  EdgeHouse& house();  // made, and given the newest configuration, when first needed
  Distribution& site() { return config_.distributions.front(); }
  std::string Here() const;

  const std::string path_;
  int line_ = 0;
  std::string text_;
  ScriptedOrigin origin_, backup_;
  EdgeOptions options_;
  EdgeConfig config_;
  bool config_changed_ = true;
  std::unique_ptr<EdgeHouse> house_;
};

}  // namespace meetinity::edge::testing
