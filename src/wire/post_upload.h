#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "wire/multipart_form.h"
#include "wire/post_policy.h"
#include "wire/staging.h"

namespace meetinity::wire {

// A browser's upload form on its way to becoming a PutObject.
struct PostUpload {
  PostUpload(const std::string& boundary, MultipartForm::Events events) : form(boundary, std::move(events)) {}

  const std::string* Find(const std::string& lower_case_name) const {
    const auto found = fields.find(lower_case_name);
    return found == fields.end() ? nullptr : &found->second;
  }

  MultipartForm form;
  std::map<std::string, std::string> fields;  // by lower-case name; the first of a name counts
  std::optional<PostPolicy> policy;           // none of an anonymous form
  std::deque<std::string> header_names;       // what the PutObject's headers view
  std::string path;                           // of the PutObject
  std::unique_ptr<Staging> staging;
  uint64_t bytes = 0;  // of the file, so far
};

}  // namespace meetinity::wire
