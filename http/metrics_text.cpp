#include "http/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>

namespace carillon::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// The sum of the queues that are not shown by themselves.
constexpr std::string_view other_queues = "other";

/// One metric with all its label sets.
class family {
public:
  family(std::string name, std::string help, MetricType type) {
    made_.name = std::move(name);
    made_.help = std::move(help);
    made_.type = type;
  }

  template <class Number>
  void add(const labels& names, Number value) {
    auto& one = labeled(names);
    if (made_.type == MetricType::Counter)
      one.counter.value = static_cast<double>(value);
    else
      one.gauge.value = static_cast<double>(value);
  }

  void add(const labels& names, const spread& values) {
    auto& one = labeled(names).histogram;
    one.sample_sum = values.sum;
    for (std::size_t at = 0; at < values.counts.size(); ++at) {
      one.sample_count += values.counts[at];
      if (at < values.bounds.size())
        one.bucket.push_back({one.sample_count, values.bounds[at]});
    }
  }

  MetricFamily take() && { return std::move(made_); }

private:
  ClientMetric& labeled(const labels& names) {
    auto& one = made_.metric.emplace_back();
    for (const auto& [name, value] : names)
      one.label.push_back({std::string{name}, std::string{value}});
    return one;
  }

  MetricFamily made_;
};

/// The metrics in the order in which they are shown.
class page {
public:
  template <class Number>
  void gauge(std::string name, std::string help, Number value) {
    family one{std::move(name), std::move(help), MetricType::Gauge};
    one.add({}, value);
    add(std::move(one));
  }
  template <class Number>
  void counter(std::string name, std::string help, Number value) {
    family one{std::move(name), std::move(help), MetricType::Counter};
    one.add({}, value);
    add(std::move(one));
  }
  void histogram(std::string name, std::string help, const spread& values) {
    family one{std::move(name), std::move(help), MetricType::Histogram};
    one.add({}, values);
    add(std::move(one));
  }
  void add(family one) { families_.push_back(std::move(one).take()); }

  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
  }

private:
  std::vector<MetricFamily> families_;
};

void add_tasks(page& out, const server_figures& of) {
  out.histogram("carillon_start_lag_seconds",
                "From the moment a task was due to the start of its first attempt.", of.start_lag);
  family due{"carillon_due_moments_total", "Moments that came, by what became of them.",
             MetricType::Counter};
  for (const auto& [outcome, count] : of.due_moments)
    due.add({{"outcome", outcome}}, count);
  out.add(std::move(due));
  family attempts{"carillon_attempts_total", "Attempts that ended, by who carried them out.",
                  MetricType::Counter};
  for (const auto& one : of.attempts)
    attempts.add({{"runner", one.runner}, {"outcome", one.outcome}}, one.count);
  out.add(std::move(attempts));
  out.counter("carillon_tasks_swept_total", "Ended tasks that were removed by rules of retention.",
              of.tasks_swept);
  out.gauge("carillon_task_waiters", "Requests that wait for a task to end.", of.waiting_for_tasks);
}

void add_queues(page& out, const server_figures& of) {
  family tasks{"carillon_queue_tasks", "Tasks in the queues of workers.", MetricType::Gauge};
  family ages{"carillon_queue_next_task_age_seconds",
              "How long the task that is next in its queue has waited.", MetricType::Gauge};
  auto others = of.other_queues;
  for (const auto& queue : of.queues) {
    if (queue.name == other_queues) {
      others.waiting += queue.waiting;
      others.processing += queue.processing;
      continue;
    }
    tasks.add({{"queue", queue.name}, {"state", "waiting"}}, queue.waiting);
    tasks.add({{"queue", queue.name}, {"state", "processing"}}, queue.processing);
    if (queue.age)
      ages.add({{"queue", queue.name}}, std::chrono::duration<double>{*queue.age}.count());
  }
  tasks.add({{"queue", other_queues}, {"state", "waiting"}}, others.waiting);
  tasks.add({{"queue", other_queues}, {"state", "processing"}}, others.processing);
  out.add(std::move(tasks));
  out.add(std::move(ages));
}

void add_store(page& out, const server_figures& of) {
  if (!of.has_store)
    return;
  family tasks{"carillon_tasks", "Tasks in the store by status.", MetricType::Gauge};
  for (std::size_t at = 0; at < of.tasks.size(); ++at)
    tasks.add({{"status", to_string(static_cast<task_status>(at))}}, of.tasks[at]);
  out.add(std::move(tasks));
  family schedules{"carillon_schedules", "Schedules in the store by status.", MetricType::Gauge};
  for (std::size_t at = 0; at < of.schedules.size(); ++at)
    schedules.add({{"status", to_string(static_cast<schedule_status>(at))}}, of.schedules[at]);
  out.add(std::move(schedules));
  out.gauge("carillon_batches_open", "Batches that have not ended.", of.batches_open);
  add_queues(out, of);
}

void add_surroundings(page& out, const server_figures& of) {
  out.counter("carillon_events_published_total", "Events that were published.",
              of.events_published);
  out.gauge("carillon_limit_keys", "Keys of limits that are in use.", of.keys_in_use);
  out.gauge("carillon_limit_key_holders", "Tasks that hold a place under a limit.", of.key_holders);
  out.gauge("carillon_limit_waiting_queues", "Queues that wait for a key, once for each key.",
            of.key_queues_waiting);
  if (!of.hosts)
    return;
  family hosts{"carillon_delivery_hosts", "Hosts that are delivered to, by their breakers.",
               MetricType::Gauge};
  hosts.add({{"breaker", "closed"}}, of.hosts->closed);
  hosts.add({{"breaker", "half_open"}}, of.hosts->half_open);
  hosts.add({{"breaker", "open"}}, of.hosts->open);
  out.add(std::move(hosts));
  out.gauge("carillon_delivery_calls", "Calls that are under way.", of.hosts->calls);
}

void add_writer(page& out, const server_figures& of) {
  out.histogram("carillon_writer_batch_changes", "Decisions that became durable with one sync.",
                of.writer_changes);
  out.histogram("carillon_writer_batch_bytes", "Size of these batches.", of.writer_bytes);
  out.histogram("carillon_writer_commit_seconds", "Time of a batch until it was durable.",
                of.commit_time);
  out.histogram("carillon_writer_sync_seconds", "The part of it that the disk's sync took.",
                of.sync_time);
  out.counter("carillon_writer_failures_total", "Batches that did not become durable.",
              of.commit_failures);
  out.gauge("carillon_writer_queued_changes", "Decisions that wait to be written.",
            of.changes_queued);
  out.gauge("carillon_writer_queued_bytes", "Bytes that wait to be written.", of.bytes_queued);
  out.gauge("carillon_commands_in_flight", "Questions to the scheduler that are not answered yet.",
            of.commands_in_flight);
}

void add_actors(page& out, const server_figures& of) {
  out.counter("carillon_timers_rearmed_total", "Timers that were lost and found by the watchdog.",
              of.timers_rearmed);
  family messages{"carillon_actor_mailbox_messages", "Messages that wait for actors of a kind.",
                  MetricType::Gauge};
  family longest{"carillon_actor_mailbox_longest_messages", "Of these, for the one with the most.",
                 MetricType::Gauge};
  family silent{"carillon_actors_silent", "Actors that did not say so within a second.",
                MetricType::Gauge};
  for (const auto& kind : of.mailboxes) {
    messages.add({{"actor", kind.actors}}, kind.messages);
    longest.add({{"actor", kind.actors}}, kind.longest);
    silent.add({{"actor", kind.actors}}, kind.silent);
  }
  out.add(std::move(messages));
  out.add(std::move(longest));
  out.add(std::move(silent));
}

void add_requests(page& out, const std::vector<request_meter::figures>& all) {
  family answers{"carillon_http_requests_total", "Requests that were answered.",
                 MetricType::Counter};
  family times{"carillon_http_request_duration_seconds",
               "Time until the answer began, a wait that was asked for included.",
               MetricType::Histogram};
  constexpr std::string_view classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  for (const auto& one : all) {
    const labels route{{"surface", one.surface}, {"method", one.method}, {"route", one.pattern}};
    for (std::size_t at = 0; at < status_class_count; ++at) {
      if (one.answers[at] == 0)
        continue;
      auto with_code = route;
      with_code.emplace_back("code", classes[at]);
      answers.add(with_code, one.answers[at]);
    }
    times.add(route, one.took);
  }
  out.add(std::move(answers));
  out.add(std::move(times));
}

/// There are at most tenants.max of them.
void add_tenants(page& out, const std::vector<tenant_view>& all) {
  family served{"carillon_tenant_requests_total", "Requests of a tenant that were let in.",
                MetricType::Counter};
  family refused{"carillon_tenant_requests_refused_total",
                 "Requests of a tenant that were refused for a quota.", MetricType::Counter};
  family under_way{"carillon_tenant_requests", "Requests of a tenant that are under way.",
                   MetricType::Gauge};
  family commands{"carillon_tenant_commands_in_flight",
                  "Questions to a tenant's scheduler that are not answered yet.",
                  MetricType::Gauge};
  family tasks{"carillon_tenant_open_tasks", "Tasks of a tenant that have not ended.",
               MetricType::Gauge};
  family schedules{"carillon_tenant_schedules", "Schedules of a tenant that have not ended.",
                   MetricType::Gauge};
  family up{"carillon_tenant_up", "1 while the tenant is served.", MetricType::Gauge};
  for (const auto& one : all) {
    const labels name{{"tenant", one.facts.name}};
    served.add(name, one.requests.served);
    refused.add(name, one.requests.refused);
    under_way.add(name, one.requests.at_once);
    commands.add(name, one.usage.commands_in_flight);
    tasks.add(name, one.usage.open_tasks);
    schedules.add(name, one.usage.schedules);
    up.add(name, one.facts.stage == tenant_stage::open && one.trouble.empty() ? 1 : 0);
  }
  for (auto* each : {&served, &refused, &under_way, &commands, &tasks, &schedules, &up})
    if (!all.empty())
      out.add(std::move(*each));
}

void add_process(page& out, const process_figures& of) {
  out.counter("process_cpu_seconds_total", "Processor time of the server.", of.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Memory that is in use.", of.resident_bytes);
  out.gauge("process_virtual_memory_bytes", "Memory that is addressed.", of.virtual_bytes);
  out.gauge("process_open_fds", "Open files.", of.open_files);
  out.gauge("process_max_fds", "Most files that may be open.", of.open_files_max);
  out.gauge("process_threads", "Threads.", of.threads);
  out.gauge("process_start_time_seconds", "When the server was started, since 1970.",
            of.start_time_seconds);
}

}  // namespace

std::string metrics_text(const metrics& all) {
  page out;
  family build{"carillon_build_info", "The version that runs.", MetricType::Gauge};
  build.add({{"version", all.version}}, 1);
  out.add(std::move(build));
  add_tasks(out, all.server);
  add_store(out, all.server);
  add_surroundings(out, all.server);
  add_writer(out, all.server);
  add_actors(out, all.server);
  add_requests(out, all.requests);
  add_tenants(out, all.tenants);
  if (all.process)
    add_process(out, *all.process);
  return out.text();
}

}  // namespace carillon::http
