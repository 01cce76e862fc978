#include "wire/parity.h"

#include <fmt/format.h>

#include "wire/service.h"

namespace meetinity::wire {

std::string_view ToString(Support support) {
  switch (support) {
    case Support::kReal:
      return "real";
    case Support::kPartial:
      return "partial";
    case Support::kRefused:
      return "refused";
  }
  return "refused";
}

std::vector<std::string> ParityMistakes(std::span<const ServiceHost* const> hosts) {
  std::vector<std::string> mistakes;
  for (const ServiceHost* host : hosts) {
    for (const OperationShape& operation : host->model().operations) {
      if (operation.support != Support::kRefused && !host->Find(operation.name)) {
        mistakes.push_back(
            fmt::format("models/served/{}.txt lists {}, which has no handler", host->model().name, operation.name));
      }
    }
  }
  for (const ParityRow& row : ParityTable()) {
    if (row.support == Support::kRefused) continue;
    const bool hosted =
        std::ranges::any_of(hosts, [&](const ServiceHost* h) { return h->model().name == row.service; });
    if (!hosted)
      mistakes.push_back(
          fmt::format("models/served/{}.txt lists {}, and nobody hosts {}", row.service, row.operation, row.service));
  }
  return mistakes;
}

}  // namespace meetinity::wire
