#include "engine/edge/cache_control.h"

#include "base/text.h"

namespace meetinity::edge {
namespace {

Duration ParseLifetime(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return Duration::zero();
  constexpr auto kMaxSeconds = static_cast<uint64_t>(
      std::chrono::seconds(std::chrono::duration_cast<std::chrono::seconds>(kLifetimeMax)).count());
  const std::optional<uint64_t> seconds = ParseUnsigned(text);
  // Digits alone that do not parse are a number too large for 64 bits.
  if (!seconds || *seconds > kMaxSeconds) return kLifetimeMax;
  return std::chrono::seconds(static_cast<int64_t>(*seconds));
}

void SetOnce(std::optional<Duration>& lifetime, std::string_view text) {
  if (!lifetime) lifetime = ParseLifetime(text);
}

}  // namespace

void CacheControl::Parse(std::string_view value) {
  while (!value.empty()) {
    const size_t comma = value.find(',');
    const std::string_view directive = Trim(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    const size_t equals = directive.find('=');
    const std::string_view name = Trim(directive.substr(0, equals));
    const std::string_view argument =
        equals == std::string_view::npos ? std::string_view{} : Trim(directive.substr(equals + 1));
    if (EqualsIgnoreCase(name, "max-age"))
      SetOnce(max_age, argument);
    else if (EqualsIgnoreCase(name, "s-maxage"))
      SetOnce(s_maxage, argument);
    else if (EqualsIgnoreCase(name, "stale-while-revalidate"))
      SetOnce(stale_while_revalidate, argument);
    else if (EqualsIgnoreCase(name, "stale-if-error"))
      SetOnce(stale_if_error, argument);
    else if (EqualsIgnoreCase(name, "no-store"))
      no_store = true;
    else if (EqualsIgnoreCase(name, "no-cache"))
      no_cache = true;
    else if (EqualsIgnoreCase(name, "private"))
      is_private = true;
    else if (EqualsIgnoreCase(name, "no-transform"))
      no_transform = true;
  }
}

}  // namespace meetinity::edge
