#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "model/instant.hpp"

namespace carillon::http {

/// The address of the next page: the request's own with another cursor, for a Link header (RFC
/// 8288).
std::string link_to_next(const request& asked, std::string_view cursor);

/// Reads the query of a request by types and gathers everything that is wrong with it. Call it for
/// each parameter that the route knows, then finish(): what was not asked for is refused by name.
class query_reader {
public:
  /// The request must outlive it.
  explicit query_reader(const request& asked) : asked_{&asked} {}

  struct range {
    std::int64_t min;
    std::int64_t max;
  };

  /// What is wrong gives the fallback (or nothing): the fault is told by finish().
  std::int64_t integer(std::string_view name, range allowed, std::int64_t fallback);
  std::int64_t limit(std::int64_t fallback, std::int64_t max);
  std::int64_t offset();
  std::optional<std::string> text(std::string_view name, std::size_t bytes_max = 256);
  /// All values of a parameter that may be given several times, each once.
  std::vector<std::string> texts(std::string_view name, std::size_t bytes_max = 256);
  /// The parameters that begin so, with what stands behind it, and their values.
  std::vector<std::pair<std::string, std::vector<std::string>>> beginning_with(
      std::string_view prefix);
  std::optional<instant> moment(std::string_view name);
  std::optional<duration> length(std::string_view name, duration min, duration max);
  bool flag(std::string_view name, bool fallback);

  /// The place of the value among `words`, in any case of letters.
  std::optional<std::size_t> one_of(std::string_view name, std::span<const std::string_view> words);

  /// Adds a fault that only the route can see.
  void refuse(std::string_view name, std::string message);

  /// Refuses what is unknown or was given twice.
  expected<void> finish() &&;

private:
  const std::string* find(std::string_view name);
  void add_fault(std::string_view name, std::string message, std::string_view value);

  const request* asked_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> repeatable_;
  fault_list faults_;
};

}  // namespace carillon::http
