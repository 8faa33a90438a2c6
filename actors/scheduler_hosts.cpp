#include <algorithm>
#include <caf/all.hpp>

#include "actors/scheduler.hpp"
#include "actors/scheduler_parts.hpp"

// The questions of actors/scheduler.hpp about the hosts that tasks are delivered to.

namespace carillon {

/// There may be a hundred thousand: they are sorted where that stops nobody.
void scheduler::list_hosts(answer<std::vector<host_facts>> reply) const {
  auto sort = [this, reply = std::move(reply)](expected<std::vector<host_facts>> found) {
    run_aside([reply, found = std::move(found)]() mutable {
      if (found)
        std::ranges::sort(*found, {}, &host_facts::host);
      reply(std::move(found));
    });
  };
  caf::anon_send(parts_->home.dispatcher,
                 carillon::list_hosts{"", answer<std::vector<host_facts>>{std::move(sort)}});
}

void scheduler::find_host(std::string host, answer<host_facts> reply) const {
  auto pick = [reply = std::move(reply)](expected<std::vector<host_facts>> found) {
    if (!found)
      return reply(found.error());
    if (found->empty())
      return reply(problem{problem_kind::not_found, "no call of this host is remembered"});
    reply(std::move(found->front()));
  };
  caf::anon_send(
      parts_->home.dispatcher,
      carillon::list_hosts{std::move(host), answer<std::vector<host_facts>>{std::move(pick)}});
}

void scheduler::reset_host(std::string host, answer<host_facts> reply) {
  caf::anon_send(parts_->home.dispatcher, carillon::reset_host{std::move(host), std::move(reply)});
}

}  // namespace carillon
