#include "model/definition.hpp"

namespace carillon {
namespace {

struct part {
  std::string_view name;
  bool (*same)(const schedule_spec&, const schedule_spec&);
};

template <auto Member>
bool same(const schedule_spec& one, const schedule_spec& other) {
  return one.*Member == other.*Member;
}
template <auto Group, auto Member>
bool same_in(const schedule_spec& one, const schedule_spec& other) {
  return (one.*Group).*Member == (other.*Group).*Member;
}
template <auto Member>
bool same_of_command(const schedule_spec& one, const schedule_spec& other) {
  return (*one.work.command).*Member == (*other.work.command).*Member;
}
template <auto Member>
bool same_of_file(const schedule_spec& one, const schedule_spec& other) {
  return (*one.file).*Member == (*other.file).*Member;
}

using spec = schedule_spec;
constexpr part parts[] = {
    {"kind", same<&spec::kind>},
    {"cron", same<&spec::expr>},
    {"timezone", same<&spec::timezone>},
    {"description", same<&spec::description>},
    {"group", same_of_file<&file_facts::group>},
    {"api_trigger", same_of_file<&file_facts::api_trigger>},
    {"run", same_of_command<&local_command::args>},
    {"env", same_of_command<&local_command::environment>},
    {"working_dir", same_of_command<&local_command::directory>},
    {"user", same_of_command<&local_command::user>},
    {"max_processes", same_of_command<&local_command::processes_max>},
    {"graceful_stop", same_of_command<&local_command::grace>},
    {"log", same_of_command<&local_command::log>},
    {"timeout", same_in<&spec::work, &task_template::timeout>},
    {"retry", same_in<&spec::work, &task_template::retry>},
    {"on_overlap", same_in<&spec::overlap, &overlap_rules::policy>},
    {"parallelism", same_in<&spec::overlap, &overlap_rules::parallelism>},
    {"queue_max", same_in<&spec::overlap, &overlap_rules::queue_limit>},
    {"catch_up", same<&spec::catch_up>},
    {"restart", same_of_file<&file_facts::restart>},
    {"instances", same_in<&spec::service, &service_rules::instances>},
    {"service", same<&spec::service>},
    {"keep", same<&spec::keep>},
};

}  // namespace

std::vector<std::string> differences(const schedule_spec& before, const schedule_spec& after) {
  std::vector<std::string> found;
  for (const auto& each : parts)
    if (!each.same(before, after))
      found.emplace_back(each.name);
  return found;
}

}  // namespace carillon
