#include <array>
#include <charconv>

#include "http/outcome_input.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"

// The native surface for targets that took a task over: /v1/callbacks. The signed address is what
// lets them in.

namespace carillon::http {
namespace {

constexpr std::size_t status_bytes_max = 64;

struct callback_address {
  task_id id;
  std::uint64_t token = 0;
};

/// Empty unless this server made it.
std::optional<callback_address> read_address(const api& with, const request& asked) {
  const auto& token = asked.parameters[1];
  const auto id = parse_task_id(asked.parameters[0]);
  callback_address address{id.value_or(task_id{})};
  const auto* const end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, address.token);
  if (!id || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  if (!with.core.is_callback(address.id, address.token, asked.parameters[2]))
    return std::nullopt;
  return address;
}

task_event read_progress(const api&, body_reader& in, std::uint64_t token) {
  event::progressed news{token};
  news.progress = in.number("progress", 0, 100);
  news.message = in.text("message", {0, message_bytes_max}).value_or("");
  return news;
}

expected<task_event> read_news(const api& with, std::string_view body, std::uint64_t token) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  in.require("status");
  const auto status = in.text("status", {1, status_bytes_max}).value_or("");
  task_event news;
  if (status == "completed") {
    news = read_completion(with, in, token);
  } else if (status == "failed") {
    news = read_failure(with, in, token);
  } else if (status == "progress") {
    news = read_progress(with, in, token);
  } else {
    if (!status.empty())
      in.refuse("status", "must be completed, failed or progress", status);
    return std::move(faults).to_problem();
  }
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return news;
}

void call_back(const api& with, const request& asked, responder reply) {
  const auto address = read_address(with, asked);
  if (!address)
    return reply(problem{problem_kind::not_found, "no such callback"});
  auto news = read_news(with, asked.body, address->token);
  if (!news)
    return reply(std::move(news).error());
  if (!admit(with, reply))
    return;
  carillon::answer<task_ptr> decided{[reply](expected<task_ptr> outcome) {
    if (!outcome && outcome.error().kind == problem_kind::conflict)
      return reply(
          problem{problem_kind::conflict, "the callback was used already, or its attempt is over"});
    if (!outcome)
      return reply(std::move(outcome).error());
    json::writer out;
    out.begin_object().field("task_id", to_text((*outcome)->id));
    out.field("task_status", to_string(status_of(**outcome))).end_object();
    reply(response{200, out.take()});
  }};
  with.core.ask({{address->id, *std::move(news), std::move(decided)}});
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/callbacks/{task_id}/{token}/{signature}", call_back, access::anyone},
};
// clang-format on

}  // namespace

std::span<const route> callbacks_surface() {
  return routes;
}

}  // namespace carillon::http
