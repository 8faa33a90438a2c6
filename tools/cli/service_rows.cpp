#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr parameter to_advance[] = {text("--by", "by", "DURATION", "By so much."),
                                    text("--to", "to", "TIME", "To this time.")};

// clang-format off
constexpr verb rows[] = {
  {"server", "ready",   "GET",  "/readyz",           "Say whether it takes work."},
  {"server", "info",    "GET",  "/api/info",         "Show what it is."},
  {"server", "metrics", "GET",  "/metrics",          "Print its figures, for Prometheus.", {}, {}, manner::text},
  {"server", "clock",   "GET",  "/v1/clock",         "Show its time."},
  {"server", "advance", "POST", "/v1/clock/advance", "Move its clock, if that is manual.", to_advance},
};
// clang-format on

}  // namespace

std::span<const verb> service_verbs() {
  return rows;
}

}  // namespace carillon::cli
