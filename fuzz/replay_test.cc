// Every file of a fuzzer's corpus, once. Compiled once for all fuzzers: a program finds its corpus by its own name.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// "xml_replay_test" runs fuzz/corpus/xml.
std::string CorpusFolder() {
  const std::string_view program = program_invocation_short_name;
  return "fuzz/corpus/" + std::string(program.substr(0, program.rfind("_replay_test")));
}

TEST(Corpus, IsHandled) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CorpusFolder())) {
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()), 0);
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
