#include "http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <future>

#include "http/listener.hpp"

namespace carillon::http {

namespace {

/// Files that the store and outgoing calls need however many clients there are.
constexpr rlim_t reserved_files_max = 2'048;

std::size_t within_open_files(std::size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
    return wanted;
  const auto reserved = std::min(reserved_files_max, files.rlim_cur / 4);
  return std::min<std::size_t>(wanted, files.rlim_cur - reserved);
}

}  // namespace

expected<void> validate(const server_settings& settings) {
  fault_list faults;
  const auto need = [&faults](bool right, const char* where, const char* what) {
    if (!right)
      faults.add(where, what);
  };
  need(!settings.listen.empty() || !settings.tls_listen.empty(), "http.listen",
       "at least one address");
  need(settings.io_threads >= 1 && settings.io_threads <= 256, "http.io_threads", "1 to 256");
  need(settings.connections_max >= 1, "http.connections_max", "at least 1");
  need(settings.pipelined_max >= 1, "http.pipelined_max", "at least 1");
  need(settings.headers_max >= 1, "http.headers_max", "at least 1");
  need(settings.target_bytes_max < settings.header_bytes_max, "http.target_bytes_max",
       "less than header_bytes_max");
  const std::pair<duration, const char*> times[] = {
      {settings.header_timeout, "http.header_timeout"},
      {settings.body_timeout, "http.body_timeout"},
      {settings.idle_timeout, "http.idle_timeout"},
      {settings.write_timeout, "http.write_timeout"},
      {settings.answer_timeout, "http.answer_timeout"},
      {settings.event_ping, "http.event_ping"}};
  for (const auto& [length, name] : times)
    need(length > duration::zero(), name, "more than nothing");
  if (faults.empty())
    return {};
  return std::move(faults).to_problem();
}

struct server::implementation {
  service shared;
  std::vector<std::shared_ptr<io_loop>> loops = {};
  std::vector<std::shared_ptr<listener>> listeners = {};  ///< All run on the first loop.

  expected<void> open(const std::vector<std::string>& addresses,
                      const tls_certificate* certificate);
};

expected<void> server::implementation::open(const std::vector<std::string>& addresses,
                                            const tls_certificate* certificate) {
  for (const auto& address : addresses) {
    auto opened = std::make_shared<listener>(loops.front(), shared, loops, certificate);
    if (auto bound = opened->open(address); !bound)
      return bound;
    listeners.push_back(std::move(opened));
  }
  return {};
}

server::server(server_settings settings, router routes, const api& surfaces,
               authenticator* gatekeeper)
    : parts_{new implementation{{std::move(settings), std::move(routes), surfaces, gatekeeper}}} {}

server::~server() {
  stop_accepting();
  for (const auto& each : parts_->loops)
    each->stop();
}

void server::count_into(request_meter& meter) {
  parts_->shared.meter = &meter;
}

void server::show(const tls_certificate& certificate) {
  parts_->shared.certificate = &certificate;
}

void server::serve(const tenant_doors& tenants) {
  parts_->shared.tenants = &tenants;
}

void server::record_at(change_desk& desk) {
  parts_->shared.desk = &desk;
}

void server::let_handlers_return() {
  for (const auto& each : parts_->loops) {
    const auto passed = std::make_shared<std::promise<void>>();
    auto over = passed->get_future();
    // A loop that has stopped drops it, which is an end as well.
    each->post([passed] { passed->set_value(); });
    over.wait();
  }
}

expected<void> server::start(const std::function<void()>& when_open) {
  const auto& settings = parts_->shared.settings;
  if (const auto checked = validate(settings); !checked)
    return checked.error();
  parts_->shared.connections_max = within_open_files(settings.connections_max);
  for (unsigned count = 0; count < settings.io_threads; ++count)
    parts_->loops.push_back(std::make_shared<io_loop>(parts_->shared));
  if (!settings.tls_listen.empty() && parts_->shared.certificate == nullptr)
    return problem{problem_kind::invalid, "there is no certificate to speak TLS with"};
  auto opened = parts_->open(settings.listen, nullptr);
  if (opened)
    opened = parts_->open(settings.tls_listen, parts_->shared.certificate);
  if (!opened) {
    parts_->listeners.clear();
    return opened;
  }
  if (when_open)
    when_open();
  for (const auto& each : parts_->listeners)
    each->start();
  for (const auto& each : parts_->loops)
    each->start();
  return {};
}

std::vector<server::place> server::places() const {
  std::vector<place> out;
  for (const auto& each : parts_->listeners)
    out.push_back({each->address(), each->speaks_tls()});
  return out;
}

std::vector<std::string> server::addresses() const {
  std::vector<std::string> out;
  for (const auto& each : places())
    out.push_back(each.address);
  return out;
}

void server::stop_accepting() {
  if (parts_->listeners.empty())
    return;
  std::promise<void> closed;
  parts_->loops.front()->post([this, &closed] {
    for (const auto& each : parts_->listeners)
      each->close();
    closed.set_value();
  });
  closed.get_future().wait();
  parts_->listeners.clear();
}

void server::drain(duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (const auto& each : parts_->loops)
    each->drain();
  for (const auto& each : parts_->loops)
    each->wait_until_empty(end);
}

}  // namespace carillon::http
