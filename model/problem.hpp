#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// What went wrong, from the point of view of whoever has to react to it.
enum class problem_kind {
  malformed,    ///< The text cannot be read at all (HTTP 400).
  invalid,      ///< Well-formed, but the caller must change it (422).
  not_found,    ///< No such thing (404).
  conflict,     ///< The thing is not in a state that allows this (409).
  unavailable,  ///< Try again later: overload, shutdown, disk full (503).
  corrupt,      ///< Stored bytes do not decode. An operator must look (500).
  too_many,     ///< Whoever asks, or all together, ask for too much at once (429).
};

/// One thing wrong with an input.
struct fault {
  std::string location;    ///< Where, such as "body.retry.max_retries" or "query.limit".
  std::string message;     ///< What is expected there, for a person, without a full stop.
  std::string value = {};  ///< What was found, as it came and cut short; empty when absent.

  bool operator==(const fault&) const = default;
};

/// An expected failure. Programming errors are assertions, never problems.
struct problem {
  problem_kind kind;
  std::string detail;              ///< One sentence for a person, without a full stop.
  std::vector<fault> faults = {};  ///< For bad input: all of them at once.

  bool operator==(const problem&) const = default;
};

template <class T>
using expected = boost::system::result<T, problem>;

/// The name of the kind in logs: "malformed", "invalid", ...
std::string_view to_string(problem_kind kind);

/// Called by expected<T>::value() on a problem, which is a programming error.
[[noreturn]] void throw_exception_from_error(const problem& cause, const boost::source_location&);

/// A fault's `value` is an echo of input: never more than this many bytes of it.
inline constexpr std::size_t fault_value_bytes_max = 256;

/// `input` cut to fault_value_bytes_max without breaking a UTF-8 sequence.
std::string excerpt(std::string_view input);

/// Gathers the faults of one input, so that all are told at once.
class fault_list {
public:
  void add(std::string location, std::string message, std::string_view value = {});
  [[nodiscard]] bool empty() const { return faults_.empty(); }
  /// A problem of kind invalid with all that was gathered.
  [[nodiscard]] problem to_problem() &&;

private:
  std::vector<fault> faults_;
};

}  // namespace carillon
