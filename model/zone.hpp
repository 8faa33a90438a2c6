#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

/// What a clock on the wall shows, without saying where. Seconds are its grain.
using local_seconds = std::chrono::local_seconds;
using std::chrono::sys_seconds;

/// From `at` on, this offset holds.
struct zone_change {
  sys_seconds at;
  std::chrono::seconds offset;  ///< Local time minus UTC.

  bool operator==(const zone_change&) const = default;
};

/// A stretch of real time with one offset: [begin, end). The first begins at sys_seconds::min(),
/// the last ends at sys_seconds::max().
struct zone_span {
  sys_seconds begin;
  sys_seconds end;
  std::chrono::seconds offset;

  /// Both stop at the ends of time, so that the outer ends of the first and last span may be asked.
  [[nodiscard]] local_seconds to_local(sys_seconds at) const {
    return local_seconds{sum(at.time_since_epoch(), offset)};
  }
  [[nodiscard]] sys_seconds to_real(local_seconds at) const {
    return sys_seconds{sum(at.time_since_epoch(), -offset)};
  }
  bool operator==(const zone_span&) const = default;

private:
  static std::chrono::seconds sum(std::chrono::seconds since_epoch, std::chrono::seconds by) {
    std::int64_t total = 0;
    if (!__builtin_add_overflow(since_epoch.count(), by.count(), &total))
      return std::chrono::seconds{total};
    return by.count() < 0 ? std::chrono::seconds::min() : std::chrono::seconds::max();
  }
};

class posix_tz;

/// The history and the future of one place's offset from UTC. Immutable; any thread.
class zone {
public:
  /// `changes` in rising order, each with another offset than the one before; `first` holds before
  /// them. No offset is 26 hours or more. `tail` is the rule that goes on after the last change, in
  /// the form of POSIX's TZ variable (RFC 9636, 3.3; posix_tz::parse() must have read it), or
  /// empty: the last offset stays for ever.
  zone(std::string name, std::chrono::seconds first, std::vector<zone_change> changes,
       std::string_view tail);
  ~zone();

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The stretch that holds `at`. Neighbours always differ in their offset.
  [[nodiscard]] zone_span span_at(sys_seconds at) const;
  /// The same history and rule, whatever the name.
  [[nodiscard]] bool same_rules(const zone& other) const;

private:
  std::string name_;
  std::chrono::seconds first_;
  std::vector<zone_change> changes_;
  std::unique_ptr<const posix_tz> tail_;        ///< Null when nothing changes after the table.
  sys_seconds tail_from_ = sys_seconds::max();  ///< The first change that is the tail's.
};

using zone_ptr = std::shared_ptr<const zone>;

/// UTC itself, for ever.
zone_ptr utc_zone();

/// Where zones come from: the system's zone files, or a test's own.
class zone_source {
public:
  virtual ~zone_source() = default;
  /// Null: there is no zone of this name. Any thread.
  [[nodiscard]] virtual zone_ptr find(std::string_view name) const = 0;
};

/// The one or two readings of a local time: two when clocks went back over it, none when they went
/// forward over it (then both are the first instant after the gap).
struct real_times {
  enum class kind { unique, gap, repeated } what;
  sys_seconds first;
  sys_seconds second;  ///< Equal to `first` unless repeated.
};
real_times to_real(const zone& where, local_seconds at);

/// "2030-07-01T09:00:00+02:00": the local time with its offset, as RFC 3339 has it. It always names
/// the very instant: where RFC 3339 cannot write the local time, a nearby offset is taken.
std::string format_local(const zone& where, instant at);

}  // namespace carillon
