#include "http/problem_response.hpp"

#include "http/masking.hpp"
#include "http/schema_link.hpp"
#include "http/status.hpp"
#include "http/text.hpp"
#include "model/json.hpp"

namespace carillon::http {

namespace {

/// What was found, without secrets. A cut object cannot be looked through, so it is left out.
std::string shown_value(const fault& what) {
  if (is_secret_name(what.location))
    return {};
  if (what.value.starts_with('{') || what.value.starts_with('['))
    return masked(what.value, fault_value_bytes_max);
  return what.value;
}

response document(int status, std::string_view detail, std::string_view instance,
                  std::string_view request_id, std::string_view schema,
                  const std::vector<fault>& faults) {
  json::writer out;
  out.begin_object();
  if (!schema.empty())
    out.field("$schema", schema);
  out.field("type", "about:blank")
      .field("title", status_text(status))
      .field("status", std::int64_t{status})
      .field("detail", detail)
      .field("instance", encode_path(instance))
      .field("request_id", request_id);
  if (!faults.empty()) {
    out.key("errors").begin_array();
    for (const auto& each : faults) {
      out.begin_object().field("location", each.location).field("message", each.message);
      out.field("value", shown_value(each)).end_object();
    }
    out.end_array();
  }
  out.end_object();
  response made{status, out.take()};
  made.content_type = "application/problem+json";
  if (status == 503)
    made.headers.emplace_back("Retry-After", "1");
  return made;
}

}  // namespace

int status_of(problem_kind kind) {
  // clang-format off
  switch (kind) {
    case problem_kind::malformed:   return 400;
    case problem_kind::invalid:     return 422;
    case problem_kind::not_found:   return 404;
    case problem_kind::conflict:    return 409;
    case problem_kind::unavailable: return 503;
    case problem_kind::corrupt:     return 500;
    case problem_kind::too_many:    return 429;
    case problem_kind::over_quota:  return 429;
  }
  // clang-format on
  return 500;
}

response to_response(const problem& why, std::string_view instance, std::string_view request_id,
                     std::string_view schema) {
  auto made = document(status_of(why.kind), why.detail, instance, request_id, schema, why.faults);
  // There is room again when something has ended, which nobody knows beforehand.
  if (why.kind == problem_kind::over_quota)
    made.headers.emplace_back("Retry-After", "5");
  return made;
}

response to_response(const problem& why, const request& asked) {
  return to_response(why, asked.path, asked.id, error_schema_link(asked));
}

response refuse(int status, std::string_view detail, const request& asked, header_list headers) {
  auto made = document(status, detail, asked.path, asked.id, error_schema_link(asked), {});
  for (auto& each : headers)
    made.headers.push_back(std::move(each));
  return made;
}

problem not_answered() {
  return {problem_kind::unavailable, std::string{not_answered_detail}};
}

}  // namespace carillon::http
