#include "tools/bench/api_client.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "tools/bench/task_answers.hpp"

namespace carillon::bench {

request_maker::request_maker(const api_access& access, std::string_view method,
                             std::string_view target, std::string_view content_type)
    : head_(fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n"
                        "Content-Type: {}\r\n",
                        method, target, access.port, access.token, content_type)) {}

std::string_view request_maker::make(std::string_view body) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size()).ptr;
  request_.assign(head_);
  request_.append("Content-Length: ");
  request_.append(digits.data(), end);
  request_.append("\r\n\r\n");
  request_.append(body);
  return request_;
}

std::string request_maker::chunked_head() const {
  return head_ + "Transfer-Encoding: chunked\r\n\r\n";
}

reply call(event_loop& loop, const api_access& access, std::string_view method,
           std::string_view target, std::string_view body, std::chrono::seconds patience) {
  std::optional<reply> received;
  connection line{loop, access, [&](const answer& news) {
                    received = reply{news.status, std::string{news.body}};
                  }};
  request_maker maker{access, method, target};
  line.send(maker.make(body));
  if (!loop.run([&] { return received.has_value(); }, steady_now() + patience))
    return {0, fmt::format("no answer to {} {} within {} s", method, target, patience.count())};
  return *std::move(received);
}

std::optional<std::uint64_t> count_tasks(event_loop& loop, const api_access& access,
                                         std::string_view filter) {
  const auto target = fmt::format("/v1/tasks?limit=1{}{}", filter.empty() ? "" : "&", filter);
  const auto page = call(loop, access, "GET", target);
  if (page.status != 200)
    return std::nullopt;
  return answer_reader{}.read_total(page.body);
}

}  // namespace carillon::bench
