#include "http/event_input.hpp"

#include "http/text.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view printable = "must be printable characters";

/// Of a header, as a body_reader would say it of a field.
void read_header(const request& asked, std::string_view name, std::string& id, fault_list& faults) {
  const auto text = asked.header(name);
  const auto location = "header." + std::string{name};
  if (text.empty())
    return;
  if (text.size() > event_id_bytes_max)
    faults.add(location, "must have at most " + std::to_string(event_id_bytes_max) + " bytes",
               text);
  else if (has_control(text) || !is_utf8(text))
    faults.add(location, std::string{printable}, text);
  else if (!id.empty() && id != text)
    faults.add(location, "must be the id that is given elsewhere in the request", text);
  else
    id = text;
}

}  // namespace

std::string read_topic(body_reader& in) {
  in.require("topic");
  auto topic = in.text("topic", {1, topic_bytes_max}).value_or("");
  if (has_control(topic))
    in.refuse("topic", std::string{printable}, topic);
  return topic;
}

std::string read_event_id(body_reader& in, std::string_view field, const request& asked,
                          fault_list& faults) {
  auto id = in.text(field, {1, event_id_bytes_max}).value_or("");
  if (has_control(id))
    in.refuse(field, std::string{printable}, id);
  for (const std::string_view name : {"idempotency-key", "webhook-id"})
    read_header(asked, name, id, faults);
  if (id == "topics")  // GET /v1/events/topics is a list
    in.refuse(field, "is taken: it names the list of topics", id);
  return id;
}

}  // namespace carillon::http
