#pragma once

#include <string>
#include <string_view>

#include "http/body_reader.hpp"
#include "http/exchange.hpp"
#include "model/topic_event.hpp"

namespace carillon::http {

inline constexpr std::size_t topic_bytes_max = 200;
inline constexpr std::size_t event_id_bytes_max = 255;

/// `topic`: what is published, or listened to.
std::string read_topic(body_reader& in);

/// The publisher's id: a field of the body, or one of the headers Idempotency-Key and webhook-id.
/// All that are given must say the same. Empty: none.
std::string read_event_id(body_reader& in, std::string_view field, const request& asked,
                          fault_list& faults);

}  // namespace carillon::http
