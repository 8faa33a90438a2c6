#include "storage/event_source_store.hpp"

#include <string>

#include "storage/crypto.hpp"
#include "storage/event_keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
enum : std::uint32_t { topic_field = 1, sealed_field, created_at_field };

/// A name holds no line end, so that no two pairs give one text.
std::string bound_to(const event_source& subject) {
  return subject.name + '\n' + subject.topic;
}

expected<event_source> decode_event_source(std::string_view name, std::string_view row,
                                           std::string_view seal_key) {
  event_source found{std::string{name}, {}, {}, {}};
  std::string_view sealed;
  record_reader in{row};
  while (in.next()) {
    // clang-format off
    switch (in.field()) {
      case topic_field:      found.topic = in.text(); break;
      case sealed_field:     sealed = in.bytes(); break;
      case created_at_field: found.created_at = in.moment(); break;
      default: break;
    }
    // clang-format on
  }
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt,
                   "the row of the source of events \"" + found.name + "\" does not decode"};
  found.key = open_sealed(seal_key, sealed, bound_to(found)).value_or("");
  return found;
}

}  // namespace

void encode_event_source(const event_source& subject, std::string_view seal_key, change_set& out) {
  record_writer row{record_version};
  row.text(topic_field, subject.topic);
  row.bytes(sealed_field, seal(seal_key, subject.key, bound_to(subject)));
  row.moment(created_at_field, subject.created_at);
  out.put(space::rows, event_keys::source_row(subject.name), row.data());
}

void encode_event_source_removal(std::string_view name, change_set& out) {
  out.erase(space::rows, event_keys::source_row(name));
}

expected<std::vector<event_source>> load_event_sources(const engine& disk,
                                                       std::string_view seal_key) {
  std::vector<event_source> all;
  const auto prefix = event_keys::source_prefix();
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto found = decode_event_source(at->key().substr(prefix.size()), at->value(), seal_key);
    if (!found)
      return found.error();
    all.push_back(*std::move(found));
  }
  return all;
}

}  // namespace carillon::storage
