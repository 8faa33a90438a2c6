#include "storage/token_store.hpp"

#include <algorithm>

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace token_field {
enum : std::uint32_t {
  name = 1,
  prefix,
  digest,
  scope,  ///< One field each.
  agent,
  created_at,
  created_by,
  expires_at,
};
}

std::string_view digest_bytes(const token_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void read_field(const record_reader& in, access_token& token, bool& has_digest) {
  // clang-format off
  switch (in.field()) {
    case token_field::name:       token.name = in.text(); break;
    case token_field::prefix:     token.prefix = in.text(); break;
    case token_field::scope:      token.scopes.push_back(in.text()); break;
    case token_field::agent:      token.agent = in.text(); break;
    case token_field::created_at: token.created_at = in.moment(); break;
    case token_field::created_by: token.created_by = in.text(); break;
    case token_field::expires_at: token.expires_at = in.moment(); break;
    case token_field::digest:
      has_digest = in.bytes().size() == token.digest.size();
      if (has_digest)
        std::ranges::copy(in.bytes(), token.digest.begin());
      break;
    default: break;
  }
  // clang-format on
}

expected<access_token> decode_token(const task_id& id, std::string_view row) {
  access_token token;
  token.id = id;
  bool has_digest = false;
  record_reader in{row};
  while (in.next())
    read_field(in, token, has_digest);
  if (!in.ok() || in.version() > record_version || !has_digest)
    return problem{problem_kind::corrupt, "the row of " + to_token_text(id) + " does not decode"};
  return token;
}

}  // namespace

void encode_token(const access_token& token, change_set& out) {
  record_writer row{record_version};
  row.text(token_field::name, token.name);
  row.text(token_field::prefix, token.prefix);
  row.bytes(token_field::digest, digest_bytes(token.digest));
  for (const auto& scope : token.scopes)
    row.bytes(token_field::scope, scope);
  row.text(token_field::agent, token.agent);
  row.moment(token_field::created_at, token.created_at);
  row.text(token_field::created_by, token.created_by);
  row.moment(token_field::expires_at, token.expires_at);
  out.put(space::rows, keys::token_row(token.id), row.data());
}

void encode_token_removal(const task_id& id, change_set& out) {
  out.erase(space::rows, keys::token_row(id));
}

expected<std::vector<access_token>> load_tokens(const engine& disk) {
  std::vector<access_token> all;
  const auto prefix = keys::token_prefix();
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto found = decode_token(keys::id_at_end(at->key()), at->value());
    if (!found)
      return found.error();
    all.push_back(*std::move(found));
  }
  return all;
}

}  // namespace carillon::storage
