// Prints the tables of docs/time.md: what a rule does in nights in which the clocks change, under
// each policy. The moments are the engine's own.

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "model/recurrence.hpp"
#include "storage/zone_files.hpp"

namespace {

using carillon::dst_gap;
using carillon::dst_repeat;
using carillon::dst_rules;
using carillon::format_local;
using carillon::instant;
using carillon::recurrence;
using carillon::schedule_kind;
using std::chrono::seconds;

struct night {
  std::string_view zone;
  std::string_view noon;  ///< UTC, of the day before the change.
  std::string_view expr;  ///< Falls into what is skipped or repeated.
};

constexpr std::array nights{
    night{"Europe/Berlin", "2025-03-29T12:00:00Z", "30 2 * * *"},
    night{"Europe/Berlin", "2025-10-25T12:00:00Z", "30 2 * * *"},
    night{"America/New_York", "2025-03-08T12:00:00Z", "30 2 * * *"},
    night{"America/New_York", "2025-11-01T12:00:00Z", "30 1 * * *"},
    night{"Australia/Lord_Howe", "2025-10-04T12:00:00Z", "15 2 * * *"},
    night{"Australia/Lord_Howe", "2025-04-05T12:00:00Z", "45 1 * * *"},
    night{"America/Santiago", "2025-09-06T12:00:00Z", "0 0 * * *"},
    night{"America/Santiago", "2025-04-05T12:00:00Z", "30 23 * * *"},
    night{"Asia/Beirut", "2025-03-29T12:00:00Z", "30 0 * * *"},
    night{"Asia/Beirut", "2025-10-25T12:00:00Z", "30 23 * * *"},
    night{"Pacific/Apia", "2011-12-29T20:00:00Z", "0 9 * * *"},
};

struct policy {
  std::string_view name;
  dst_rules dst;
};

constexpr std::array gap_policies{
    policy{"gap `after`", {.gap = dst_gap::after}},
    policy{"gap `skip`", {.gap = dst_gap::skip}},
};
constexpr std::array repeat_policies{
    policy{"repeat `first`", {.repeat = dst_repeat::first}},
    policy{"repeat `second`", {.repeat = dst_repeat::second}},
    policy{"repeat `both`", {.repeat = dst_repeat::both}},
};

/// The first change of the zone's clocks after `noon`.
struct change {
  carillon::zone_span left;
  carillon::zone_span right;

  change(const carillon::zone& where, instant noon)
      : left{where.span_at(std::chrono::floor<seconds>(noon))}, right{where.span_at(left.end)} {}

  [[nodiscard]] bool is_gap() const { return right.offset > left.offset; }
};

/// "2030-03-31 02:00"
std::string wall_text(carillon::local_seconds at) {
  auto text = carillon::format_instant(instant{at.time_since_epoch()}).substr(0, 16);
  text[10] = ' ';
  return text;
}

/// "2030-03-31 02:00 to 03:00", the second date only when it is another.
std::string change_text(const change& turn) {
  const auto from = wall_text(turn.left.to_local(turn.left.end));
  const auto to = wall_text(turn.right.to_local(turn.right.begin));
  return from + " to " + (from.substr(0, 10) == to.substr(0, 10) ? to.substr(11) : to);
}

/// What fires on the day around the change, in local time with the offset, and in UTC.
std::string told_moments(const recurrence& rule, const change& turn) {
  const instant turned = turn.left.end;
  const auto around = std::chrono::abs(turn.right.offset - turn.left.offset);
  std::string text;
  for (auto found = rule.next(turned - around - seconds{1}); found && found->at < turned + around;
       found = rule.next(found->at))
    text += (text.empty() ? "" : "<br>") + format_local(rule.where(), found->at) + " ("
            + carillon::format_instant(found->at) + ")" + (found->runs ? "" : ", only recorded");
  return text.empty() ? "nothing" : text;
}

/// One line for each policy that matters; false when the rule is refused.
bool print_night(const carillon::zone_source& zones, const night& which) {
  const auto noon = carillon::parse_instant(which.noon);
  const auto where = zones.find(which.zone);
  if (!noon || !where)
    return false;
  const change turn{*where, *noon};
  const auto print = [&](const policy& each) {
    const auto rule = recurrence::compile({.kind = schedule_kind::cron,
                                           .expr = std::string{which.expr},
                                           .timezone = std::string{which.zone},
                                           .dst = each.dst,
                                           .anchor = *noon},
                                          zones, "expr", "zone");
    if (!rule)
      return false;
    const auto clocks = change_text(turn);
    const auto moments = told_moments(*rule, turn);
    std::printf("| %s | %s | `%s` | %s | %s |\n", std::string{which.zone}.c_str(), clocks.c_str(),
                std::string{which.expr}.c_str(), std::string{each.name}.c_str(), moments.c_str());
    return true;
  };
  return turn.is_gap() ? std::all_of(gap_policies.begin(), gap_policies.end(), print)
                       : std::all_of(repeat_policies.begin(), repeat_policies.end(), print);
}

}  // namespace

int main() {
  const carillon::storage::zone_files zones;
  std::puts("| Zone | The clocks go from | Rule | Policy | Fires at |");
  std::puts("| --- | --- | --- | --- | --- |");
  for (const auto& each : nights)
    if (!print_night(zones, each)) {
      std::fprintf(stderr, "dst_table: cannot tell of %s\n", std::string{each.zone}.c_str());
      return 1;
    }
  return 0;
}
