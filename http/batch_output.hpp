#pragma once

#include <string>

#include "model/batch.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// A batch as the native surface shows it.
void write_batch(json::writer& out, const batch_view& view);
std::string native_batch(const batch_view& view);

}  // namespace carillon::http
