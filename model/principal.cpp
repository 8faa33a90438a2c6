#include "model/principal.hpp"

#include <algorithm>
#include <iterator>

namespace carillon {
namespace {

// In the order of the enumeration.
constexpr std::string_view words[] = {"admin",        "tss.admin",    "tasks:read",
                                      "tasks:create", "tasks:update", "tasks:delete",
                                      "tasks:run",    "runs:read",    "events:publish"};
static_assert(std::size(words) == static_cast<std::size_t>(right::events_publish) + 1);

constexpr std::string_view worker_prefix = "worker:";
constexpr std::size_t queue_bytes_max = scope_bytes_max - worker_prefix.size();

constexpr std::uint32_t bit(std::size_t number) {
  return std::uint32_t{1} << number;
}

std::optional<std::size_t> number_of(std::string_view word) {
  const auto* const found = std::ranges::find(words, word);
  if (found == std::end(words))
    return std::nullopt;
  return static_cast<std::size_t>(found - std::begin(words));
}

/// "*" for worker:*.
std::optional<std::string_view> queue_in(std::string_view word) {
  if (!word.starts_with(worker_prefix))
    return std::nullopt;
  const auto queue = word.substr(worker_prefix.size());
  const bool is_plain = std::ranges::none_of(
      queue, [](char each) { return static_cast<unsigned char>(each) < ' ' || each == '\x7F'; });
  if (queue.empty() || queue.size() > queue_bytes_max || !is_plain)
    return std::nullopt;
  return queue;
}

}  // namespace

std::string_view to_string(right one) {
  return words[static_cast<std::size_t>(one)];
}

bool rights::has_queue(std::string_view queue) const {
  return has(right::admin) || every_queue || std::ranges::binary_search(queues, queue);
}

bool is_scope(std::string_view word) {
  return number_of(word) || queue_in(word);
}

std::string scopes_wanted() {
  std::string text = "must be one of ";
  for (const auto word : words)
    text.append(word).append(", ");
  return text + "worker:QUEUE, worker:*";
}

rights rights_of(std::span<const std::string> scopes) {
  rights made;
  for (const auto& scope : scopes) {
    if (const auto number = number_of(scope))
      made.words |= bit(*number);
    else if (const auto queue = queue_in(scope); queue == "*")
      made.every_queue = true;
    else if (queue)
      made.queues.emplace_back(*queue);
  }
  std::ranges::sort(made.queues);
  const auto repeats = std::ranges::unique(made.queues);
  made.queues.erase(repeats.begin(), repeats.end());
  return made;
}

bool covers(const rights& one, const rights& other) {
  if (one.has(right::admin))
    return true;
  return (other.words & ~one.words) == 0 && (one.every_queue || !other.every_queue)
         && (one.every_queue || std::ranges::includes(one.queues, other.queues));
}

rights common(const rights& one, const rights& other) {
  if (covers(one, other))
    return other;
  if (covers(other, one))
    return one;
  rights both;
  both.words = one.words & other.words;
  both.every_queue = one.every_queue && other.every_queue;
  if (one.every_queue)
    both.queues = other.queues;
  else if (other.every_queue)
    both.queues = one.queues;
  else
    std::ranges::set_intersection(one.queues, other.queues, std::back_inserter(both.queues));
  return both;
}

bool may(const principal& who, const requirement& what) {
  const auto& has = who.may_do;
  if (what.of_operator && !who.tenant.empty())
    return false;
  switch (what.what) {
    case requirement::kind::any_token:
      return true;
    case requirement::kind::one_right:
      return has.has(right::admin) || has.has(what.needed)
             || (what.or_tss_admin && has.has(right::tss_admin));
    case requirement::kind::queue:
      return has.has_queue(what.queue);
    case requirement::kind::some_queue:
      return has.has(right::admin) || has.every_queue || !has.queues.empty();
  }
  return false;
}

std::string scope_for(const requirement& what) {
  switch (what.what) {
    case requirement::kind::any_token:
      return {};
    case requirement::kind::one_right:
      return std::string{to_string(what.needed)};
    case requirement::kind::queue:
      return std::string{worker_prefix}.append(what.queue);
    case requirement::kind::some_queue:
      return std::string{worker_prefix} + "QUEUE";
  }
  return {};
}

}  // namespace carillon
