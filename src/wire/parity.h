#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/shape.h"

namespace meetinity::wire {

class ServiceHost;

// One operation of one service of models/, served or not. From the lists that also make the code.
struct ParityRow {
  std::string_view service;
  std::string_view operation;
  Support support;
  std::string_view note;  // kPartial: what is missing
};

// "real", "partial", "refused".
std::string_view ToString(Support support);

// Every operation of every model, by service and operation.
std::span<const ParityRow> ParityTable();

// Where the lists and the code disagree: operations listed as served without a handler. (A handler without a line in
// a list does not compile.) Empty when all is well; else a sentence each. One test asks it for the whole house.
std::vector<std::string> ParityMistakes(std::span<const ServiceHost* const> hosts);

}  // namespace meetinity::wire
