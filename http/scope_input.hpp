#pragma once

#include <string>
#include <vector>

#include "http/body_reader.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

/// The field `scopes`; words that give nothing are refused.
std::vector<std::string> read_scopes(body_reader& in);

/// Whether whoever asks has all that the scopes give; answers 403 when not.
bool may_give(const std::vector<std::string>& scopes, const request& asked, const responder& reply);

}  // namespace carillon::http
