#include "tools/bench/pull_workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace carillon::bench {

namespace {

constexpr std::size_t tasks_per_request_max = 100;

}  // namespace

const char* const lease_body = R"({"max":100,"wait":"PT1S","lease":"PT60S","worker":"w1"})";

pull_workers::pull_workers(event_loop& loop, const api_access& access, work_book& book,
                           const settings& wanted)
    : book_(book),
      lease_maker_(access, "POST", fmt::format("/v1/queues/{}/lease", wanted.queue)),
      complete_maker_(access, "POST", "/v1/leases/complete"),
      leases_max_(wanted.leases_max),
      pollers_(static_cast<std::size_t>(wanted.pollers)),
      completers_(static_cast<std::size_t>(wanted.completers)),
      last_lease_(steady_now()),
      last_completion_(last_lease_) {
  for (auto& each : pollers_)
    each = std::make_unique<connection>(
        loop, access, [this, &each](const answer& news) { on_poll(*each, news); });
  for (auto& each : completers_)
    each.line = std::make_unique<connection>(
        loop, access, [this, &each](const answer& news) { on_completed(each, news); });
}

void pull_workers::start() {
  for (auto& each : pollers_)
    poll(*each);
}

bool pull_workers::idle() const {
  const auto polls =
      std::any_of(pollers_.begin(), pollers_.end(), [](auto& each) { return each->busy(); });
  const auto reports = std::any_of(completers_.begin(), completers_.end(),
                                   [](auto& each) { return each.line->busy(); });
  return !polls && !reports && leased_.empty();
}

void pull_workers::poll(connection& line) {
  line.send(lease_maker_.make(lease_body));
}

void pull_workers::poll_while_free() {
  for (auto& each : pollers_)
    if (!each->busy() && !stopping_ && !failures_.too_many() && leased_.size() < leases_max_)
      poll(*each);
}

void pull_workers::on_poll(connection& line, const answer& news) {
  const auto now = steady_now();
  const auto arrived = wall_now();
  auto leases = news.status == 200 ? reader_.read_leases(news.body) : std::nullopt;
  if (!leases)
    failures_.add(news.status, news.body);
  if (news.status != 0 && !failures_.too_many() && !stopping_ && leased_.size() < leases_max_)
    poll(line);  // first of all: the loop stays open
  if (!leases || leases->empty())
    return;
  last_lease_ = now;
  for (const auto& each : *leases) {
    book_.on_leased(each, arrived);
    lateness_.record(arrived - each.scheduled_for);
  }
  std::move(leases->begin(), leases->end(), std::back_inserter(leased_));
  complete_some();
}

void pull_workers::complete_some() {
  for (auto& each : completers_)
    if (!leased_.empty() && !each.line->busy() && !failures_.too_many())
      send_completion(each);
}

void pull_workers::send_completion(completer& which) {
  const auto count = std::min(leased_.size(), tasks_per_request_max);
  const auto end = leased_.begin() + static_cast<std::ptrdiff_t>(count);
  which.under_way.assign(std::move_iterator{leased_.begin()}, std::move_iterator{end});
  leased_.erase(leased_.begin(), end);
  body_.assign(R"({"leases":[)");
  for (const auto& each : which.under_way) {
    fmt::format_to(std::back_inserter(body_), R"({{"task_id":"{}","token":{},"result":null}},)",
                   format_task_id(each.id), each.token);
    book_.on_reported(each);
  }
  body_.back() = ']';
  body_ += '}';
  which.line->send(complete_maker_.make(body_));
}

void pull_workers::on_completed(completer& which, const answer& news) {
  const auto now = steady_now();
  const auto rows = news.status == 200 ? reader_.read_completions(news.body) : std::nullopt;
  if (!rows || rows->size() != which.under_way.size()) {
    failures_.add(news.status, news.body);
    if (news.status == 0)
      return;
  } else {
    last_completion_ = now;
    for (std::size_t index = 0; index < rows->size(); ++index) {
      const auto& asked = which.under_way[index];
      const auto& row = (*rows)[index];
      if (row.status != 200 || row.id != asked.id) {
        failures_.add(static_cast<int>(row.status), news.body);
        continue;
      }
      book_.on_completed(asked);
      whole_.record(now - book_.begin_of(asked));
    }
  }
  complete_some();
  poll_while_free();
}

}  // namespace carillon::bench
