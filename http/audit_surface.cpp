#include "http/audit_output.hpp"
#include "http/lists.hpp"
#include "http/tables.hpp"
#include "http/work_output.hpp"

#include <array>

// The native surface: /v1/audit, who did what.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 1'000;
constexpr std::string_view id_prefix = "audit_";
constexpr std::string_view nobody = "nobody";  // without a good token

std::string_view outcome_of(const audit_record& what) {
  return is_refused(what) ? "refused" : "done";
}

void add_raw(json::writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.raw(text);
}

/// A cell: quoted, and what a spreadsheet would take for a formula is text.
std::string cell(std::string_view text) {
  constexpr std::string_view formulas = "=+-@\t\r\n";
  std::string out = "\"";
  if (!text.empty() && formulas.find(text.front()) != formulas.npos)
    out += '\'';
  for (const char each : text) {
    if (each == '"')
      out += '"';
    out += each;
  }
  return out + '"';
}

void list_audit(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto filter = read_audit_filter(query);
  const auto limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  std::optional<task_id> cursor;
  if (const auto text = query.text("cursor")) {
    cursor = parse_task_id(*text);
    if (!cursor)
      query.refuse("cursor", "must be the next_cursor of an earlier answer");
  }
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_audit(
      std::move(filter), cursor, limit,
      carillon::answer<storage::audit_page>{[asked, reply](expected<storage::audit_page> found) {
        if (!found)
          return reply(std::move(found).error());
        json::writer out;
        out.begin_object().field("has_more", found->next.has_value()).key("next_cursor");
        header_list headers;
        if (found->next) {
          out.string(to_uuid(*found->next));
          headers.emplace_back("Link", link_to_next(asked, to_uuid(*found->next)));
        } else {
          out.null();
        }
        out.key("records").begin_array();
        for (const auto& each : found->items)
          write_audit(out, each);
        out.end_array().end_object();
        reply(response{200, out.take(), std::move(headers)});
      }});
}

constexpr route routes[] = {
    {"GET", "/v1/audit", list_audit, access::admin},
    {"GET", "/v1/audit/export", nullptr, access::admin, export_audit},
};

}  // namespace

void write_audit(json::writer& out, const audit_record& what) {
  out.begin_object().field("id", std::string{id_prefix} + to_uuid(what.id));
  out.field("at", format_instant(what.at));
  out.key("who").begin_object().field(
      "kind", what.who_kind.empty() ? nobody : std::string_view{what.who_kind});
  add_text(out, "id", what.who_id);
  add_text(out, "name", what.who_name);
  out.end_object();
  out.field("action", what.action);
  add_text(out, "subject", storage::subject_of(what));
  add_text(out, "made", what.made ? to_uuid(*what.made) : std::string{});
  out.field("outcome", outcome_of(what)).key("status");
  if (what.status == 0)
    out.null();
  else
    out.integer(what.status);
  out.key("count");
  if (what.count == 0)
    out.null();
  else
    out.integer(what.count);
  add_raw(out, "before", what.before);
  add_raw(out, "after", what.after);
  add_text(out, "address", what.address);
  add_text(out, "request_id", what.request_id);
  add_text(out, "user_agent", what.user_agent);
  out.end_object();
}

std::string audit_csv_head() {
  return "id,at,who_kind,who_id,who_name,action,subject,made,outcome,status,count,before,after,"
         "address,request_id,user_agent\r\n";
}

std::string audit_csv(const audit_record& what) {
  const std::array<std::string, 16> cells = {
      std::string{id_prefix} + to_uuid(what.id),
      format_instant(what.at),
      what.who_kind.empty() ? std::string{nobody} : what.who_kind,
      what.who_id,
      what.who_name,
      what.action,
      storage::subject_of(what),
      what.made ? to_uuid(*what.made) : std::string{},
      std::string{outcome_of(what)},
      what.status == 0 ? std::string{} : std::to_string(what.status),
      what.count == 0 ? std::string{} : std::to_string(what.count),
      what.before,
      what.after,
      what.address,
      what.request_id,
      what.user_agent};
  std::string line;
  for (const auto& each : cells)
    line += (line.empty() ? "" : ",") + cell(each);
  return line + "\r\n";
}

storage::audit_filter read_audit_filter(query_reader& query) {
  constexpr std::string_view outcomes[] = {"done", "refused"};
  constexpr std::string_view methods[] = {"POST", "PUT", "PATCH", "DELETE"};
  storage::audit_filter filter;
  filter.from = query.moment("from");
  filter.to = query.moment("to");
  filter.who = query.text("who").value_or("");
  filter.action = query.text("action").value_or("");
  if (const auto place = query.one_of("method", methods))
    filter.method = methods[*place];
  filter.subject = query.text("subject", 1'024).value_or("");
  if (const auto place = query.one_of("outcome", outcomes))
    filter.refused = *place == 1;
  filter.text = query.text("text").value_or("");
  return filter;
}

std::span<const route> audit_surface() {
  return routes;
}

}  // namespace carillon::http
