#include "stack/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace meetinity::stack {
namespace {

std::optional<std::string> AsText(const HclValue& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const HclNumber* number = value.as_number()) return number->text;
  if (const bool* flag = value.as_bool()) return *flag ? "true" : "false";
  return std::nullopt;
}

}  // namespace

std::string ObjectReader::Path(std::string_view name) const {
  return where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
}

const HclAttribute* ObjectReader::Find(std::string_view name) {
  known_.push_back(name);
  for (const HclAttribute& attribute : object_) {
    if (attribute.name == name) return attribute.value.is_null() ? nullptr : &attribute;
  }
  return nullptr;
}

Error ObjectReader::WrongType(const HclAttribute& attribute, std::string_view wanted) const {
  return HclError(file_name_, attribute.value.at,
                  fmt::format("{} must be {}, not {}", Path(attribute.name), wanted, attribute.value.TypeName()));
}

Status ObjectReader::Read(std::string_view name, bool& into) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  const auto text = AsText(attribute->value);
  if (attribute->value.as_number() != nullptr || (text != "true" && text != "false")) {
    return WrongType(*attribute, "true or false");
  }
  into = text == "true";
  return {};
}

Status ObjectReader::Read(std::string_view name, std::string& into) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  auto text = AsText(attribute->value);
  if (!text) return WrongType(*attribute, "a string");
  into = std::move(*text);
  return {};
}

Status ObjectReader::Read(std::string_view name, std::optional<int64_t>& into) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  const auto text = AsText(attribute->value);
  const auto number = text ? ParseSigned(*text) : std::nullopt;
  if (!number) return WrongType(*attribute, "a whole number");
  into = *number;
  return {};
}

Status ObjectReader::Read(std::string_view name, std::vector<std::string>& into) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  const HclList* list = attribute->value.as_list();
  if (list == nullptr) return WrongType(*attribute, "a list of strings");
  into.clear();
  for (const HclValue& item : *list) {
    auto text = AsText(item);
    if (!text) {
      return HclError(file_name_, item.at, fmt::format("{} holds strings; this is {}", Path(name), item.TypeName()));
    }
    into.push_back(std::move(*text));
  }
  return {};
}

Status ObjectReader::Read(std::string_view name, std::map<std::string, std::string>& into) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  const HclObject* object = attribute->value.as_object();
  if (object == nullptr) return WrongType(*attribute, "an object of strings");
  into.clear();
  for (const HclAttribute& entry : *object) {
    auto text = AsText(entry.value);
    if (!text)
      return HclError(file_name_, entry.value.at, fmt::format("{}.{} must be a string", Path(name), entry.name));
    into[entry.name] = std::move(*text);
  }
  return {};
}

Status ObjectReader::ReadObject(std::string_view name, const std::function<Status(const HclObject&)>& read) {
  const HclAttribute* attribute = Find(name);
  if (attribute == nullptr) return {};
  const HclObject* object = attribute->value.as_object();
  if (object == nullptr) return WrongType(*attribute, "an object, { … }");
  return read(*object);
}

Status ObjectReader::RefuseOthers() const {
  for (const HclAttribute& attribute : object_) {
    if (std::find(known_.begin(), known_.end(), attribute.name) != known_.end()) continue;
    const auto nearest = NearestName(attribute.name, known_);
    std::string advice;
    if (nearest) {
      advice = fmt::format("did you mean {}?", Path(*nearest));
    } else {
      const std::vector<std::string> names(known_.begin(), known_.end());
      advice = fmt::format("known are {}", Join(names, ", "));
    }
    return HclError(file_name_, attribute.at, fmt::format("there is no variable {}; {}", Path(attribute.name), advice));
  }
  return {};
}

Status ObjectReader::Require(std::string_view name, bool valid, std::string_view what_is_right) const {
  if (valid) return {};
  for (const HclAttribute& attribute : object_) {
    if (attribute.name == name) {
      return HclError(file_name_, attribute.value.at, fmt::format("{} {}", Path(name), what_is_right));
    }
  }
  return HclError(file_name_, {}, fmt::format("{} {}", Path(name), what_is_right));
}

}  // namespace meetinity::stack
