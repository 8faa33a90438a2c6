#include "tools/bench/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace carillon::bench {

namespace {

// Room is set aside for so many, lest a growing vector stalls the run.
constexpr std::uint64_t entries_reserved_max = 4'000'000;

void add_fault(std::vector<std::string>& faults, std::uint64_t count, std::string_view what) {
  if (count > 0)
    faults.push_back(fmt::format("{} {}", count, what));
}

}  // namespace

due_time next_week() {
  return std::chrono::floor<std::chrono::milliseconds>(wall_now()) + std::chrono::days{7};
}

ledger::ledger(task_plan plan, std::uint64_t seed) : plan_(std::move(plan)), payloads_(seed) {
  entries_.reserve(std::min(plan_.count_max, entries_reserved_max));
  running_.resize(plan_.keys);
}

std::optional<std::uint64_t> ledger::write_next(std::string& out) {
  const auto sequence = entries_.size();
  if (closed_ || sequence >= plan_.count_max)
    return std::nullopt;
  const auto begin = out.size();
  entry next;
  if (plan_.write)
    plan_.write(out, sequence);
  else
    next.due = write_task(out, sequence);
  bytes_ += out.size() - begin;
  next.sent_at = steady_now();
  entries_.push_back(next);
  return sequence;
}

due_time ledger::write_task(std::string& out, std::uint64_t sequence) {
  due_time due;
  out += '{';
  out += plan_.members;
  if (plan_.due) {
    due = plan_.due(sequence);
    out += R"("execute_after":")";
    append_instant(out, due);
    out += R"(",)";
  }
  if (plan_.keys > 0)
    fmt::format_to(std::back_inserter(out), R"("concurrency_key":"key-{}",)",
                   sequence % plan_.keys);
  out += R"("payload":)";
  payloads_.append(out, sequence);
  out += '}';
  return due;
}

// -- news ---------------------------------------------------------------------

ledger::entry* ledger::find(std::uint64_t sequence) {
  if (sequence < entries_.size())
    return &entries_[sequence];
  ++strangers_;
  return nullptr;
}

void ledger::on_created(std::uint64_t sequence, task_id id) {
  if (auto* found = find(sequence)) {
    found->created_as = id;
    ++found->creations;
    ++created_;
  }
}

void ledger::on_leased(const lease& seen, wall_time at) {
  if (auto* found = find(seen.sequence)) {
    found->leased_as = seen.id;
    ++found->starts;
    ++started_;
    if (plan_.keys > 0)
      crowded_ += running_[seen.sequence % plan_.keys]++ > 0 ? 1 : 0;
    if (plan_.due) {
      early_ += at < found->due ? 1 : 0;
      moved_ += seen.scheduled_for != found->due ? 1 : 0;
    }
  }
}

void ledger::on_delivered(std::uint64_t sequence) {
  if (auto* found = find(sequence)) {
    ++found->starts;
    ++started_;
  }
}

void ledger::on_reported(const lease& done) {
  if (plan_.keys > 0)
    --running_[done.sequence % plan_.keys];
}

void ledger::on_completed(const lease& done) {
  if (auto* found = find(done.sequence)) {
    ++found->completions;
    ++completed_;
  }
}

// -- what is known ------------------------------------------------------------

steady_time ledger::sent_at(std::uint64_t sequence) const {
  return sequence < entries_.size() ? entries_[sequence].sent_at : steady_now();
}

task_id ledger::id_of(std::uint64_t sequence) const {
  return entries_.at(sequence).created_as;
}

std::vector<std::string> ledger::faults_of_creation() const {
  std::vector<std::string> faults;
  std::vector<task_id> ids;
  ids.reserve(entries_.size());
  std::uint64_t unanswered = 0;
  std::uint64_t answered_twice = 0;
  for (const auto& each : entries_) {
    unanswered += each.creations == 0 ? 1 : 0;
    answered_twice += each.creations > 1 ? 1 : 0;
    if (each.creations > 0)
      ids.push_back(each.created_as);
  }
  std::sort(ids.begin(), ids.end());
  const auto distinct = std::unique(ids.begin(), ids.end());
  add_fault(faults, unanswered, "tasks were not answered with 201");
  add_fault(faults, answered_twice, "tasks were answered twice");
  add_fault(faults, static_cast<std::uint64_t>(ids.end() - distinct), "ids were given twice");
  add_fault(faults, strangers_, "answers name tasks that were never asked for");
  return faults;
}

std::vector<std::string> ledger::faults_of_start() const {
  std::vector<std::string> faults;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t confused = 0;
  for (const auto& each : entries_) {
    lost += each.starts == 0 ? 1 : 0;
    doubled += each.starts > 1 ? 1 : 0;
    const auto leased = each.leased_as != task_id{};  // a delivery is known by its sequence alone
    confused += leased && each.creations > 0 && each.created_as != each.leased_as ? 1 : 0;
  }
  add_fault(faults, lost, "tasks were lost: never started");
  add_fault(faults, doubled, "tasks were started more than once");
  add_fault(faults, confused, "tasks were leased under another id");
  add_fault(faults, early_, "tasks were early");
  add_fault(faults, crowded_, "tasks were leased while another one held their key");
  add_fault(faults, moved_, "tasks were leased with another due moment");
  return faults;
}

std::vector<std::string> ledger::faults_of_completion() const {
  std::vector<std::string> faults;
  std::uint64_t open = 0;
  std::uint64_t doubled = 0;
  for (const auto& each : entries_) {
    open += each.completions == 0 ? 1 : 0;
    doubled += each.completions > 1 ? 1 : 0;
  }
  add_fault(faults, open, "tasks were not completed");
  add_fault(faults, doubled, "tasks were completed more than once");
  return faults;
}

}  // namespace carillon::bench
