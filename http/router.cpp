#include "http/router.hpp"

#include <algorithm>
#include <cassert>

namespace carillon::http {

/// One segment of the patterns.
struct router::node {
  std::string_view literal;  ///< Empty for the root and for a parameter.
  std::vector<std::unique_ptr<node>> literals;
  std::unique_ptr<node> parameter;
  std::vector<const route*> routes;  ///< Of the patterns that end here.
  std::string allow;

  node& child(std::string_view segment) {
    if (segment.starts_with('{')) {
      if (!parameter)
        parameter = std::make_unique<node>();
      return *parameter;
    }
    for (auto& each : literals)
      if (each->literal == segment)
        return *each;
    literals.push_back(std::make_unique<node>());
    literals.back()->literal = segment;
    return *literals.back();
  }

  const route* route_of(std::string_view method) const {
    const auto found = std::ranges::find(routes, method, &route::method);
    if (found != routes.end())
      return *found;
    return method == "HEAD" ? route_of("GET") : nullptr;
  }

  void write_allow() {
    allow.clear();
    for (const auto* each : routes)
      allow += std::string{each->method} + (each->method == "GET" ? ", HEAD, " : ", ");
    allow += "OPTIONS";
  }
};

/// One walk through the tree: depth first, literals first, until a path's end has the method.
struct router::search {
  std::string_view method;
  std::vector<std::string>& parameters;
  match result = {};

  bool walk(const node& at, std::span<const std::string> rest) {
    if (rest.empty()) {
      if (result.allow.empty())
        result.allow = at.allow;
      result.found = at.route_of(method);
      return result.found != nullptr;
    }
    const auto& segment = rest.front();
    for (const auto& each : at.literals)
      if (each->literal == segment && walk(*each, rest.subspan(1)))
        return true;
    if (!at.parameter || segment.empty())
      return false;
    parameters.push_back(segment);
    if (walk(*at.parameter, rest.subspan(1)))
      return true;
    parameters.pop_back();
    return false;
  }
};

router::router(std::span<const std::span<const route>> tables) : root_{std::make_unique<node>()} {
  for (const auto& table : tables)
    for (const auto& row : table)
      add(row);
}

router::~router() = default;
router::router(router&&) noexcept = default;
router& router::operator=(router&&) noexcept = default;

void router::add(const route& row) {
  assert(row.pattern.starts_with('/') && (row.run || row.stream));
  auto* at = root_.get();
  auto rest = row.pattern;
  while (rest.size() > 1) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    at = &at->child(segment);
    rest.remove_prefix(segment.size());
  }
  assert(std::ranges::find(at->routes, row.method, &route::method) == at->routes.end());
  at->routes.push_back(&row);
  at->write_allow();
}

router::match router::find(std::string_view method, std::span<const std::string> segments,
                           std::vector<std::string>& parameters) const {
  parameters.clear();
  if (std::ranges::any_of(segments, [](const auto& each) { return each == "." || each == ".."; }))
    return {};
  search looking{method, parameters};
  looking.walk(*root_, segments);
  return looking.result;
}

}  // namespace carillon::http
