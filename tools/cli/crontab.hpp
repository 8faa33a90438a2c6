#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reads crontab(5): the tables of users, and with a user in each line /etc/crontab and /etc/cron.d.

namespace carillon::cli {

/// A line that runs something.
struct crontab_job {
  std::size_t line = 0;  ///< From 1.
  std::string name;      ///< Made of the command; no two of a table have the same.
  std::string expr;
  std::string timezone;  ///< Of CRON_TZ; empty: the machine's.
  std::string user;      ///< Empty: whose table it is.
  std::string shell = "/bin/sh";
  std::string directory;  ///< Of HOME; empty: the user's own.
  std::string command;
  std::optional<std::string> input;  ///< What stood behind the first "%".
  std::vector<std::pair<std::string, std::string>> environment;

  /// The command with its input, as a line for the shell.
  [[nodiscard]] std::string script() const;
};

struct crontab_note {
  std::size_t line;
  std::string text;
  bool is_lost;  ///< The line has become no job.
};

struct crontab {
  std::vector<crontab_job> jobs;
  std::vector<crontab_note> notes;
};

crontab read_crontab(std::string_view text, bool has_users);

/// The jobs as [tasks.NAME] of the operator's file; `timezone` is the machine's.
std::string to_toml(const crontab& table, std::string_view timezone);

}  // namespace carillon::cli
