#include "storage/group_store.hpp"

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace group_field {
enum : std::uint32_t { name = 1, url, created_at, updated_at };
}

expected<url_group> decode_group(std::string_view row) {
  url_group subject;
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case group_field::name:
        subject.name = in.text();
        break;
      case group_field::url:
        subject.urls.push_back(in.text());
        break;
      case group_field::created_at:
        subject.created_at = in.moment();
        break;
      case group_field::updated_at:
        subject.updated_at = in.moment();
        break;
    }
  }
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "the row of a group does not decode"};
  return subject;
}

}  // namespace

void encode_group(const url_group& subject, change_set& out) {
  record_writer row{record_version};
  row.bytes(group_field::name, subject.name);
  for (const auto& url : subject.urls)
    row.bytes(group_field::url, url);
  row.moment(group_field::created_at, subject.created_at);
  row.moment(group_field::updated_at, subject.updated_at);
  out.put(space::rows, keys::group_row(subject.name), row.data());
}

void encode_group_removal(const url_group& subject, change_set& out) {
  out.erase(space::rows, keys::group_row(subject.name));
}

expected<std::optional<url_group>> find_group(const engine& disk, std::string_view name) {
  const auto row = disk.get(space::rows, keys::group_row(name));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<url_group>{};
  auto found = decode_group(**row);
  if (!found)
    return found.error();
  return std::optional<url_group>{*std::move(found)};
}

expected<std::vector<url_group>> all_groups(const engine& disk) {
  std::vector<url_group> found;
  const auto prefix = keys::group_row("");
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto one = decode_group(at->value());
    if (!one)
      return one.error();
    found.push_back(*std::move(one));
  }
  return found;
}

}  // namespace carillon::storage
