#include "engine/edge/body_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/files.h"

namespace meetinity::edge {
namespace {

// Below, copying costs less than what each page's hand-over does, and a range's last page would be half empty.
constexpr size_t kRangeBytesMin = 64 * 1024;

// Each range is a mapping, of which Linux allows a process 65,530; the rest of the program needs some, too.
constexpr size_t kRangesMax = 32'768;

// As long as offsets may ever get: years of filling at a gigabyte a second. A page of it exists once it was written.
constexpr uint64_t kFileBytes = uint64_t{1} << 60;

constexpr uint64_t kPage = 4096;

}  // namespace

struct BodyStore::File {
  store::FileDescriptor descriptor;
  std::atomic<uint64_t> next{0};
  std::atomic<size_t> ranges{0};
};

BodyStore::BodyStore() {
  // Where files may not grow to that length, asking for it would be a signal.
  rlimit longest{};
  if (::getrlimit(RLIMIT_FSIZE, &longest) != 0 || longest.rlim_cur < kFileBytes) return;
  auto file = std::make_shared<File>();
  file->descriptor = store::FileDescriptor(::memfd_create("edge-bodies", MFD_CLOEXEC));
  if (!file->descriptor.valid() || ::ftruncate(file->descriptor.get(), static_cast<off_t>(kFileBytes)) != 0) return;
  file_ = std::move(file);
}

size_t BodyStore::ranges() const { return file_ ? file_->ranges.load() : 0; }

BodyStore::Room BodyStore::Allocate(size_t size) {
  if (size >= kRangeBytesMin && file_) {
    if (file_->ranges.fetch_add(1) < kRangesMax) {
      const uint64_t whole = (size + kPage - 1) / kPage * kPage;
      const uint64_t offset = file_->next.fetch_add(whole);
      void* const at = offset + whole > kFileBytes ? MAP_FAILED
                                                   : ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_SHARED,
                                                            file_->descriptor.get(), static_cast<off_t>(offset));
      if (at != MAP_FAILED) {
        std::shared_ptr<char[]> bytes(static_cast<char*>(at), [file = file_, offset, whole](char* mapped) {
          ::munmap(mapped, whole);
          // Of a page that a socket still holds, it keeps its own reference.
          ::fallocate(file->descriptor.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                      static_cast<off_t>(whole));
          --file->ranges;
        });
        return {std::move(bytes), {file_->descriptor.get(), offset}};
      }
    }
    --file_->ranges;
  }
  return {std::shared_ptr<char[]>(new char[size]), {}};
}

}  // namespace meetinity::edge
