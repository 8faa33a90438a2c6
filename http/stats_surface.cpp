#include "actors/scheduler.hpp"
#include "http/api.hpp"
#include "http/chart_query.hpp"
#include "http/tables.hpp"
#include "http/work_output.hpp"
#include "model/duration.hpp"

// GET /v1/stats: what became of tasks, in steps of time.

namespace carillon::http {
namespace {

constexpr duration usual_span = std::chrono::hours{1};
constexpr std::int64_t series_default = 10;
constexpr std::int64_t series_max = 100;

struct stats_request {
  stat_query what;
  bool by_status = false;
};

/// Minutes where they are kept and wanted, otherwise hours.
void choose_grain(query_reader& query, instant now, stat_query& asked) {
  const bool is_old = asked.from < now - stat_minutes.kept;
  const bool is_coarse = asked.step % stat_hours.length == duration{0};
  if (is_old && !is_coarse)
    query.refuse("step", "must be a multiple of " + format_duration(stat_hours.length)
                             + " where from is more than " + format_duration(stat_minutes.kept)
                             + " ago");
  asked.grain = is_old || (is_coarse && asked.step > stat_hours.length) ? stat_hours : stat_minutes;
  const auto end = stretch_of(asked.to, asked.grain.length);
  asked.from = stretch_of(asked.from, asked.grain.length);
  asked.to = end == asked.to ? end : end + asked.grain.length;
}

void read_only(query_reader& query, stat_query& asked) {
  const auto note = [&](std::string_view name, stat_group kind, std::string value) {
    if (asked.only || asked.group_by)
      query.refuse(name, "only one of schedule_id, task_type, queue and group_by can be asked for");
    asked.only = std::pair{kind, std::move(value)};
  };
  if (auto type = query.text("task_type"))
    note("task_type", stat_group::task_type, *std::move(type));
  if (auto queue = query.text("queue"))
    note("queue", stat_group::queue, *std::move(queue));
  if (const auto text = query.text("schedule_id")) {
    const auto id = parse_task_id(*text);
    if (!id || !names_schedule(*id))
      query.refuse("schedule_id", "must be the id of a schedule");
    else
      note("schedule_id", stat_group::schedule, to_text(*id));
  }
}

expected<stats_request> read_stats(const request& asked, instant now) {
  query_reader query{asked};
  const auto span = read_span(query, now, usual_span, duration{0}, stat_minutes.length);
  stats_request wanted;
  wanted.what = {span.from, span.to, span.step};
  wanted.what.group_by = read_group(query, "status", &wanted.by_status);
  read_only(query, wanted.what);
  choose_grain(query, now, wanted.what);
  wanted.what.series_max =
      static_cast<std::size_t>(series_that_fit(span, query.limit(series_default, series_max)));
  if (auto checked = std::move(query).finish(); !checked)
    return std::move(checked).error();
  return wanted;
}

// -- the answer -------------------------------------------------------------------

void write_milliseconds(json::writer& out, std::string_view name,
                        const std::optional<duration>& length) {
  out.key(name);
  length ? out.integer(length->count()) : out.null();
}

void write_point(json::writer& out, instant at, const stat_counts& counts) {
  constexpr double middle = 0.5;
  constexpr double most = 0.99;
  out.begin_object().field("at", format_instant(at));
  for (std::size_t what = 0; what < stat_count; ++what)
    out.field(to_string(static_cast<stat>(what)), counts.counts[what]);
  write_milliseconds(out, "start_lag_p50_ms", counts.start_lag.quantile(middle));
  write_milliseconds(out, "start_lag_p99_ms", counts.start_lag.quantile(most));
  write_milliseconds(out, "run_time_p50_ms", counts.run_time.quantile(middle));
  write_milliseconds(out, "run_time_p99_ms", counts.run_time.quantile(most));
  out.end_object();
}

instant begin_of(const stat_query& asked, std::size_t step) {
  return asked.from + static_cast<std::int64_t>(step) * asked.step;
}

void write_series(json::writer& out, const stat_query& asked, const stat_series& one) {
  out.begin_object();
  add_text(out, "group", one.name);
  out.field("is_other", one.is_other);
  out.key("points").begin_array();
  for (std::size_t at = 0; at < one.steps.size(); ++at)
    write_point(out, begin_of(asked, at), one.steps[at]);
  out.end_array().end_object();
}

/// A series for each thing that is counted.
void write_by_status(json::writer& out, const stat_query& asked, const stat_series& all) {
  for (std::size_t what = 0; what < stat_count; ++what) {
    out.begin_object();
    out.field("group", to_string(static_cast<stat>(what))).field("is_other", false);
    out.key("points").begin_array();
    for (std::size_t at = 0; at < all.steps.size(); ++at) {
      out.begin_object().field("at", format_instant(begin_of(asked, at)));
      out.field("count", all.steps[at].counts[what]).end_object();
    }
    out.end_array().end_object();
  }
}

std::string write_stats(const stats_request& asked, const stat_answer& found) {
  const auto& what = asked.what;
  json::writer out;
  out.begin_object();
  write_span(out, {what.from, what.to, what.step});
  out.field("resolution", format_duration(what.grain.length));
  add_text(out, "group_by",
           asked.by_status ? "status"
           : what.group_by ? to_string(*what.group_by)
                           : "");
  out.field("is_partial", found.is_partial);
  out.key("series").begin_array();
  for (const auto& one : found.series)
    asked.by_status ? write_by_status(out, what, one) : write_series(out, what, one);
  out.end_array().end_object();
  return out.take();
}

void show_stats(const api& with, const request& asked, responder reply) {
  auto wanted = read_stats(asked, with.core.now());
  if (!wanted)
    return reply(std::move(wanted).error());
  with.core.read_stats(wanted->what, carillon::answer<stat_answer>{
                                         [wanted = *wanted, reply](expected<stat_answer> found) {
                                           if (!found)
                                             return reply(std::move(found).error());
                                           reply(response{200, write_stats(wanted, *found)});
                                         }});
}

constexpr route routes[] = {{"GET", "/v1/stats", show_stats, access::tasks_read}};

}  // namespace

std::span<const route> stats_surface() {
  return routes;
}

}  // namespace carillon::http
