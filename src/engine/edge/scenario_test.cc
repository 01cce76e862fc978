#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/edge/testing/scenario.h"

namespace meetinity::edge {
namespace {

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator("src/engine/edge/testdata")) {
    if (file.path().extension() == ".scenario") files.push_back(file.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

class EdgeScenario : public ::testing::TestWithParam<std::string> {};

TEST_P(EdgeScenario, Plays) { testing::Scenario(GetParam()).Play(); }

INSTANTIATE_TEST_SUITE_P(Files, EdgeScenario, ::testing::ValuesIn(ScenarioFiles()), NameOf);

}  // namespace
}  // namespace meetinity::edge
