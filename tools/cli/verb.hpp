#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The table of commands: `carillon NOUN VERB`. Parsing, requests, help, completion and the page of
// the manual read it and nothing else; a new command of the server is a row.

namespace carillon::cli {

/// Where the value of a parameter goes.
enum class place : std::uint8_t {
  path,    ///< Into {field} of the path.
  query,   ///< As the parameter `field`.
  body,    ///< As the member `field`; "a.b" is the member b of the object a.
  header,  ///< Into the header `field`, behind the `=` if its name ends in one.
  here,    ///< Nowhere: the command itself looks at it.
};

enum class form : std::uint8_t {
  text,
  number,
  boolean,  ///< true or false
  flag,     ///< Given is true.
  list,     ///< May be repeated; a list of texts, in a query joined by commas.
  json,     ///< A JSON value; "@FILE" reads a file, "-" standard input.
};

struct parameter {
  std::string_view name;   ///< "--task-type", or "ID" for one that is known by its position.
  std::string_view field;  ///< What the server calls it.
  place in;
  form as;
  std::string_view word;  ///< Stands for the value in help; "a|b|c" when it is one of those.
  std::string_view help;  ///< One line, with a full stop.
  bool is_required = false;

  [[nodiscard]] constexpr bool is_positional() const { return !name.starts_with("-"); }
};

struct column {
  std::string_view title;
  /// Of the member: "counts.total"; "[-1]" is the last of a list, "[#]" how many it has; "a|b" the
  /// first of them that is there; "^a" of what the row is a part of.
  std::string_view path;
};

/// How an answer is shown to a person.
struct view {
  std::string_view list = {};  ///< The member with the rows; "[]" when the answer is the list;
                               ///< "a.b": the lists b of all elements of a.
                               ///< Empty: the answer is one thing.
  std::span<const column> columns = {};
  std::string_view key = "id";      ///< The member that --quiet prints.
  std::string_view only_with = {};  ///< Rows without this member are left out.
};

/// What a command does with its request.
enum class manner : std::uint8_t {
  ask,           ///< Sends it once and shows the answer.
  text,          ///< Shows the answer as it is.
  log_lines,     ///< Shows the text of log lines; --follow goes on.
  events,        ///< Shows server-sent events until it is told to stop.
  wait_task,     ///< Asks until the task has ended; exits by the outcome.
  wait_batch,    ///< Asks until the batch is over, with its progress.
  wait_job,      ///< The same for a job over many tasks.
  start_job,     ///< Sends it, then as wait_job.
  upload_batch,  ///< Sends a file of tasks, with its progress.
  preview,       ///< Computes moments without a server.
  crontab,       ///< Reads crontab(5) without a server.
  completion,    ///< Prints a script for a shell.
  manual,        ///< Prints a page of the manual.
};

struct verb {
  std::string_view noun;
  std::string_view name;  ///< Empty: the noun is the whole command.
  std::string_view method;
  std::string_view path;
  std::string_view summary;  ///< One line, with a full stop.
  std::span<const parameter> parameters = {};
  view shows = {};
  manner how = manner::ask;

  /// Whether --data may give the whole body.
  [[nodiscard]] bool has_body() const;
  /// Whether there is a server to be asked.
  [[nodiscard]] bool asks_server() const { return !path.empty(); }
  /// "tasks list"
  [[nodiscard]] std::string words() const;
};

struct noun {
  std::string_view name;
  std::string_view summary;
};

/// In the order of the help.
std::span<const noun> all_nouns();
const std::vector<verb>& all_verbs();

/// Null when there is none.
const noun* find_noun(std::string_view name);
const verb* find_verb(std::string_view of, std::string_view name);
std::vector<const verb*> verbs_of(std::string_view of);

// The rows, a file for each group of nouns.
std::span<const verb> task_verbs();
std::span<const verb> schedule_verbs();
std::span<const verb> batch_verbs();
std::span<const verb> worker_verbs();
std::span<const verb> runner_verbs();
std::span<const verb> event_verbs();
std::span<const verb> access_verbs();
std::span<const verb> definition_verbs();
std::span<const verb> service_verbs();
std::span<const verb> insight_verbs();
std::span<const verb> tenant_verbs();  ///< And the record of changes.
std::span<const verb> local_verbs();

}  // namespace carillon::cli
