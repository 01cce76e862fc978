#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/dns/name.h"
#include "engine/dns/rdata.h"

namespace meetinity::route53 {

// A name as Route 53 shows it: lower case, with a dot at the end, and every character but letters, digits, '-' and '_'
// as an octal escape, "\052.example.com." (Developer Guide, page "DNS domain name format").
std::string ToText(const dns::Name& name);
// What a client wrote, with or without the dot and with octal escapes; nothing for what is no name.
std::optional<dns::Name> ParseName(std::string_view text);
// What names are listed by: the labels from the right, "com.example.www.". Of a text of ToText's.
std::string SortName(std::string_view text);

// Of the types that are served; nothing for others.
std::optional<dns::RecordType> TypeOf(std::string_view type);

}  // namespace meetinity::route53
