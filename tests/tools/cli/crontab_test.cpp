#include "tools/cli/crontab.hpp"

#include <catch2/catch.hpp>

#include "tools/cli/crontab_name.hpp"

namespace carillon::cli {
namespace {

crontab_job only_job(std::string_view text, bool has_users = false) {
  auto table = read_crontab(text, has_users);
  REQUIRE(table.jobs.size() == 1);
  return table.jobs.front();
}

crontab_note only_note(std::string_view text) {
  auto table = read_crontab(text, false);
  REQUIRE(table.notes.size() == 1);
  return table.notes.front();
}

using variables = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a line of a crontab is a rule and a command", "[crontab]") {
  const auto job = only_job("\n# a comment\n  */5\t1-3 * jan mon   /usr/bin/backup  --all \r\n");
  CHECK(job.line == 3);
  CHECK(job.expr == "*/5 1-3 * jan mon");
  CHECK(job.command == "/usr/bin/backup  --all");
  CHECK(job.name == "backup");
  CHECK(job.user.empty());
  CHECK(job.shell == "/bin/sh");
}

TEST_CASE("macros are rules; a start of the machine is none", "[crontab]") {
  CHECK(only_job("@daily x").expr == "@daily");
  const auto note = only_note("@reboot x");
  CHECK(note.is_lost);
  CHECK(note.line == 1);
}

TEST_CASE("lines of the system's tables name a user", "[crontab]") {
  const auto job =
      only_job("17 * * * *\troot    cd / && run-parts --report /etc/cron.hourly", true);
  CHECK(job.user == "root");
  CHECK(job.command == "cd / && run-parts --report /etc/cron.hourly");
  CHECK(job.name == "run-parts");
}

TEST_CASE("variables hold for the lines below them", "[crontab]") {
  const auto table =
      read_crontab("0 1 * * * a\nFOO = 'x y' \n\"B\"=1\n0 2 * * * b\nFOO=z\n0 3 * * * c", false);
  REQUIRE(table.jobs.size() == 3);
  CHECK(table.jobs[0].environment.empty());
  CHECK(table.jobs[1].environment == variables{{"B", "1"}, {"FOO", "x y"}});
  CHECK(table.jobs[2].environment == variables{{"B", "1"}, {"FOO", "z"}});
}

TEST_CASE("some variables are more than the command's", "[crontab]") {
  const auto job = only_job("SHELL=/bin/bash\nHOME=/srv\nCRON_TZ=Asia/Tokyo\n0 1 * * * a");
  CHECK(job.shell == "/bin/bash");
  CHECK(job.directory == "/srv");
  CHECK(job.timezone == "Asia/Tokyo");
  CHECK(job.environment == variables{{"HOME", "/srv"}});
  CHECK_FALSE(only_note("MAILTO=me").is_lost);
  CHECK(read_crontab("MAILTO=\"\"", false).notes.empty());
}

TEST_CASE("an equals sign in a command makes it no variable", "[crontab]") {
  CHECK(only_job("0 1 * * * A=1 run").command == "A=1 run");
}

TEST_CASE("a percent sign begins the input of a command", "[crontab]") {
  const auto job = only_job("0 1 * * * mail -s 100\\% me%Dear me,%50\\% are left");
  CHECK(job.command == "mail -s 100% me");
  CHECK(job.input == "Dear me,\n50% are left");
  CHECK(job.script() == "(\nmail -s 100% me\n) <<'END'\nDear me,\n50% are left\nEND\n");
  CHECK(only_job("0 1 * * * a%END%b").script() == "(\na\n) <<'END_'\nEND\nb\nEND_\n");
  CHECK(only_job("0 1 * * * a").script() == "a");
}

TEST_CASE("what cannot be read is told with its line, and the rest is made", "[crontab]") {
  const auto table =
      read_crontab("0 1 * * * a\n61 * * * * b\n0 0 * * *\n0 0 30 2 * c\n@often d", false);
  CHECK(table.jobs.size() == 1);
  REQUIRE(table.notes.size() == 4);
  for (std::size_t at = 0; at < 4; ++at) {
    CHECK(table.notes[at].line == at + 2);
    CHECK(table.notes[at].is_lost);
  }
}

TEST_CASE("a job is named after what it runs", "[crontab]") {
  CHECK(name_of_command("cd /srv/app && ./sync.sh --fast") == "sync-sh");
  CHECK(name_of_command("A=1 /usr/bin/env nice -n 5 python3 /opt/report.py") == "report");
  CHECK(name_of_command("test -x /usr/sbin/anacron || ( cd / && run-parts /etc/cron.daily )")
        == "run-parts");
  CHECK(name_of_command("[ -x /a ] && /b/php.cleanup") == "php-cleanup");
  CHECK(name_of_command("sh") == "sh");
  CHECK(name_of_command("$%&") == "job");
  const auto table = read_crontab("0 1 * * * a\n0 2 * * * /x/a\n0 3 * * * a b", false);
  REQUIRE(table.jobs.size() == 3);
  CHECK(table.jobs[1].name == "a-2");
  CHECK(table.jobs[2].name == "a-3");
}

TEST_CASE("jobs are written as TOML with their zone, user, shell and variables", "[crontab]") {
  const auto plain = to_toml(read_crontab("0 1 * * * echo \"a\\b\"", false), "Europe/Berlin");
  CHECK(plain.find("[tasks.echo]\ncron = \"0 1 * * *\"\ntimezone = \"Europe/Berlin\"\n"
                   "run = \"echo \\\"a\\\\b\\\"\"\n")
        != std::string::npos);
  const auto rich = to_toml(
      read_crontab("SHELL=/bin/bash\nCRON_TZ=UTC\nHOME=/h\n0 1 * * * me x", true), "Europe/Berlin");
  CHECK(rich.find("timezone = \"UTC\"\nuser = \"me\"\nworking_dir = \"/h\"\n"
                  "args = [\"/bin/bash\", \"-c\", \"x\"]\n[tasks.x.env]\nHOME = \"/h\"\n")
        != std::string::npos);
}

}  // namespace carillon::cli
