#include "http/asset_response.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"

// The document that describes all surfaces (OpenAPI 3.1), and a page that shows it.

namespace carillon::http {
namespace {

void get_asset(const api&, const request& asked, responder reply) {
  if (auto found = asset_response(asked))
    return reply(*std::move(found));
  reply(problem{problem_kind::not_found, "no such file"});
}

// clang-format off
constexpr route routes[] = {
  {"GET", "/openapi.json", get_asset, access::anyone},
  {"GET", "/docs",         get_asset, access::anyone},
  {"GET", "/docs/{file}",  get_asset, access::anyone},
};
// clang-format on

}  // namespace

std::span<const route> openapi_surface() {
  return routes;
}

}  // namespace carillon::http
