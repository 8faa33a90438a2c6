#include "http/outcome_input.hpp"

namespace carillon::http {

task_event read_completion(const api&, body_reader& in, std::uint64_t token) {
  event::succeeded news{token};
  if (const auto result = in.any("result"))
    news.result = result->raw;
  return news;
}

task_event read_failure(const api& with, body_reader& in, std::uint64_t token) {
  event::failed news{token};
  news.error = in.text("error", {0, message_bytes_max}).value_or("no reason was given");
  news.retryable = in.flag("retryable").value_or(true);
  if (const auto wait = in.length("retry_after", duration{0}, retry_wait_max))
    news.retry_at = with.core.now() + *wait;
  return news;
}

}  // namespace carillon::http
