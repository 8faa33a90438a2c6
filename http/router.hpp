#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/policy.hpp"

namespace carillon::http {

/// What the handlers work with. The surfaces define it; the server only hands it on.
struct api;

/// The request is only there during the call.
using handler = void (*)(const api&, const request&, responder);
using stream_handler = void (*)(const api&, request, std::shared_ptr<stream>);

/// One row of a surface's table. Without a policy it does not compile. Whom it does not serve is
/// refused before the handler.
struct route {
  std::string_view method;
  std::string_view pattern;  ///< "/v1/tasks/{id}/cancel"
  handler run;               ///< Null when every request is streamed.
  policy needs;
  stream_handler stream = nullptr;  ///< For application/x-ndjson bodies, or for all without `run`.
};

/// Finds the route of a request. Immutable once made, for any number of threads.
class router {
public:
  /// The tables must outlive it. Two rows of the same method and pattern are a programming error.
  explicit router(std::span<const std::span<const route>> tables);
  ~router();
  router(router&&) noexcept;
  router& operator=(router&&) noexcept;

  struct match {
    const route* found = nullptr;
    std::string_view allow = {};  ///< The methods of the path, "GET, HEAD, OPTIONS"; empty: 404.
  };

  /// A literal segment is preferred to a parameter. HEAD finds the route of GET. "." and ".." match
  /// nothing, nor does an empty segment. What {..} matched is put into `parameters`.
  match find(std::string_view method, std::span<const std::string> segments,
             std::vector<std::string>& parameters) const;

private:
  struct node;
  struct search;
  void add(const route& row);

  std::unique_ptr<node> root_;
};

}  // namespace carillon::http
