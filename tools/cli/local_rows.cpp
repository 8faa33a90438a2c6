#include "tools/cli/common_rows.hpp"

// What needs no server.

namespace carillon::cli {
namespace {

constexpr parameter here(std::string_view name, std::string_view field, std::string_view word,
                         std::string_view help) {
  return {name, field, place::here, form::text, word, help};
}

constexpr parameter of_preview[] = {
    {"EXPR", "expr", place::here, form::text, "EXPR",
     "A cron expression, @every, an rrule, or a time.", true},
    here("--kind", "kind", "cron|rrule|once", "What EXPR is; guessed unless given."),
    here("--timezone", "timezone", "ZONE", "UTC unless given."),
    here("--count", "count", "N", "So many moments: 10, at most 1000."),
    here("--from", "from", "TIME", "After this time; now unless given."),
    here("--dst-gap", "gap", "after|skip", "A local time that clocks skip over."),
    here("--dst-repeat", "repeat", "first|second|both", "A local time that comes twice.")};

constexpr parameter of_import[] = {
    {"FORMAT", "format", place::here, form::text, "crontab", "What is read: crontab.", true},
    here("FILE", "file", "FILE", "The file; standard input when it is - or left out."),
    {"--system", "system", place::here, form::flag, "",
     "Lines have a user, as in /etc/crontab and /etc/cron.d."},
    here("--timezone", "timezone", "ZONE", "Of the machine; found out unless given."),
    {"--toml", "toml", place::here, form::flag, "",
     "Prints the jobs for the operator's file; so it does unless told else."},
    {"--dry-run", "dry_run", place::here, form::flag, "",
     "Lists what would be made, and when it would run."}};

constexpr parameter of_completion[] = {
    {"SHELL", "shell", place::here, form::text, "bash|zsh|fish", "For which shell.", true}};
constexpr parameter of_manual[] = {
    here("PAGE", "page", "1|5", "carillon(1), or carillon.toml(5); 1 unless given.")};

constexpr column moment_columns[] = {{"LOCAL", "local"}, {"AT", "at"}};
constexpr view shows_moments = {"moments", moment_columns, "at"};
constexpr column job_columns[] = {{"LINE", "line"}, {"NAME", "name"}, {"CRON", "cron"},
                                  {"WHEN", "when"}, {"USER", "user"}, {"COMMAND", "run"}};
constexpr view shows_jobs = {"jobs", job_columns, "name"};

// clang-format off
constexpr verb rows[] = {
  {"preview",    "", "", "", "Say when a rule fires, without a server.", of_preview, shows_moments, manner::preview},
  {"import",     "", "", "", "Turn a crontab into jobs of the operator's file.", of_import, shows_jobs, manner::crontab},
  {"completion", "", "", "", "Print a script that completes commands.", of_completion, {}, manner::completion},
  {"manual",     "", "", "", "Print a page of the manual, for man(1).", of_manual, {}, manner::manual},
};
// clang-format on

}  // namespace

std::span<const verb> local_verbs() {
  return rows;
}

}  // namespace carillon::cli
