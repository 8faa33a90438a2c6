#include "storage/event_record.hpp"

#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::uint8_t version = 1;
constexpr auto last_end_reason = end_reason::server_stopped;

problem corrupt(std::string_view what) {
  return {problem_kind::corrupt, "the stored " + std::string{what} + " cannot be read"};
}

namespace event_field {
enum : std::uint32_t { name = 1, topic, payload, source, at, digest, trace_parent, trace_state };
}
namespace facts_field {
enum : std::uint32_t { at = 1, has_name, is_done, triggered, listeners };
}
namespace told_field {
enum : std::uint32_t { entry = 1 };
}

void append(std::string& out, const event_listener& one) {
  out.push_back(static_cast<char>(one.kind));
  out.append(id_bytes(one.id));
}

constexpr std::size_t listener_bytes = 1 + sizeof(task_id);

std::optional<event_listener> read_listener(std::string_view bytes) {
  if (bytes.size() != listener_bytes)
    return std::nullopt;
  const auto kind = static_cast<listener_kind>(static_cast<unsigned char>(bytes.front()));
  if (kind > listener_kind::task)
    return std::nullopt;
  return event_listener{kind, *read_id(bytes.substr(1))};
}

/// task [why it does not run]: behind a listener, or in a claim.
bool read_task(std::string_view bytes, listener_told& into) {
  if (bytes.empty())
    return true;
  into.task = read_id(bytes.substr(0, sizeof(task_id)));
  if (!into.task || bytes.size() > sizeof(task_id) + 1)
    return false;
  if (bytes.size() == sizeof(task_id))
    return true;
  into.skip = static_cast<end_reason>(static_cast<unsigned char>(bytes.back()));
  return *into.skip <= last_end_reason;
}

}  // namespace

// -- events ---------------------------------------------------------------------

std::string encode_event(const topic_event& subject) {
  record_writer out{version};
  out.reserve(subject.payload.size() + subject.topic.size() + 128);
  out.text(event_field::name, subject.name);
  out.text(event_field::topic, subject.topic);
  out.text(event_field::payload, subject.payload);
  out.text(event_field::source, subject.source);
  out.moment(event_field::at, subject.at);
  out.text(event_field::digest, subject.digest);
  out.text(event_field::trace_parent, subject.trace.parent);
  out.text(event_field::trace_state, subject.trace.state);
  return out.data();
}

expected<topic_event> decode_event(const task_id& id, std::string_view row) {
  record_reader in{row};
  topic_event found;
  found.id = id;
  while (in.next()) {
    // clang-format off
    switch (in.field()) {
      case event_field::name:    found.name = in.text(); break;
      case event_field::topic:   found.topic = in.text(); break;
      case event_field::payload: found.payload = in.text(); break;
      case event_field::source:  found.source = in.text(); break;
      case event_field::at:      found.at = in.moment(); break;
      case event_field::digest:  found.digest = in.text(); break;
      case event_field::trace_parent: found.trace.parent = in.text(); break;
      case event_field::trace_state:  found.trace.state = in.text(); break;
      default: break;
    }
    // clang-format on
  }
  if (!in.ok() || in.version() != version)
    return corrupt("event");
  return found;
}

std::string encode_event_facts(const event_facts& facts) {
  record_writer out{version};
  out.moment(facts_field::at, facts.at);
  out.number(facts_field::has_name, facts.has_name ? 1 : 0);
  out.number(facts_field::is_done, facts.is_done ? 1 : 0);
  out.number(facts_field::triggered, facts.triggered);
  out.number(facts_field::listeners, facts.listeners);
  return out.data();
}

expected<event_facts> decode_event_facts(std::string_view value) {
  record_reader in{value};
  event_facts found;
  while (in.next()) {
    // clang-format off
    switch (in.field()) {
      case facts_field::at:        found.at = in.moment(); break;
      case facts_field::has_name:  found.has_name = in.number() != 0; break;
      case facts_field::is_done:   found.is_done = in.number() != 0; break;
      case facts_field::triggered: found.triggered = in.number(); break;
      case facts_field::listeners: found.listeners = in.number(); break;
      default: break;
    }
    // clang-format on
  }
  if (!in.ok() || in.version() != version)
    return corrupt("facts of an event");
  return found;
}

// -- listeners --------------------------------------------------------------------

std::string encode_listeners(const std::vector<event_listener>& all) {
  std::string out;
  out.reserve(1 + all.size() * listener_bytes);
  out.push_back(static_cast<char>(version));
  for (const auto& one : all)
    append(out, one);
  return out;
}

expected<std::vector<event_listener>> decode_listeners(std::string_view value) {
  if (value.empty() || static_cast<std::uint8_t>(value.front()) != version
      || (value.size() - 1) % listener_bytes != 0)
    return corrupt("listeners of an event");
  value.remove_prefix(1);
  std::vector<event_listener> all;
  all.reserve(value.size() / listener_bytes);
  for (; !value.empty(); value.remove_prefix(listener_bytes)) {
    const auto one = read_listener(value.substr(0, listener_bytes));
    if (!one)
      return corrupt("listener of an event");
    all.push_back(*one);
  }
  return all;
}

std::string encode_claim(const task_id& task, std::optional<end_reason> skip) {
  std::string out{id_bytes(task)};
  if (skip)
    out.push_back(static_cast<char>(*skip));
  return out;
}

std::optional<listener_told> decode_claim(const task_id& schedule, std::string_view value) {
  listener_told found{{listener_kind::schedule, schedule}};
  return !value.empty() && read_task(value, found) ? std::optional{found} : std::nullopt;
}

std::string encode_told(const std::vector<listener_told>& all) {
  record_writer out{version};
  std::string one;
  for (const auto& told : all) {
    one.clear();
    append(one, told.listener);
    if (told.task)
      one += encode_claim(*told.task, told.skip);
    out.bytes(told_field::entry, one);
  }
  return out.data();
}

expected<std::vector<listener_told>> decode_told(std::string_view row) {
  record_reader in{row};
  std::vector<listener_told> all;
  while (in.next()) {
    if (in.field() != told_field::entry)
      continue;
    const auto listener = read_listener(in.bytes().substr(0, listener_bytes));
    if (!listener)
      return corrupt("listener of an event");
    all.push_back({*listener});
    if (!read_task(in.bytes().substr(listener_bytes), all.back()))
      return corrupt("task of an event");
  }
  if (!in.ok() || in.version() != version)
    return corrupt("outcome of an event");
  return all;
}

}  // namespace carillon::storage
