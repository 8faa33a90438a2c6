#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/exchange.hpp"
#include "model/rate_gate.hpp"
#include "model/tally.hpp"
#include "model/tenant.hpp"

namespace carillon::http {

struct api;
class tenant_visit;

/// One tenant as the connections have it: what serves its requests, and how many it may make. Any
/// thread.
class tenant_door : public std::enable_shared_from_this<tenant_door> {
public:
  /// Without surfaces nobody is let in: its store does not open.
  tenant_door(std::string name, std::shared_ptr<const api> surfaces);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Only while somebody has been let in.
  [[nodiscard]] const api& surfaces() const { return *surfaces_; }

  void set_quotas(const tenant_quotas& quotas);

  /// Whether one more request may come now. Adds to `limits` what it is told of that.
  rate_verdict ask(rate_gate::time now, header_list& limits);

  /// Lets a request in. Null: there are too many already, or is_closed().
  std::shared_ptr<tenant_visit> enter();

  /// Lets nobody in any more.
  void close() { closed_ = true; }
  [[nodiscard]] bool is_closed() const { return closed_; }

  /// Whether all visits, or all streams, have ended by then.
  bool wait_until_left(std::chrono::steady_clock::time_point end);
  bool wait_until_quiet(std::chrono::steady_clock::time_point end);

  struct figures {
    std::uint64_t served = 0;   ///< Requests that were let in.
    std::uint64_t refused = 0;  ///< For a quota, of what kind ever.
    std::int64_t at_once = 0;
  };
  [[nodiscard]] figures count() const;
  /// A handler has refused for a quota.
  void note_refusal() { refused_.add(); }

private:
  friend class tenant_visit;
  void leave(bool was_stream);
  void begin_stream();

  const std::string name_;
  const std::shared_ptr<const api> surfaces_;
  std::atomic<bool> closed_;
  tally served_;
  tally refused_;

  mutable std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable left_;
  tenant_quotas quotas_;
  rate_gate rate_;
  std::int64_t visits_ = 0;
  std::int64_t streams_ = 0;
};

/// A request of a tenant that is under way: from its head until nobody holds its responder or
/// stream any more.
class tenant_visit {
public:
  explicit tenant_visit(std::shared_ptr<tenant_door> door) : door_{std::move(door)} {}
  ~tenant_visit() { door_->leave(is_stream_); }
  tenant_visit(const tenant_visit&) = delete;
  tenant_visit& operator=(const tenant_visit&) = delete;

  [[nodiscard]] tenant_door& door() const { return *door_; }
  /// It goes on for as long as both sides like. Once.
  void become_stream();

private:
  std::shared_ptr<tenant_door> door_;
  bool is_stream_ = false;
};

/// Who is who among tenants.
class tenant_doors {
public:
  virtual ~tenant_doors() = default;
  /// Null: there is none of that name. Any thread; must not wait.
  [[nodiscard]] virtual std::shared_ptr<tenant_door> find(std::string_view name) const = 0;
};

}  // namespace carillon::http
