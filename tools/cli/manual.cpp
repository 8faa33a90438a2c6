#include "tools/cli/manual.hpp"

#include "config/definition_table.hpp"
#include "config/definition_value.hpp"
#include "config/setting_text.hpp"
#include "tools/cli/arguments.hpp"
#include "tools/cli/exit_code.hpp"

namespace carillon::cli {
namespace {

/// A text that no macro begins in.
std::string plain(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char each : text)
    each == '\\' ? out += "\\e" : out += each;
  return out;
}

/// One argument of a macro, never a macro itself.
std::string argument(std::string_view text) {
  std::string out = "\"\\&";
  for (const char each : text)
    if (each == '"')
      out += "\\(dq";
    else
      each == '\\' ? out += "\\e" : out += each;
  return out + "\"";
}

std::string flag_line(std::string_view name, std::string_view word) {
  std::string out = ".It Fl ";
  out += argument(name.substr(1));
  if (!word.empty())
    out += " Ar " + argument(word);
  return out + "\n";
}

std::string command_section(const verb& one) {
  std::string out = ".It Nm Cm " + one.words();
  for (const auto& each : one.parameters)
    if (each.is_positional())
      out += (each.is_required ? " Ar " : " Op Ar ") + argument(each.name);
  out += "\n" + plain(one.summary) + "\n";
  if (one.parameters.empty())
    return out;
  out += ".Bl -tag -width indent -compact\n";
  for (const auto& each : one.parameters)
    out += (each.is_positional() ? ".It Ar " + argument(each.name) + "\n"
                                 : flag_line(each.name, each.as == form::flag ? "" : each.word))
           + plain(each.help) + "\n";
  return out + ".El\n";
}

std::string common_section() {
  std::string out;
  const verb* widest[] = {find_verb("tasks", "create"), find_verb("tasks", "list")};
  std::string seen;
  for (const auto* one : widest)
    for (const auto& each : common_options_of(*one)) {
      if (seen.find(each.name) != std::string::npos)
        continue;
      seen += std::string{each.name} + " ";
      const auto comma = each.name.find(',');
      if (comma != std::string_view::npos)
        out += ".It Fl " + argument(each.name.substr(1, comma - 1)) + " , Fl "
               + argument(each.name.substr(comma + 2))
               + (each.word.empty() ? "" : " Ar " + argument(each.word)) + "\n";
      else
        out += flag_line(each.name, each.word);
      out += plain(each.help) + "\n";
    }
  return out;
}

constexpr auto first_page_head = R"(.\" Made by: carillon manual 1
.Dd November 22, 2026
.Dt CARILLON 1
.Os
.Sh NAME
.Nm carillon
.Nd ask a durable task scheduler
.Sh SYNOPSIS
.Nm
.Ar noun
.Ar verb
.Op Ar arguments
.Nm
.Cm preview
.Ar expression
.Op Fl -timezone Ar zone
.Nm
.Cm import crontab
.Op Ar file
.Sh DESCRIPTION
These commands of
.Nm
ask a server that runs.
Those that run and keep one are in
.Xr carillon 8 .
.Pp
The server is where
.Fl -url
says, else
.Ev CARILLON_URL ,
else where a server on this machine has noted in its data folder.
The token comes from
.Fl -token-file ,
else from
.Ev CARILLON_TOKEN ,
else from the data folder; it is never an argument.
.Pp
On a terminal lists are tables, cut to its width.
Elsewhere a row is a line with a tab between its columns, without titles, and nothing is cut.
.Fl o Cm json
prints what the server answered,
.Fl o Cm ndjson
a line for each row.
.Sh OPTIONS
What all commands have that ask a server:
.Bl -tag -width indent
)";

constexpr auto first_page_tail = R"(.Sh ENVIRONMENT
.Bl -tag -width "CARILLON_CA_FILE"
.It Ev CARILLON_URL
Where the server is.
.It Ev CARILLON_TOKEN
The token.
.It Ev CARILLON_CA_FILE
As
.Fl -ca-file .
.It Ev CARILLON_STORE_DATA , CARILLON_DATA
The data folder of a server on this machine.
.It Ev NO_COLOR
When set, nothing is coloured.
.El
.Sh FILES
.Bl -tag -width "server.address"
.It Pa server.address
In the data folder: where its server listens.
.It Pa admin.token
In the data folder: the token of its operator.
.El
)";

std::string first_page() {
  std::string out = first_page_head + common_section() + ".El\n.Sh COMMANDS\n";
  for (const auto& each : all_nouns()) {
    out += ".Ss " + argument(each.name) + "\n" + plain(each.summary) + "\n.Bl -tag -width indent\n";
    for (const auto* one : verbs_of(each.name))
      out += command_section(*one);
    out += ".El\n";
  }
  out += first_page_tail;
  out += ".Sh EXIT STATUS\n.Bl -tag -width 130\n";
  for (const auto& each : exit_code::all)
    out += ".It " + std::to_string(each.code) + "\n" + plain(each.text) + "\n";
  return out + R"(.El
.Sh EXAMPLES
.Dl carillon tasks create --task-type mail --payload '{"to":"ada"}' --after 10m
.Dl carillon tasks list --status failed --watch
.Dl carillon preview '0 2 * * *' --timezone Europe/Berlin --count 5
.Dl crontab -l | carillon import crontab - >> carillon.toml
.Sh SEE ALSO
.Xr carillon.toml 5 ,
.Xr carillon 8
)";
}

constexpr auto file_page_head = R"(.\" Made by: carillon manual 5
.Dd November 22, 2026
.Dt CARILLON.TOML 5
.Os
.Sh NAME
.Nm carillon.toml
.Nd settings of carillon, and the operator's jobs and services
.Sh DESCRIPTION
The file is TOML.
Settings stand in sections; jobs are
.Li [tasks.NAME]
and services
.Li [services.NAME] .
A setting can be given in the environment too:
.Li http.listen
is
.Ev CARILLON_HTTP_LISTEN .
.Cm carillon config check
says whether a file is right.
.Sh SETTINGS
.Bl -tag -width indent
)";

std::string sections_of(const definition_row& row) {
  if (row.of == definition_section::both)
    return "tasks and services";
  return std::string{to_string(row.of)};
}

std::string file_page() {
  std::string out = file_page_head;
  for (const auto& row : settings_table())
    out += ".It " + argument(row.key) + "\n" + plain(row.description) + "\nIt is "
           + plain(allowed(row)) + "; " + plain(toml_text(row, settings{})) + " unless given.\n";
  out += ".El\n.Sh JOBS AND SERVICES\n.Bl -tag -width indent\n";
  for (const auto& row : definition_table())
    out += ".It " + argument(row.key) + "\nOf " + sections_of(row) + ".\n" + plain(row.description)
           + "\n";
  return out + R"(.El
.Sh EXAMPLES
.Bd -literal
[http]
listen = ["127.0.0.1:8080"]

[tasks.backup]
cron = "30 2 * * *"
run = "/usr/local/bin/backup"
.Ed
.Sh SEE ALSO
.Xr carillon 1 ,
.Xr carillon 8
)";
}

}  // namespace

expected<std::string> manual_page(std::string_view section) {
  if (section == "1")
    return first_page();
  if (section == "5")
    return file_page();
  return problem{problem_kind::invalid, "PAGE must be 1 or 5"};
}

}  // namespace carillon::cli
