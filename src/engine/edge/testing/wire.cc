#include "engine/edge/testing/wire.h"

#include <arpa/inet.h>
#include <brotli/decode.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"

namespace meetinity::edge::testing {
namespace {

// Larger than anything a test sends, compressed or not.
constexpr size_t kDecodedMax = 16 << 20;

std::string Gunzip(std::string_view body) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return "zlib failed";
  std::string out(kDecodedMax, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return outcome == Z_STREAM_END ? out : "not gzip";
}

std::string Unbrotli(std::string_view body) {
  std::string out(kDecodedMax, '\0');
  size_t size = out.size();
  const auto outcome = BrotliDecoderDecompress(body.size(), reinterpret_cast<const uint8_t*>(body.data()), &size,
                                               reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return outcome == BROTLI_DECODER_RESULT_SUCCESS ? out : "not brotli";
}

}  // namespace

std::optional<std::string> FindField(const Fields& fields, std::string_view name) {
  for (const auto& [each, value] : fields) {
    if (EqualsIgnoreCase(each, name)) return value;
  }
  return std::nullopt;
}

Wire::~Wire() {
  if (fd_ >= 0) ::close(fd_);
}

int Wire::Connect(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

bool Wire::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Wire::Fill() {
  char buffer[65'536];
  const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  in_.append(buffer, static_cast<size_t>(got));
  return true;
}

std::optional<Wire::Head> Wire::ReadHead() {
  size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  const std::string text = in_.substr(0, end);
  in_.erase(0, end + 4);
  Head head;
  for (std::string_view line : Split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (head.first_line.empty()) {
      head.first_line = line;
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    head.fields.emplace_back(ToLower(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1))));
  }
  return head;
}

std::string Wire::ReadBytes(size_t size) {
  while (in_.size() < size && Fill()) {
  }
  std::string bytes = in_.substr(0, size);
  in_.erase(0, bytes.size());
  return bytes;
}

std::string Wire::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(in_, {});
}

std::optional<std::string> Wire::ReadChunks() {
  std::string body;
  for (;;) {
    size_t end = 0;
    while ((end = in_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    const size_t size = std::stoul(in_.substr(0, end), nullptr, 16);
    in_.erase(0, end + 2);
    const std::string chunk = ReadBytes(size + 2);
    if (chunk.size() != size + 2) return std::nullopt;
    body.append(chunk, 0, size);
    if (size == 0) return body;
  }
}

Response Exchange(uint16_t port, std::string_view method, std::string_view target, const Fields& fields,
                  std::string_view body, std::string_view version) {
  Wire wire(Wire::Connect(port));
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/").append(version).append("\r\n");
  for (const auto& [name, value] : fields) request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) request.append("content-length: ").append(std::to_string(body.size())).append("\r\n");
  wire.Send(request.append("\r\n").append(body));
  const auto head = wire.ReadHead();
  Response response;
  if (!head) return response;
  response.status = std::stoi(head->first_line.substr(9, 3));
  response.fields = head->fields;
  const auto length = FindField(response.fields, "content-length");
  if (method == "HEAD" || response.status == 204 || response.status == 304) {
    response.complete = true;
  } else if (FindField(response.fields, "transfer-encoding") == "chunked") {
    response.chunked = true;
    const auto chunks = wire.ReadChunks();
    response.body = chunks.value_or("");
    response.complete = chunks.has_value();
  } else if (length) {
    response.body = wire.ReadBytes(std::stoul(*length));
    response.complete = response.body.size() == std::stoul(*length);
  } else {
    response.body = wire.ReadToEnd();
    response.complete = true;
  }
  response.body = Decoded(FindField(response.fields, "content-encoding").value_or(""), response.body);
  return response;
}

std::string Decoded(std::string_view coding, std::string_view body) {
  if (body.empty()) return {};
  if (coding == "gzip") return Gunzip(body);
  if (coding == "br") return Unbrotli(body);
  return std::string(body);
}

}  // namespace meetinity::edge::testing
