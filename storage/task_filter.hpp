#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/task.hpp"
#include "storage/match_words.hpp"

namespace carillon::storage {

class engine;

/// Of two bounds the first is inclusive and the other exclusive.
struct time_range {
  std::optional<instant> from;
  std::optional<instant> to;

  [[nodiscard]] bool empty() const { return !from && !to; }
  [[nodiscard]] bool holds(instant moment) const {
    return (!from || moment >= *from) && (!to || moment < *to);
  }
  bool operator==(const time_range&) const = default;
};

/// Which tasks a list shows. All that is given must hold; of several values, one. Empty: any.
struct task_filter {
  std::vector<task_status> statuses;
  std::vector<std::string> task_types;
  std::vector<std::string> tags;
  std::vector<end_reason> reasons;
  std::vector<schedule_id> schedules;   ///< Made by these.
  std::vector<task_id> batches;         ///< Children of these.
  std::vector<std::string> created_by;  ///< Agents, tokens.
  time_range created;                   ///< By the moment in the id.
  time_range planned;
  time_range ended;
  std::optional<bool> is_scheduled;  ///< Made by any schedule, or by request.
  bool is_command = false;           ///< Those that run commands.
  /// Stands in the type, payload, unique_id, a tag, the target's address or the title of its
  /// schedule; ASCII in any case.
  std::optional<std::string> text = {};
  std::vector<payload_match> payload = {};

  /// Whether all is known once the indexes were asked.
  [[nodiscard]] bool is_indexed() const {
    return !is_scheduled && !is_command && !text && planned.empty() && payload.empty();
  }
  /// Status, type and schedule alone.
  [[nodiscard]] bool is_plain() const {
    return is_indexed() && tags.empty() && reasons.empty() && batches.empty() && created_by.empty()
           && created.empty() && ended.empty();
  }
  bool operator==(const task_filter&) const = default;
};

/// Looks whether tasks match. One thread at a time.
class task_matcher {
public:
  /// Both must outlive it.
  task_matcher(const engine& disk, const task_filter& filter) : disk_{disk}, filter_{filter} {}

  bool operator()(const task& subject);

private:
  bool title_holds(const schedule_id& maker);

  const engine& disk_;
  const task_filter& filter_;
  std::unordered_map<schedule_id, bool> titles_;  ///< Whether the text stands in the title.
};

struct page_request {
  std::size_t limit = 50;
  std::size_t offset = 0;
  std::optional<task_id> after;  ///< The last id of the page before; steadier than an offset.
  bool counts = true;            ///< False: nobody asks how many there are in all.
};

struct task_page {
  std::vector<task> items;
  std::int64_t total = 0;  ///< All matches, not the page.
  bool has_more = false;
};

/// How long a question may take. It is asked whenever some steps more were made.
class search_bounds {
public:
  /// As long as it takes, while somebody wants the answer.
  explicit search_bounds(std::function<bool()> is_wanted = {}) : is_wanted_{std::move(is_wanted)} {}
  /// At most so many steps: one for an entry of an index, some for a row.
  explicit search_bounds(std::size_t steps_max) : left_{steps_max} {}

  /// False when it must end.
  bool go_on(std::size_t steps = 1);
  [[nodiscard]] bool is_over() const { return is_over_; }

private:
  std::optional<std::size_t> left_;
  std::size_t unasked_ = 0;
  bool is_over_ = false;
  std::function<bool()> is_wanted_;
};
inline constexpr std::size_t steps_of_row = 8;

}  // namespace carillon::storage
