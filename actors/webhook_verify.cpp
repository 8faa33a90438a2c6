#include "actors/webhook_verify.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "storage/crypto.hpp"

namespace carillon {
namespace {

constexpr std::size_t signatures_max = 16;

std::optional<instant> read_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t seconds_max = 253'402'300'799;  // 9999-12-31T23:59:59Z
  if (fault != std::errc{} || end != text.data() + text.size() || seconds < 0
      || seconds > seconds_max)
    return std::nullopt;
  return instant{std::chrono::seconds{seconds}};
}

/// Signatures have blanks between them. Those of other schemes are passed over.
bool is_among(std::string_view good, std::string_view signatures) {
  bool found = false;
  for (std::size_t count = 0; !signatures.empty() && count < signatures_max; ++count) {
    const auto end = std::min(signatures.find(' '), signatures.size());
    found |= storage::is_same_secret(signatures.substr(0, end), good);
    signatures.remove_prefix(std::min(end + 1, signatures.size()));
  }
  return found;
}

}  // namespace

bool verify(std::string_view key, const signed_message& message, std::string_view signatures,
            instant now) {
  // Computed in any case, so that time does not tell what was wrong.
  const bool is_signed = is_among(standard_signature({std::string{key}}, message), signatures);
  const auto at = read_timestamp(message.timestamp);
  const bool is_recent = at && *at >= now - webhook_tolerance && *at <= now + webhook_tolerance;
  return !key.empty() && !message.id.empty() && is_recent && is_signed;
}

}  // namespace carillon
