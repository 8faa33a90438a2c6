#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

// What a task and a schedule's template of tasks share in their bodies.

inline constexpr std::size_t name_bytes_max = 255;
inline constexpr std::size_t tags_max = 32;
inline constexpr std::size_t tag_bytes_max = 100;
inline constexpr duration timeout_max = std::chrono::hours{24 * 7};

/// 003's documented policy: 24 retries, n^4 + 15 + r * (n + 1) seconds.
inline constexpr retry_policy native_retry{24, backoff_kind::steep, std::chrono::seconds{1},
                                           retry_wait_max};

/// `name`: the type of tasks, which names their queue. Names of the server's own hold control
/// characters.
std::optional<std::string> read_task_type(body_reader& in, std::string_view name);

/// What a request may say: services are made by the operator's file alone.
std::optional<schedule_kind> parse_requested_kind(std::string_view word);

/// `target`: a URL, "group:NAME" or "event:TOPIC", or an object with url, method, headers, secret
/// and signature.
std::optional<http_target> read_target(const api& with, body_reader& in, fault_list& faults);

/// `notifications`: a URL or several, or an object with urls and events.
notice_rules read_notices(const api& with, body_reader& in, fault_list& faults);

/// Refuses `field` when the address is none that may be called.
void check_url(const api& with, body_reader& in, std::string_view field, const std::string& url);

/// `retry`; what it leaves out is as in `fallback`.
retry_policy read_retry(body_reader& in, fault_list& faults, const retry_policy& fallback);

/// `components`: names, none of them twice.
std::vector<std::string> read_components(body_reader& in);

/// `concurrency_key`, `concurrency_limit` and `rate_limit`, over what is there already: an absent
/// field stays as it is, null gives its default.
key_limit read_key_limit(body_reader& in, fault_list& faults, key_limit current);

/// A field of something that exists already: absent, it stays as it is; null gives `fallback`.
/// `given` is what the reader found in it.
template <class T>
void update(body_reader& in, std::string_view name, T& field, std::optional<T> given, T fallback) {
  if (given)
    field = *std::move(given);
  else if (in.is_null(name))
    field = std::move(fallback);
}

template <class Number>
void update_number(body_reader& in, std::string_view name, Number& field, body_reader::range range,
                   Number fallback) {
  const auto given = in.integer(name, range);
  update(in, name, field, given ? std::optional{static_cast<Number>(*given)} : std::nullopt,
         fallback);
}

/// The same for a field that may be empty.
template <class T>
void update(body_reader& in, std::string_view name, std::optional<T>& field,
            std::optional<T> given) {
  if (given || in.is_null(name))
    field = std::move(given);
}

}  // namespace carillon::http
