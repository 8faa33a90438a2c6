#pragma once

#include <cstdint>
#include <string>

namespace carillon::bench {

/// A small fast generator (splitmix64): the same seed gives the same payloads on every machine.
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// A number below `bound`, which is not 0.
  std::uint64_t below(std::uint64_t bound);

private:
  std::uint64_t state_;
};

/// Writes payloads that look like what a retailer schedules: a JSON object of about 510 bytes with
/// a business unit, lists of stores and items, ids and a few words. Words, units and kinds repeat
/// (as they do in real data: a store may compress them); ids, quantities and prices do not. The
/// first member is `"seq"`, by which the bench knows its task again.
class payload_maker {
public:
  explicit payload_maker(std::uint64_t seed) : random_(seed) {}

  void append(std::string& out, std::uint64_t sequence);

private:
  void append_stores(std::string& out);
  void append_items(std::string& out);
  void append_note(std::string& out, std::size_t until);

  random_numbers random_;
};

}  // namespace carillon::bench
