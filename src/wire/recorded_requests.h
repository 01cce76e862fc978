#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace meetinity::wire {

// What botocore really sent; testdata/record_botocore.py made them.
struct RecordedRequest {
  std::string name, service, body, head;
};

inline std::vector<RecordedRequest> ReadRecordedRequests() {
  std::ifstream file("src/wire/testdata/botocore_requests.txt");
  std::vector<RecordedRequest> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      std::istringstream words(line.substr(3));
      RecordedRequest recorded;
      std::string body;
      words >> recorded.name >> recorded.service >> body;
      if (body != "-") recorded.body = Base64Decode(body).value();
      all.push_back(std::move(recorded));
    } else if (!line.empty()) {
      all.back().head += line + "\n";
    }
  }
  return all;
}

}  // namespace meetinity::wire
