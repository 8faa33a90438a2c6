#pragma once

#include <optional>
#include <string>

#include "http/query.hpp"
#include "model/json.hpp"
#include "model/stat_series.hpp"

namespace carillon::http {

// What the answers that charts are drawn from have in common.

inline constexpr std::int64_t points_max = 1'500;
/// Of all series together.
inline constexpr std::int64_t grouped_points_max = 30'000;

struct chart_span {
  instant from;
  instant to;
  duration step;
};

/// `from`, `to` and `step`, or what is usual: `back` and `ahead` of now, and a step that gives
/// about sixty points. Steps are whole multiples of `grain`.
chart_span read_span(query_reader& query, instant now, duration back, duration ahead,
                     duration grain);

/// `group_by`; empty for none, and for the word `other`, which it may be as well if that is not
/// empty: `is_other` tells.
std::optional<stat_group> read_group(query_reader& query, std::string_view other,
                                     bool* is_other = nullptr);
std::string_view to_string(stat_group kind);

/// How many series of `span` fit into an answer, at most `wanted`.
std::int64_t series_that_fit(const chart_span& span, std::int64_t wanted);

void write_span(json::writer& out, const chart_span& span);

}  // namespace carillon::http
