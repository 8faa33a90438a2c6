#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"

/// Entity tags (RFC 9110, 8.8.3 and 13). A tag is the version of what people may change, where the
/// resource has one, and a digest of the representation: "v-d", or "d". A compressed representation
/// has "-gzip" behind it.
namespace carillon::http {

/// Whether answers of that route tell an entity tag.
bool has_tag(std::string_view pattern);

/// For a handler: the version that set_tag() puts into the tag.
void add_version(response& what, std::uint64_t version);

[[nodiscard]] bool has_version(const response& what);

/// Gives a whole representation its tag.
void set_tag(response& what);

/// Whether the client has it already (If-None-Match): the answer is 304 without a body then.
bool is_known(const response& what, std::string_view if_none_match);

/// Appends "-gzip" to the tag.
void set_gzip_tag(response& what);

/// The versions that If-Match names; empty: any will do. A tag that is weak, or none of ours, names
/// no version, so that nothing is changed.
std::optional<std::vector<std::uint64_t>> wanted_versions(const request& asked);

/// 412.
response stale_response(std::string_view path, std::string_view request_id);

}  // namespace carillon::http
