#pragma once

#include <string>
#include <string_view>

namespace carillon::http {

/// Whether what goes by that name is secret: "token", "X-Api-Key".
bool is_secret_name(std::string_view key);

/// A body as it may be kept and shown: JSON with whatever is secret by its name or its look
/// replaced. Text over `bytes_max` is cut, and marked: {"cut":true,"bytes":..,"text":".."}. Empty
/// for what is no JSON.
std::string masked(std::string_view body, std::size_t bytes_max);

}  // namespace carillon::http
