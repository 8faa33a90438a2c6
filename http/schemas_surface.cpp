#include "http/asset_response.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"

// The JSON Schemas (2020-12) of the runner surface's objects: what "$schema" in an answer leads to.

namespace carillon::http {
namespace {

void get_schema(const api&, const request& asked, responder reply) {
  if (auto found = asset_response(asked))
    return reply(*std::move(found));
  reply(problem{problem_kind::not_found, "no such schema"});
}

constexpr route routes[] = {{"GET", "/schemas/{name}", get_schema, access::anyone}};

}  // namespace

std::span<const route> schemas_surface() {
  return routes;
}

}  // namespace carillon::http
