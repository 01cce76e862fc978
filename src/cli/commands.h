#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace CLI {
class App;
}

// One function a command: does it, prints, and returns the process's exit status.
namespace meetinity::cli {

int RunUp(const GlobalOptions& global, const UpOptions& options);
int RunDown(const GlobalOptions& global);
int RunStatus(const GlobalOptions& global, bool json);
int RunOutput(const GlobalOptions& global, const OutputOptions& options);
int RunEnv(const GlobalOptions& global, bool json);
int RunLogs(const GlobalOptions& global, bool follow, int lines);
int RunReset(const GlobalOptions& global, bool empty, bool json);
int RunCa(const GlobalOptions& global, bool path_only);
int RunClock(const GlobalOptions& global, bool json);
int RunClockAdvance(const GlobalOptions& global, const std::string& by, bool json);
int RunEdgeTop(const GlobalOptions& global, bool once, bool json);
int RunEdgeExplain(const GlobalOptions& global, const ExplainOptions& options, bool json);
int RunDoctor(const GlobalOptions& global, bool json);
int RunParity(const ParityOptions& options);
int RunVersion(bool json);
int RunCompletion(const CLI::App& app, std::string_view shell);

}  // namespace meetinity::cli
