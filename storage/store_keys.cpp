#include "storage/keys.hpp"
#include "storage/record.hpp"

// The keys of what belongs to the store as a whole, and to no shard.

namespace carillon::storage::keys {
namespace {

constexpr char store_shard = '\xFF';

}  // namespace

std::string agent_prefix() {
  return std::string{store_shard, 'a'};
}

std::string agent_row(std::string_view id) {
  return agent_prefix().append(id);
}

std::string group_row(std::string_view name) {
  return std::string{store_shard, 'g'}.append(name);
}

std::string secret_prefix() {
  return std::string{store_shard, 'k'};
}

std::string secret_row(const task_id& id) {
  return secret_prefix().append(id_bytes(id));
}

std::string token_prefix() {
  return std::string{store_shard, 't'};
}

std::string token_row(const task_id& id) {
  return token_prefix().append(id_bytes(id));
}

std::string tenant_row(std::string_view name) {
  return std::string{store_shard, 'n'}.append(name);
}

std::string audit_prefix() {
  return std::string{store_shard, 'w'};
}

std::string audit_row(const task_id& id) {
  return audit_prefix().append(id_bytes(id));
}

std::string kept_prefix() {
  return std::string{store_shard, 'y'};
}

std::string kept_row(std::string_view key) {
  return kept_prefix().append(key);
}

std::string epoch() {
  return std::string{store_shard, 'e'};
}

std::string zone_version() {
  return std::string{store_shard, 'z'};
}

std::string manual_time() {
  return std::string{store_shard, 'm'};
}

}  // namespace carillon::storage::keys
