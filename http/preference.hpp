#pragma once

#include <chrono>
#include <optional>

#include "http/exchange.hpp"
#include "model/instant.hpp"

namespace carillon::http {

/// How long the client would rather wait for the whole answer (Prefer: wait=15, RFC 7240), at most
/// `limit`; empty when it does not say so. The first of several counts; what is no number of
/// seconds is no preference.
std::optional<std::chrono::seconds> preferred_wait(const request& asked, duration limit);

}  // namespace carillon::http
