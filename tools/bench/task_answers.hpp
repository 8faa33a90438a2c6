#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/clock.hpp"

namespace carillon::bench {

/// The UUID of a task, without its prefix.
struct task_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const task_id&) const = default;
};

/// Reads "task_" and a UUID.
std::optional<task_id> parse_task_id(std::string_view text);

/// "task_" and the UUID, as the API writes it.
std::string format_task_id(task_id id);

/// The UUID alone.
std::string format_uuid(task_id id);

/// Finds the first text of `prefix` and a UUID, between quotes.
std::optional<task_id> find_id(std::string_view json, std::string_view prefix);

/// Finds the first text of that form: the id in the answer to a creation. Several times cheaper
/// than parsing the answer, and payloads of the bench hold no such text.
std::optional<task_id> find_task_id(std::string_view json);

/// Finds the whole number of the first member `name`, at any depth. For answers and payloads in
/// which the name is known to come once or first.
std::optional<std::uint64_t> find_number(std::string_view json, std::string_view name);

/// A task in the answer to a lease.
struct lease {
  std::uint64_t sequence = 0;  ///< From our payload.
  task_id id;
  std::string token;  ///< JSON text, as it came.
  std::int64_t attempt = 0;
  due_time scheduled_for;
};

/// A row in the answer to a completion.
struct completion {
  task_id id;
  std::int64_t status = 0;
};

/// A run of a command, in a list.
struct command_run {
  task_id id;
  std::string end_reason;  ///< Empty: it goes on.
  std::int64_t exit_code = 0;
  due_time created_at;
  std::optional<due_time> start_at;
  std::optional<due_time> end_at;
};

/// A page of what a command printed.
struct printed {
  struct line {
    std::string stream;
    std::string text;
  };

  std::vector<line> lines;
  std::uint64_t total_lines = 0;
  std::uint64_t first_available = 0;
};

/// Parses whole answers. Empty results mean that the answer has not the form of the API.
class answer_reader {
public:
  answer_reader();
  ~answer_reader();

  std::optional<std::vector<lease>> read_leases(std::string_view body);
  std::optional<std::vector<completion>> read_completions(std::string_view body);
  std::optional<std::vector<command_run>> read_runs(std::string_view body);
  std::optional<printed> read_printed(std::string_view body);
  std::optional<std::uint64_t> read_total(std::string_view body);

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace carillon::bench
