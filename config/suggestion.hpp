#pragma once

#include <span>
#include <string>
#include <string_view>

namespace carillon {

/// The candidate that was probably meant by a mistyped word: the closest by edit distance, or one
/// that ends in the whole word ("listen" -> "http.listen"). Empty when none is close.
std::string closest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean X?" with `prefix` before X, or nothing when `meant` is empty.
std::string did_you_mean(std::string_view meant, std::string_view prefix = {});

}  // namespace carillon
