#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// Reads a JSON object by fields and types and gathers everything that is wrong with it. Read each
/// field that the route knows, then finish(): what was not asked for is refused by name. A field
/// that is null counts as absent, but for any().
class body_reader {
public:
  /// `object` must be an object of a checked text that outlives the reader; `location` is "body" or
  /// deeper.
  /// What the object does not name is as in `defaults`.
  body_reader(json::value object, std::string location, fault_list& faults,
              std::span<const json::member> defaults = {});

  struct lengths {
    std::size_t min = 0;
    std::size_t max = 255;
  };
  struct range {
    std::int64_t min;
    std::int64_t max;
  };

  [[nodiscard]] bool has(std::string_view name);
  /// Whether the field is there and null: what a change clears.
  [[nodiscard]] bool is_null(std::string_view name);
  /// Empty, with a fault unless the field is absent, when it is not what it should be.
  std::optional<std::string> text(std::string_view name, lengths allowed);
  std::optional<std::int64_t> integer(std::string_view name, range allowed);
  std::optional<double> number(std::string_view name, double min, double max);
  std::optional<bool> flag(std::string_view name);
  std::optional<instant> moment(std::string_view name);
  std::optional<duration> length(std::string_view name, duration min, duration max);
  /// An instant, or a duration counted from `now`.
  std::optional<instant> moment_or_length(std::string_view name, instant now);
  std::vector<std::string> texts(std::string_view name, lengths each, std::size_t count_max);
  std::optional<json::value> any(std::string_view name);
  std::optional<json::value> object(std::string_view name);
  std::optional<std::vector<json::value>> array(std::string_view name);

  void require(std::string_view name);
  void refuse(std::string_view name, std::string message, std::string_view value = {});

  /// "body.retry"
  [[nodiscard]] std::string location_of(std::string_view name) const;

  /// Refuses the fields that nobody read.
  void finish();

private:
  struct field {
    json::member found;
    bool known = false;
  };
  /// The field, unless absent or null.
  const json::value* find(std::string_view name);
  std::optional<std::string> any_text(std::string_view name);

  std::string location_;
  fault_list& faults_;
  std::vector<field> fields_;
};

/// Reads the body of a request as an object; an empty body is an empty object when `may_be_empty`.
expected<json::value> read_object(std::string_view body, bool may_be_empty = false);

}  // namespace carillon::http
