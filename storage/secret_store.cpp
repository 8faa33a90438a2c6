#include "storage/secret_store.hpp"

#include <algorithm>

#include "storage/crypto.hpp"
#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace row_field {
enum : std::uint32_t { open_part = 1, sealed };
}
namespace open_field {
enum : std::uint32_t { name = 1, created_at, expires_at };
}

std::string encode_open_part(const webhook_secret& secret) {
  record_writer out{record_version};
  out.bytes(open_field::name, secret.name);
  out.moment(open_field::created_at, secret.created_at);
  out.moment(open_field::expires_at, secret.expires_at);
  return out.data();
}

bool decode_open_part(std::string_view bytes, webhook_secret& secret) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case open_field::name:
        secret.name = in.text();
        break;
      case open_field::created_at:
        secret.created_at = in.moment();
        break;
      case open_field::expires_at:
        secret.expires_at = in.moment();
        break;
    }
  }
  return in.ok();
}

std::string bound_to(const task_id& id, std::string_view open_part) {
  return std::string{id_bytes(id)}.append(open_part);
}

expected<kept_secret> decode_secret(const task_id& id, std::string_view row,
                                    std::string_view seal_key) {
  kept_secret found{{id, {}, {}}, {}};
  std::string_view open_part;
  std::string_view sealed;
  record_reader in{row};
  while (in.next()) {
    if (in.field() == row_field::open_part)
      open_part = in.bytes();
    else if (in.field() == row_field::sealed)
      sealed = in.bytes();
  }
  if (!in.ok() || in.version() > record_version || !decode_open_part(open_part, found.what))
    return problem{problem_kind::corrupt, "the row of " + to_secret_text(id) + " does not decode"};
  found.key = open_sealed(seal_key, sealed, bound_to(id, open_part)).value_or("");
  return found;
}

}  // namespace

void encode_secret(const kept_secret& secret, std::string_view seal_key, change_set& out) {
  const auto open_part = encode_open_part(secret.what);
  record_writer row{record_version};
  row.bytes(row_field::open_part, open_part);
  row.bytes(row_field::sealed, seal(seal_key, secret.key, bound_to(secret.what.id, open_part)));
  out.put(space::rows, keys::secret_row(secret.what.id), row.data());
}

void encode_secret_removal(const task_id& id, change_set& out) {
  out.erase(space::rows, keys::secret_row(id));
}

expected<std::vector<kept_secret>> load_secrets(const engine& disk, std::string_view seal_key) {
  std::vector<kept_secret> all;
  const auto prefix = keys::secret_prefix();
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto found = decode_secret(keys::id_at_end(at->key()), at->value(), seal_key);
    if (!found)
      return found.error();
    all.push_back(*std::move(found));
  }
  return all;
}

}  // namespace carillon::storage
