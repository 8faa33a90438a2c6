#include <algorithm>
#include <utility>

#include "actors/scheduler_parts.hpp"
#include "model/base64.hpp"
#include "storage/crypto.hpp"
#include "storage/record.hpp"
#include "storage/schedule_store.hpp"

// The part of the scheduler that is about lists.

namespace carillon {
namespace {

/// Some hundredths of a second.
constexpr std::size_t steps_at_once = 20'000;
/// Under way and waiting, for two threads.
constexpr int searches_max = 32;
constexpr std::size_t signature_bytes = 16;

/// Asks at once; what takes longer goes on aside, from the beginning. `ask(store, bounds)` gives
/// the page.
template <class Page, class Parts, class Ask>
void find_page(Parts& parts, Ask ask, answer<Page> reply, std::function<bool()> is_wanted) {
  const auto look_aside = [&parts, ask, reply, is_wanted](const storage::task_store& store) {
    storage::search_bounds bounds{[&] { return !parts.is_closing && is_wanted(); }};
    auto found = bounds.go_on() && is_wanted() ? ask(store, bounds) : expected<Page>{Page{}};
    parts.searches_open -= 1;
    if (is_wanted() && !bounds.is_over())
      reply(std::move(found));
  };
  parts.queries.post([&parts, ask, reply, is_wanted, look_aside](const storage::task_store& store) {
    storage::search_bounds bounds{steps_at_once};
    if (!is_wanted)
      bounds = storage::search_bounds{};
    auto found = ask(store, bounds);
    if (!bounds.is_over())
      return reply(std::move(found));
    if (parts.searches_open.fetch_add(1) < searches_max)
      return parts.searches.post(look_aside);
    parts.searches_open -= 1;
    reply(problem{problem_kind::too_many,
                  "too many questions that take their time are asked at once"});
  });
}

}  // namespace

void scheduler::list(storage::task_filter filter, storage::page_request page,
                     answer<storage::task_page> reply, std::function<bool()> is_wanted) const {
  find_page(
      *parts_,
      [filter = std::move(filter), page](const storage::task_store& store,
                                         storage::search_bounds& bounds) {
        return store.list(filter, page, bounds);
      },
      std::move(reply), std::move(is_wanted));
}

void scheduler::list_schedules(storage::schedule_filter filter, storage::page_request page,
                               answer<storage::schedule_page> reply,
                               std::function<bool()> is_wanted) const {
  find_page(
      *parts_,
      [filter = std::move(filter), page](const storage::task_store& store,
                                         storage::search_bounds& bounds) {
        return storage::schedule_store{store.disk()}.list(filter, page, bounds);
      },
      std::move(reply), std::move(is_wanted));
}

// -- places in lists ----------------------------------------------------------------

std::string scheduler::sign_cursor(const task_id& last, std::string_view question) const {
  const auto id = storage::id_bytes(last);
  return to_base64url(
      std::string{id}
      + storage::hmac_sha256(parts_->cursor_key, {id, question}).substr(0, signature_bytes));
}

std::optional<task_id> scheduler::open_cursor(std::string_view cursor,
                                              std::string_view question) const {
  std::string text{cursor};
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  const auto bytes = from_base64(text + '=');
  if (!bytes || bytes->size() != sizeof(task_id) + signature_bytes)
    return std::nullopt;
  const auto last = storage::read_id(std::string_view{*bytes}.substr(0, sizeof(task_id)));
  if (!last || !storage::is_same_secret(sign_cursor(*last, question), cursor))
    return std::nullopt;
  return last;
}

}  // namespace carillon
