#pragma once

#include "model/zone.hpp"

#include <map>

namespace carillon {

/// Zones of real places as far as a test needs them, and some of nowhere. None is read from disk.
class test_zones : public zone_source {
public:
  test_zones() {
    using namespace std::chrono_literals;
    add_rule("UTC", "UTC0");
    add_rule("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
    add_rule("America/New_York", "EST5EDT,M3.2.0,M11.1.0");
    add_rule("America/Santiago", "<-04>4<-03>,M9.1.6/24,M4.1.6/24");
    add_rule("Asia/Beirut", "EET-2EEST,M3.5.0/0,M10.5.0/0");
    add_rule("Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
    // The end of 2011, when 30 December was left out.
    add("Pacific/Apia", -10h, {{real("2011-12-30T10:00:00Z"), 14h}});
    // Local mean time, which has seconds, until 1893-04-01.
    add("Old/Berlin", 53min + 28s, {{real("1893-03-31T23:06:32Z"), 1h}});
    // Forward over 02:00 to 03:00, and half an hour later back over 02:30 to 03:30.
    add("Odd/Hasty", 0h, {{real("2030-05-01T02:00:00Z"), 1h}, {real("2030-05-01T02:30:00Z"), 0h}});
    // Forward over 02:00 to 03:00, and ten minutes later again, over 03:10 to 04:10.
    add("Odd/Eager", 0h, {{real("2030-05-01T02:00:00Z"), 1h}, {real("2030-05-01T02:10:00Z"), 2h}});
    // Back over 02:00 to 03:00 twice: 02:15 comes three times.
    add("Odd/Thrice", 2h,
        {{real("2030-05-01T01:00:00Z"), 1h}, {real("2030-05-01T01:30:00Z"), 30min}});
    // Back over 02:00 to 03:00 and at 02:30 forward to 03:30: 02:45 came before, 03:15 never.
    add("Odd/Undecided", 1h,
        {{real("2030-05-01T02:00:00Z"), 0h}, {real("2030-05-01T02:30:00Z"), 1h}});
    // Forward over 02:00 to 03:00, back to 02:10, forward again over 02:20 to 03:20: 02:30 is left
    // out twice.
    add("Odd/Twice", 0h,
        {{real("2030-05-01T02:00:00Z"), 1h},
         {real("2030-05-01T02:10:00Z"), 0h},
         {real("2030-05-01T02:20:00Z"), 1h}});
  }

  [[nodiscard]] zone_ptr find(std::string_view name) const override {
    const auto found = zones_.find(name);
    return found == zones_.end() ? nullptr : found->second;
  }

private:
  static sys_seconds real(std::string_view text) {
    return std::chrono::floor<std::chrono::seconds>(*parse_instant(text));
  }
  void add(const std::string& name, std::chrono::seconds first, std::vector<zone_change> changes,
           std::string_view tail = "") {
    zones_[name] = std::make_shared<const zone>(name, first, std::move(changes), tail);
  }
  void add_rule(const std::string& name, std::string_view tail) {
    add(name, std::chrono::seconds{0}, {}, tail);
  }

  std::map<std::string, zone_ptr, std::less<>> zones_;
};

}  // namespace carillon
