#include "config/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace carillon {

namespace {

// Beyond this nothing is a typing error, and the distance would take quadratic time.
constexpr std::size_t word_length_max = 64;
constexpr std::size_t edits_max = 3;

/// Levenshtein, row by row.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

bool ends_in_word(std::string_view candidate, std::string_view word) {
  return candidate.size() > word.size() + 1 && candidate.ends_with(word)
         && std::isalnum(static_cast<unsigned char>(candidate[candidate.size() - word.size() - 1]))
                == 0;
}

}  // namespace

std::string closest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > word_length_max)
    return {};
  auto best_distance = std::min(edits_max, word.size() / 2) + 1;
  std::string best;
  for (const auto& candidate : candidates) {
    const auto distance = ends_in_word(candidate, word) ? 1 : edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view meant, std::string_view prefix) {
  if (meant.empty())
    return {};
  return std::string{"; did you mean "}.append(prefix).append(meant).append("?");
}

}  // namespace carillon
