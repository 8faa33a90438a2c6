#include "tools/cli/verb.hpp"

#include <algorithm>

namespace carillon::cli {
namespace {

// clang-format off
constexpr noun nouns[] = {
  {"tasks",       "Tasks: what runs once."},
  {"schedules",   "Schedules: what makes tasks by a rule."},
  {"batches",     "Many tasks with one end."},
  {"bulk",        "One action on all tasks that match."},
  {"queues",      "Queues of outside workers."},
  {"workers",     "Leases: what workers hold."},
  {"jobs",        "Commands and services of the operator's file."},
  {"runs",        "Runs of commands and services."},
  {"definitions", "Pipelines with a schedule."},
  {"events",      "Events and their topics."},
  {"sources",     "Who may send signed events."},
  {"groups",      "Groups of addresses."},
  {"hosts",       "Hosts that tasks are delivered to."},
  {"tokens",      "Tokens: who may do what."},
  {"agents",      "Agents and their credentials."},
  {"secrets",     "What deliveries are signed with."},
  {"stats",       "What became of tasks."},
  {"upcoming",    "What is planned."},
  {"forecast",    "How much is planned."},
  {"limits",      "Limits in use."},
  {"stream",      "Every change as it comes."},
  {"audit",       "Who changed what."},
  {"tenants",     "Who shares the server."},
  {"server",      "The server itself."},
  {"preview",     "When a rule fires, without a server."},
  {"import",      "A crontab as jobs of the operator's file."},
  {"completion",  "Scripts that complete commands."},
  {"manual",      "Pages of the manual."},
};
// clang-format on

std::vector<verb> gather() {
  std::vector<verb> all;
  for (const auto rows : {task_verbs(), schedule_verbs(), batch_verbs(), worker_verbs(),
                          runner_verbs(), definition_verbs(), event_verbs(), access_verbs(),
                          insight_verbs(), tenant_verbs(), service_verbs(), local_verbs()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace

bool verb::has_body() const {
  return std::ranges::any_of(parameters, [](const auto& one) { return one.in == place::body; });
}

std::string verb::words() const {
  return std::string{noun}.append(name.empty() ? "" : " ").append(name);
}

std::span<const noun> all_nouns() {
  return nouns;
}

const std::vector<verb>& all_verbs() {
  static const auto all = gather();
  return all;
}

const noun* find_noun(std::string_view name) {
  const auto found = std::ranges::find(nouns, name, &noun::name);
  return found == std::end(nouns) ? nullptr : found;
}

const verb* find_verb(std::string_view of, std::string_view name) {
  const auto& all = all_verbs();
  const auto found = std::ranges::find_if(
      all, [&](const auto& one) { return one.noun == of && one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<const verb*> verbs_of(std::string_view of) {
  std::vector<const verb*> found;
  for (const auto& one : all_verbs())
    if (one.noun == of)
      found.push_back(&one);
  return found;
}

}  // namespace carillon::cli
