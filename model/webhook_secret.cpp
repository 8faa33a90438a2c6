#include "model/webhook_secret.hpp"

#include "model/base64.hpp"

namespace carillon {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view id_prefix = "secret_";
constexpr std::size_t uuid_size = 36;

}  // namespace

std::string format_webhook_secret(std::string_view key) {
  return std::string{secret_prefix} + to_base64(key);
}

expected<std::string> parse_webhook_secret(std::string_view text) {
  const auto key = text.starts_with(secret_prefix) ? from_base64(text.substr(secret_prefix.size()))
                                                   : std::nullopt;
  if (!key || key->size() < secret_bytes_min || key->size() > secret_bytes_max)
    return problem{problem_kind::invalid, "must be whsec_ and the base64 of "
                                              + std::to_string(secret_bytes_min) + " to "
                                              + std::to_string(secret_bytes_max) + " bytes"};
  return *key;
}

std::string to_secret_text(const task_id& id) {
  return std::string{id_prefix} + to_uuid(id);
}

std::optional<task_id> parse_secret_id(std::string_view text) {
  if (text.starts_with(id_prefix))
    text.remove_prefix(id_prefix.size());
  return text.size() == uuid_size ? parse_task_id(text) : std::nullopt;
}

}  // namespace carillon
