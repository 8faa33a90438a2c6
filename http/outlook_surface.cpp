#include "actors/outlook.hpp"

#include <algorithm>
#include <charconv>

#include "actors/scheduler.hpp"
#include "http/api.hpp"
#include "http/chart_query.hpp"
#include "http/tables.hpp"
#include "http/work_output.hpp"

// What is planned: GET /v1/upcoming, one by one, and GET /v1/forecast, how much of it.

namespace carillon::http {
namespace {

// -- upcoming -----------------------------------------------------------------------

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;
constexpr duration usual_time_ahead = std::chrono::hours{24 * 7};
constexpr duration time_ahead_max = std::chrono::hours{24 * 366};

/// The place behind an item: its milliseconds since 1970, and its id.
std::string cursor_of(const planned_item& item) {
  return std::to_string(item.at.time_since_epoch().count()) + '.' + to_uuid(item.id);
}

std::optional<std::pair<instant, task_id>> parse_cursor(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == text.npos)
    return std::nullopt;
  std::int64_t moment = 0;
  const auto* end = text.data() + dot;
  const auto [stop, error] = std::from_chars(text.data(), end, moment);
  const auto id = parse_task_id(text.substr(dot + 1));
  if (error != std::errc{} || stop != end || !id)
    return std::nullopt;
  return std::pair{instant{duration{moment}}, *id};
}

expected<upcoming_request> read_upcoming(const request& asked, instant now) {
  query_reader query{asked};
  upcoming_request wanted;
  wanted.from = query.moment("from").value_or(now);
  wanted.to = query.moment("to").value_or(wanted.from + usual_time_ahead);
  wanted.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  if (wanted.to <= wanted.from || wanted.to - wanted.from > time_ahead_max)
    query.refuse("to", "must be behind from, at most 366 days");
  if (const auto text = query.text("cursor")) {
    wanted.behind = parse_cursor(*text);
    if (!wanted.behind)
      query.refuse("cursor", "must be next_cursor of an answer");
  }
  if (auto checked = std::move(query).finish(); !checked)
    return std::move(checked).error();
  return wanted;
}

void write_item(json::writer& out, const planned_item& item) {
  out.begin_object().field("at", format_instant(item.at));
  if (item.waiting) {
    const auto& spec = *item.waiting->spec;
    out.field("kind", "task").field("task_id", to_text(item.id));
    out.key("schedule_id");
    spec.schedule ? out.string(to_text(*spec.schedule)) : out.null();
    out.field("status", to_string(status_of(*item.waiting)));
    add_text(out, "task_type", spec.task_type);
    add_texts(out, "tags", spec.tags);
  } else {
    const auto& spec = *item.source->spec;
    out.field("kind", "moment").key("task_id").null();
    out.field("schedule_id", to_text(item.id)).field("name", spec.name);
    add_text(out, "task_type", spec.work.task_type);
    add_texts(out, "tags", spec.work.tags);
  }
  out.end_object();
}

response show_upcoming(const request& asked, const upcoming_request& wanted,
                       const upcoming_page& found) {
  json::writer out;
  out.begin_object();
  out.field("from", format_instant(wanted.from)).field("to", format_instant(wanted.to));
  out.field("limit", wanted.limit).field("has_more", found.has_more);
  out.field("is_cut", found.is_cut);
  const auto cursor = found.has_more ? cursor_of(found.items.back()) : std::string{};
  add_text(out, "next_cursor", cursor);
  out.key("items").begin_array();
  for (const auto& item : found.items)
    write_item(out, item);
  out.end_array().end_object();
  header_list headers;
  if (found.has_more)
    headers.emplace_back("Link", link_to_next(asked, cursor));
  return {200, out.take(), std::move(headers)};
}

void list_upcoming(const api& with, const request& asked, responder reply) {
  auto wanted = read_upcoming(asked, with.core.now());
  if (!wanted)
    return reply(std::move(wanted).error());
  with.core.list_upcoming(
      *wanted, [reply] { return reply.wanted(); },
      carillon::answer<upcoming_page>{
          [asked, wanted = *wanted, reply](expected<upcoming_page> found) {
            if (!found)
              return reply(std::move(found).error());
            reply(show_upcoming(asked, wanted, *found));
          }});
}

// -- forecast -----------------------------------------------------------------------

constexpr duration usual_span = std::chrono::hours{24};
constexpr duration step_min = std::chrono::seconds{1};
constexpr std::int64_t series_default = 10;
constexpr std::int64_t series_max = 100;

void write_points(json::writer& out, const load_forecast& load, const load_forecast::series& one) {
  out.key("points").begin_array();
  for (std::size_t at = 0; at < one.points.size(); ++at) {
    const auto begin = load.from() + static_cast<std::int64_t>(at) * load.step();
    out.begin_object().field("at", format_instant(begin));
    out.field("starts", one.points[at].starts);
    out.field("concurrency", one.points[at].concurrency).end_object();
  }
  out.end_array();
}

/// The step with the most of something; null when there is nothing at all.
template <class Value>
void write_peak(json::writer& out, std::string_view name, const load_forecast& load,
                const load_forecast::series& all, Value load_forecast::point::*what) {
  const auto peak = std::ranges::max_element(all.points, {}, what);
  out.key(name);
  if (peak == all.points.end() || (*peak).*what == Value{}) {
    out.null();
    return;
  }
  const auto begin = load.from() + (peak - all.points.begin()) * load.step();
  out.begin_object().field("at", format_instant(begin)).field("value", (*peak).*what).end_object();
}

std::string write_forecast(const forecast_request& asked, const forecast_answer& found,
                           std::int64_t groups_max) {
  const auto& load = found.load;
  const auto all = load.total();
  json::writer out;
  out.begin_object();
  write_span(out, {load.from(), load.to(), load.step()});
  add_text(out, "group_by", asked.group_by ? to_string(*asked.group_by) : "");
  out.field("schedules", found.schedules).field("tasks", found.tasks);
  out.field("is_cut", found.is_cut).field("starts", all.starts);
  write_peak(out, "peak_starts", load, all, &load_forecast::point::starts);
  write_peak(out, "peak_concurrency", load, all, &load_forecast::point::concurrency);
  auto series = std::vector{all};
  if (asked.group_by)
    series = load.by_group(static_cast<std::size_t>(groups_max));
  out.key("series").begin_array();
  for (const auto& one : series) {
    out.begin_object();
    add_text(out, "group", one.group);
    out.field("is_other", one.is_other).field("starts", one.starts);
    write_points(out, load, one);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

void show_forecast(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto span = read_span(query, with.core.now(), duration{0}, usual_span, step_min);
  forecast_request wanted{span.from, span.to, span.step, read_group(query, {})};
  const auto groups = series_that_fit(span, query.limit(series_default, series_max));
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.forecast(
      wanted, [reply] { return reply.wanted(); },
      carillon::answer<forecast_answer>{[wanted, groups, reply](expected<forecast_answer> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(response{200, write_forecast(wanted, *found, groups)});
      }});
}

constexpr route routes[] = {
    {"GET", "/v1/upcoming", list_upcoming, access::tasks_read},
    {"GET", "/v1/forecast", show_forecast, access::tasks_read},
};

}  // namespace

std::span<const route> outlook_surface() {
  return routes;
}

}  // namespace carillon::http
