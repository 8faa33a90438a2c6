#include "tools/cli/crontab.hpp"

#include "model/cron.hpp"
#include "tools/cli/crontab_name.hpp"

#include <algorithm>
#include <map>

namespace carillon::cli {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::size_t fields_of_a_rule = 5;

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Takes the first word off.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return word;
}

std::string_view without_quotes(std::string_view text) {
  const bool is_quoted = text.size() > 1 && (text.front() == '"' || text.front() == '\'')
                         && text.back() == text.front();
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_name(std::string_view text) {
  const auto is_part = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
           || (each >= '0' && each <= '9') || each == '_';
  };
  return !text.empty() && std::ranges::all_of(text, is_part)
         && !(text.front() >= '0' && text.front() <= '9');
}

/// NAME = VALUE
std::optional<std::pair<std::string, std::string>> read_variable(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos)
    return std::nullopt;
  const auto name = without_quotes(without_blanks(line.substr(0, equals)));
  if (!is_name(name))
    return std::nullopt;
  return std::pair{std::string{name},
                   std::string{without_quotes(without_blanks(line.substr(equals + 1)))}};
}

/// "%" ends the command and, behind it, a line of its input; "\%" is an ordinary one.
void split_input(std::string_view text, crontab_job& job) {
  std::string* into = &job.command;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "\\%") {
      *into += '%';
      ++at;
    } else if (text[at] != '%') {
      *into += text[at];
    } else if (!job.input) {
      into = &job.input.emplace();
    } else {
      *into += '\n';
    }
  }
}

class reader {
public:
  explicit reader(bool has_users) : has_users_{has_users} {}

  void take_line(std::string_view line) {
    ++line_;
    line = without_blanks(line);
    if (line.empty() || line.front() == '#')
      return;
    if (auto variable = read_variable(line))
      set(*std::move(variable));
    else
      take_job(line);
  }

  crontab finish() && { return std::move(found_); }

private:
  void set(std::pair<std::string, std::string> variable);
  void take_job(std::string_view line);
  void note(std::string text, bool is_lost) {
    found_.notes.push_back({line_, std::move(text), is_lost});
  }
  crontab_job begin_job() const;
  std::string free_name(std::string_view command);

  const bool has_users_;
  std::size_t line_ = 0;
  std::map<std::string, std::string> variables_;
  crontab found_;
};

void reader::set(std::pair<std::string, std::string> variable) {
  const auto& [name, value] = variable;
  if (name == "MAILTO" || name == "MAILFROM" || name == "CONTENT_TYPE"
      || name == "CONTENT_TRANSFER_ENCODING") {
    if (!value.empty())
      note(name + ": nothing is mailed; a run keeps what it prints, and its end reason", false);
  } else if (name == "RANDOM_DELAY" || name == "START_HOURS_RANGE") {
    note(name + ": there is no such thing for jobs", false);
  } else if (name == "LOGNAME" || name == "USER") {
    note(name + " cannot be set: it is the user's", false);
  } else {
    variables_[name] = value;
  }
}

crontab_job reader::begin_job() const {
  crontab_job job;
  job.line = line_;
  for (const auto& [name, value] : variables_)
    if (name == "SHELL")
      job.shell = value;
    else if (name == "CRON_TZ")
      job.timezone = value;
    else
      job.environment.emplace_back(name, value);
  if (const auto home = variables_.find("HOME"); home != variables_.end())
    job.directory = home->second;
  return job;
}

std::string reader::free_name(std::string_view command) {
  const auto base = name_of_command(command);
  auto name = base;
  for (int number = 2;
       std::ranges::find(found_.jobs, name, &crontab_job::name) != found_.jobs.end(); ++number)
    name = base + "-" + std::to_string(number);
  return name;
}

void reader::take_job(std::string_view line) {
  auto job = begin_job();
  if (line.starts_with('-'))  // cronie: is not logged
    line.remove_prefix(1);
  if (line.starts_with('@')) {
    job.expr = take_word(line);
    if (job.expr == "@reboot")
      return note(
          "@reboot: a job for every start of the machine is better a service of the "
          "operator's file, or a unit of systemd",
          true);
  } else {
    for (std::size_t at = 0; at < fields_of_a_rule; ++at)
      job.expr.append(at == 0 ? "" : " ").append(take_word(line));
  }
  if (has_users_)
    job.user = take_word(line);
  split_input(line, job);
  if (job.command.empty())
    return note("there is no command", true);
  if (const auto rule = cron_expression::parse(job.expr, "rule"); !rule)
    return note("cannot be read as a rule: " + rule.error().faults.front().message, true);
  job.name = free_name(job.command);
  found_.jobs.push_back(std::move(job));
}

}  // namespace

std::string crontab_job::script() const {
  if (!input)
    return command;
  std::string end = "END";
  while (("\n" + *input + "\n").find("\n" + end + "\n") != std::string::npos)
    end += "_";
  // In braces dash would lose a redirection at the end of the command.
  return "(\n" + command + "\n) <<'" + end + "'\n" + *input + (input->ends_with('\n') ? "" : "\n")
         + end + "\n";
}

crontab read_crontab(std::string_view text, bool has_users) {
  reader table{has_users};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    table.take_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(table).finish();
}

}  // namespace carillon::cli
