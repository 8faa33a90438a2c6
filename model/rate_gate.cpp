#include "model/rate_gate.hpp"

#include <algorithm>

namespace carillon {

using std::chrono::ceil;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

constexpr nanoseconds one_second = seconds{1};

}  // namespace

seconds rate_limit::window() const {
  return std::max(seconds{1}, seconds{(bucket() + per_second - 1) / per_second});
}

rate_verdict rate_gate::take(const rate_limit& limit, time now) {
  const auto step = std::max(nanoseconds{1}, one_second / limit.per_second);
  const auto whole = step * limit.bucket();
  // Whoever lowers a limit does not make a debt of what was admitted before.
  const auto missing = std::clamp<nanoseconds>(full_at_ - now, nanoseconds{0}, whole);
  rate_verdict out;
  const auto after = missing + step;
  out.admitted = after <= whole;
  const auto kept = out.admitted ? after : missing;
  if (!out.admitted)
    out.next_after = std::max(seconds{1}, ceil<seconds>(after - whole));
  out.remaining = (whole - kept) / step;
  out.full_after = ceil<seconds>(kept);
  full_at_ = now + kept;
  return out;
}

}  // namespace carillon
