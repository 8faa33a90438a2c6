#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/jmespath_value.hpp"

namespace carillon {

namespace jmes {
struct node;
}

/// A JMESPath expression that has been read: the language of jmespath.org, specification 1.0. Never
/// changes: copies are cheap, and threads may share one.
///
/// Problems are of kind invalid and name the place: "at character 12: expected ...", where the rest
/// begins with "unknown function", "wrong arity", "wrong type" or "not a value" if it is that. No
/// search takes more than a million steps or makes more than 16 MiB.
class jmespath {
public:
  static constexpr std::size_t text_bytes_max = 8192;

  static expected<jmespath> compile(std::string_view text);

  [[nodiscard]] expected<jmespath_value> search(const jmespath_value& root) const;
  /// And adds the steps that it took to `steps`.
  expected<jmespath_value> search(const jmespath_value& root, std::size_t& steps) const;

  /// From JSON text to JSON text. Text that is no JSON is a problem of kind malformed.
  [[nodiscard]] expected<std::string> evaluate(std::string_view json) const;

private:
  using row = std::vector<jmes::node>;
  explicit jmespath(std::shared_ptr<const row> compiled) : row_{std::move(compiled)} {}

  std::shared_ptr<const row> row_;
};

}  // namespace carillon
