#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/scheduler.hpp"
#include "http/body_reader.hpp"
#include "http/query.hpp"

namespace carillon::http {

// Parts of filters, each by the query or by a body.

inline constexpr std::size_t filter_text_bytes_max = 256;

/// NAME_from, inclusive, and NAME_to, exclusive.
storage::time_range read_range(query_reader& query, const char* from, const char* to);
storage::time_range read_range(body_reader& in, const char* from, const char* to);

/// Texts alone or in a list; empty when absent.
std::vector<std::string> read_texts(body_reader& in, std::string_view name);

/// Ids of agents, tokens, or "operator".
std::vector<std::string> read_creators(query_reader& query);

/// `payload.PATH=VALUE`: JSON, or a text that is none.
std::vector<storage::payload_match> read_payload(query_reader& query);
/// `payload`: an object of paths and values, each alone or in a list.
std::vector<storage::payload_match> read_payload(body_reader& in);

}  // namespace carillon::http
