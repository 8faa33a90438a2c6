#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/event_record.hpp"
#include "storage/key_value.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

// -- writing. Each adds the rows and entries of one step to `out`. Pure. ----------------

/// An event and whom it is to be told to. From then on it is under way until encode_told().
void encode_new_event(const topic_event& subject, const std::vector<event_listener>& listeners,
                      change_set& out);
/// Beside the decision of a schedule: what an event led to there.
void encode_event_claim(const task_id& event, const task_id& schedule, const task_id& task,
                        std::optional<end_reason> skip, change_set& out);
/// Everybody is told.
void encode_event_told(const topic_event& subject, const std::vector<listener_told>& told,
                       change_set& out);

struct old_event {
  task_id id;
  std::string topic;
  std::string name;  ///< Empty: it has none, or another event has it now.
};
void encode_event_removal(const old_event& gone, change_set& out);

// -- reading ----------------------------------------------------------------------------

struct event_name {
  task_id event;
  instant until;
};

/// An event of which not everybody is known to have been told.
struct open_event {
  topic_event subject;
  std::vector<event_listener> listeners;
  std::vector<listener_told> told;  ///< Those for whom there is a claim.
};

struct event_row {
  task_id id;
  topic_event subject;
  event_facts facts;
};
struct event_page {
  std::vector<event_row> items;
  std::int64_t total = 0;
  bool has_more = false;
};

struct topic_facts {
  std::string topic;
  std::int64_t listeners = 0;
  std::optional<instant> last_at = {};  ///< Of the events that are kept.
};

/// Events and their surroundings, read from the store. Any thread.
class event_store {
public:
  explicit event_store(const engine& disk) : disk_{disk} {}

  /// Who has, or had, a name.
  [[nodiscard]] std::optional<event_name> find_name(std::string_view name) const;
  [[nodiscard]] expected<std::optional<published_event>> load(const task_id& id) const;
  /// Everybody who listens to a topic now.
  [[nodiscard]] std::vector<event_listener> listeners(std::string_view topic) const;
  /// Those whose rows can be read; the others are logged.
  [[nodiscard]] std::vector<open_event> open_events() const;

  /// Newest first.
  [[nodiscard]] expected<event_page> list(const std::optional<std::string>& topic,
                                          const page_request& page) const;
  /// All topics that somebody listens to or that have events, by name.
  [[nodiscard]] std::vector<topic_facts> topics() const;

  /// At most `limit` of those that ended before a moment, and of those without a name that are
  /// more than `kept_max` of all, the oldest first.
  [[nodiscard]] std::vector<old_event> old_events(instant before, std::int64_t kept_max,
                                                  std::size_t limit) const;

private:
  [[nodiscard]] std::optional<old_event> old_event_of(const task_id& id) const;

  const engine& disk_;  ///< Not owned.
};

}  // namespace carillon::storage
