#include "storage/derived_tally.hpp"

namespace carillon::storage {

derived_tally::cell derived_tally::value_of(const derived_entry& entry) {
  constexpr std::hash<std::string_view> hash;
  auto bits = hash(entry.key);
  if (!has_free_value(family_of(entry.where, entry.key)))
    bits = bits * 0x9E3779B97F4A7C15ULL + hash(entry.value);
  // The finish of splitmix64: sums of what is left do not cancel each other out.
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBULL;
  return {1, bits ^ bits >> 31};
}

}  // namespace carillon::storage
