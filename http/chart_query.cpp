#include "http/chart_query.hpp"

#include <algorithm>
#include <array>

#include "model/duration.hpp"

namespace carillon::http {
namespace {

constexpr duration span_max = std::chrono::hours{24 * 366};
constexpr std::int64_t usual_points = 60;

/// The shortest of the lengths that people think in, of which the span has not too many.
duration usual_step(duration span, duration grain) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  for (const duration step :
       {duration{seconds{1}}, duration{seconds{10}}, duration{minutes{1}}, duration{minutes{5}},
        duration{minutes{15}}, duration{hours{1}}, duration{hours{6}}, duration{hours{24}}})
    if (step % grain == duration{0} && span <= step * usual_points * 2)
      return step;
  return std::max(grain, duration{hours{24 * 7}});
}

}  // namespace

chart_span read_span(query_reader& query, instant now, duration back, duration ahead,
                     duration grain) {
  const auto from = query.moment("from");
  const auto to = query.moment("to");
  const auto step = query.length("step", grain, span_max);
  chart_span span;
  span.from = from.value_or(to ? *to - back - ahead : now - back);
  span.to = to.value_or(span.from + back + ahead);
  if (span.to <= span.from || span.to - span.from > span_max) {
    query.refuse(to ? "to" : "from", "must be behind from, at most 366 days");
    span.to = span.from + grain;
  }
  span.step = step.value_or(usual_step(span.to - span.from, grain));
  if (span.step % grain != duration{0}) {
    query.refuse("step", "must be a multiple of " + format_duration(grain));
    span.step = grain;
  }
  if ((span.to - span.from) / span.step > points_max)
    query.refuse("step", "gives more than " + std::to_string(points_max) + " points");
  return span;
}

std::optional<stat_group> read_group(query_reader& query, std::string_view other, bool* is_other) {
  constexpr auto group = [](stat_group kind) { return to_string(kind); };
  const std::array<std::string_view, 4> words{
      group(stat_group::task_type), group(stat_group::schedule), group(stat_group::queue), other};
  const std::span<const std::string_view> all{words};
  const auto known = query.one_of("group_by", other.empty() ? all.first(stat_group_count) : all);
  if (is_other != nullptr)
    *is_other = known == stat_group_count;
  if (!known || *known == stat_group_count)
    return std::nullopt;
  return static_cast<stat_group>(*known);
}

std::string_view to_string(stat_group kind) {
  constexpr std::array<std::string_view, stat_group_count> words{"task_type", "schedule", "queue"};
  return words.at(static_cast<std::size_t>(kind));
}

std::int64_t series_that_fit(const chart_span& span, std::int64_t wanted) {
  const auto points = std::max<std::int64_t>((span.to - span.from) / span.step, 1);
  return std::clamp<std::int64_t>(grouped_points_max / points, 1, wanted);
}

void write_span(json::writer& out, const chart_span& span) {
  out.field("from", format_instant(span.from));
  out.field("to", format_instant(span.to));
  out.field("step", format_duration(span.step));
}

}  // namespace carillon::http
