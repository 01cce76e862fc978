#include "wire/answer.h"

#include <algorithm>

#include "store/blob_store.h"

namespace meetinity::wire {
namespace {

uint64_t TotalLength(const std::vector<BlobRange>& ranges) {
  uint64_t total = 0;
  for (const BlobRange& range : ranges) total += range.length;
  return total;
}

// Ranges of blobs, one after the other: an object is one, a multipart object one a part.
class BlobRangesSource : public net::BodySource {
 public:
  explicit BlobRangesSource(std::vector<BlobRange> ranges, std::shared_ptr<RequestObservation> observation = nullptr)
      : ranges_(std::move(ranges)), size_(TotalLength(ranges_)), observation_(std::move(observation)) {}
  BlobRangesSource(const BlobRangesSource&) = delete;
  BlobRangesSource& operator=(const BlobRangesSource&) = delete;
  // The server lets go of a source when nothing more of it will be sent.
  ~BlobRangesSource() override {
    if (observation_) observation_->OnEnd(handed_out_);
  }

  uint64_t size() const override { return size_; }

  Result<net::Slice> Read(uint64_t offset, size_t max) override {
    for (const BlobRange& range : ranges_) {
      if (offset >= range.length) {
        offset -= range.length;
        continue;
      }
      std::string bytes = TRY(range.reader->Read(range.offset + offset,
                                                 static_cast<size_t>(std::min<uint64_t>(max, range.length - offset))));
      handed_out_ += bytes.size();
      return net::Slice::Own(std::move(bytes));
    }
    return net::Slice{};
  }

 private:
  std::vector<BlobRange> ranges_;
  uint64_t size_;
  std::shared_ptr<RequestObservation> observation_;
  uint64_t handed_out_ = 0;
};

void AddStyleHeaders(net::HeaderBlock& headers, AnswerStyle style) {
  switch (style) {
    case AnswerStyle::kS3:
      headers.Add("server", "AmazonS3");
      return;
    case AnswerStyle::kAws:
      return;
    case AnswerStyle::kAdmin:
      headers.Add("content-type", "application/json");
      headers.Add("cache-control", "no-store");
      return;
  }
}

}  // namespace

Status InlineShortStream(Encoded& encoded) {
  if (!encoded.stream) return {};
  encoded.content_length.reset();  // the server counts what is sent
  auto* const ranges = std::get_if<std::vector<BlobRange>>(&*encoded.stream);
  if (ranges == nullptr) {
    encoded.body = std::move(std::get<std::string>(*encoded.stream));
    encoded.stream.reset();
    return {};
  }
  const uint64_t total = TotalLength(*ranges);
  if (total > kInlineAnswerMax) return {};
  if (ranges->size() == 1) {  // most of them, and without a copy
    encoded.body = TRY(ranges->front().reader->Read(ranges->front().offset, static_cast<size_t>(total)));
    if (encoded.body.size() < total) return Internal("a blob is shorter than its record says");
    encoded.stream.reset();
    return {};
  }
  BlobRangesSource source(std::move(*ranges));
  std::string body;
  while (body.size() < total) {
    const net::Slice slice = TRY(source.Read(body.size(), static_cast<size_t>(total)));
    if (slice.bytes.empty()) return Internal("a blob is shorter than its record says");
    body.append(slice.bytes);
  }
  encoded.body = std::move(body);
  encoded.stream.reset();
  return {};
}

void Send(net::HttpExchange& exchange, Answer answer) {
  Encoded& encoded = answer.encoded;
  AddStyleHeaders(encoded.headers, answer.style);
  const net::HeaderBlock* const blocks[] = {&encoded.headers};
  if (encoded.stream) {
    auto source = std::make_unique<BlobRangesSource>(std::move(std::get<std::vector<BlobRange>>(*encoded.stream)),
                                                     std::move(answer.observation));
    const uint64_t length = source->size();
    exchange.RespondFrom(encoded.status, blocks, std::move(source), 0, length);
  } else if (encoded.content_length) {
    exchange.RespondWithoutBody(encoded.status, blocks, encoded.content_length);
  } else {
    exchange.Respond(encoded.status, encoded.headers,
                     encoded.body.empty() ? net::Slice{} : net::Slice::Own(std::move(encoded.body)));
  }
}

}  // namespace meetinity::wire
