#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meetinity::edge::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string> FindField(const Fields& fields, std::string_view name);

// A blocking socket with just enough HTTP/1.x to stand on both sides of an edge. Closes in its destructor.
class Wire {
 public:
  explicit Wire(int fd) : fd_(fd) {}
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  static int Connect(uint16_t port);  // on 127.0.0.1; -1 when refused
  bool Send(std::string_view bytes);

  struct Head {
    std::string first_line;
    Fields fields;  // names in lower case
  };
  std::optional<Head> ReadHead();  // none at the end of the stream
  // Fewer than `size` bytes at the end of the stream.
  std::string ReadBytes(size_t size);
  std::string ReadToEnd();
  // The whole chunked body; none when it breaks off.
  std::optional<std::string> ReadChunks();

 private:
  bool Fill();

  const int fd_;
  std::string in_;
};

// What a viewer got for one request.
struct Response {
  int status = 0;  // 0: the connection ended without an answer
  Fields fields;
  std::string body;  // with Content-Encoding undone
  bool complete = false;
  bool chunked = false;
};

// One request on a connection of its own. `version` is "1.0" or "1.1".
Response Exchange(uint16_t port, std::string_view method, std::string_view target, const Fields& fields,
                  std::string_view body = {}, std::string_view version = "1.1");

std::string Decoded(std::string_view coding, std::string_view body);

}  // namespace meetinity::edge::testing
