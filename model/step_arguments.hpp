#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"
#include "model/json.hpp"

namespace carillon {

/// Reads the arguments of a step, whose templates are filled in. The first thing that is wrong is
/// kept; until then absent and wrong arguments read as empty.
class arguments_reader {
public:
  /// `object` must outlive this.
  arguments_reader(const json::value& object, std::string_view uses);

  std::optional<json::value> any(std::string_view name);
  std::optional<json::value> object(std::string_view name);
  std::optional<json::value> array(std::string_view name);
  std::string text(std::string_view name);  ///< Must be there, and not be empty.
  std::string text_or(std::string_view name, std::string_view fallback);
  std::optional<duration> seconds(std::string_view name);  ///< Rounded up to milliseconds.

  /// What is wrong, for a person; an argument that nobody asked for is.
  std::optional<std::string> finish();

private:
  std::optional<json::value> of_kind(std::string_view name, json::kind kind);
  void refuse(std::string_view name, std::string_view why);

  struct argument {
    std::string name;
    json::value value;
    bool is_known = false;
  };
  std::string_view uses_;
  std::vector<argument> all_;
  std::optional<std::string> wrong_;
};

}  // namespace carillon
