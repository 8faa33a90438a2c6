// Whether the time that a wrong token takes says how much of it is right. After dudect (Reparaz,
// Balasch, Verbauwhede 2017): two kinds of input in random order, the slowest measurements cut off
// at several places, Welch's t of what is left. |t| below 4.5 shows no difference.
//
//   carillon-token-timing [measurements]

#include <x86intrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "actors/token_book.hpp"
#include "http/bearer.hpp"
#include "storage/crypto.hpp"

namespace {

using namespace carillon;

struct measurement {
  std::uint64_t ticks;
  bool is_second;
};

/// Welch's t of the measurements up to `limit` ticks.
double t_of(const std::vector<measurement>& all, std::uint64_t limit) {
  std::array<double, 2> count{};
  std::array<double, 2> mean{};
  std::array<double, 2> squares{};
  for (const auto& [ticks, is_second] : all) {
    if (ticks > limit)
      continue;
    const auto at = is_second ? 1U : 0U;
    count[at] += 1;
    const auto off = static_cast<double>(ticks) - mean[at];
    mean[at] += off / count[at];
    squares[at] += off * (static_cast<double>(ticks) - mean[at]);
  }
  const auto spread =
      squares[0] / (count[0] * (count[0] - 1)) + squares[1] / (count[1] * (count[1] - 1));
  return (mean[0] - mean[1]) / std::sqrt(spread);
}

/// The greatest |t| over the places where slow measurements are cut off.
double worst_t(std::vector<measurement> all) {
  std::vector<std::uint64_t> sorted;
  for (const auto& each : all)
    sorted.push_back(each.ticks);
  std::ranges::sort(sorted);
  double worst = 0;
  for (const double share : {0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
    worst = std::max(worst, std::abs(t_of(all, sorted[at])));
  }
  return worst;
}

/// `make` gives an input of the first or the second kind. A thousand are made before the first of
/// them is measured: what was just written or decided would tell the two kinds apart.
void measure(const char* what, std::size_t wanted, const std::function<std::string(bool)>& make,
             const std::function<void(const std::string&)>& run) {
  constexpr std::size_t batch = 1'000;
  std::mt19937_64 dice{std::random_device{}()};
  std::vector<measurement> all;
  while (all.size() < wanted) {
    std::vector<std::pair<std::string, bool>> inputs;
    for (std::size_t count = 0; count < batch; ++count) {
      const bool is_second = (dice() & 1U) != 0;
      inputs.emplace_back(make(is_second), is_second);
    }
    for (const auto& [input, is_second] : inputs) {
      unsigned unused = 0;
      const auto start = __rdtscp(&unused);
      run(input);
      all.push_back({__rdtscp(&unused) - start, is_second});
    }
  }
  std::printf("%-44s %zu measurements, |t| = %.2f\n", what, all.size(), worst_t(all));
}

/// The first or the last twenty characters are wrong. So many that none comes twice: a few tokens
/// would tell of their digests, which nobody can choose.
void spoil(std::string& token, bool at_end, std::mt19937& dice) {
  constexpr std::size_t count = 20;
  auto* const from = token.data() + (at_end ? token.size() - count : 0);
  for (std::size_t at = 0; at < count; ++at)
    from[at] = static_cast<char>('A' + dice() % 26);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::string good = "carillon_" + std::string(43, 'g');
  token_book book;
  book.set_operator(http::bearer::hash(good));
  std::mt19937 dice{1};
  measure(
      "a token that is wrong at its begin or end", wanted,
      [&](bool at_end) {
        auto wrong = good;
        spoil(wrong, at_end, dice);
        return wrong;
      },
      [&](const std::string& token) {
        if (book.who_has(http::bearer::hash(token), {}))
          std::abort();
      });

  const auto digest = http::bearer::hash(good);
  const std::string known{digest.begin(), digest.end()};
  measure(
      "a digest that is wrong at its begin or end", wanted,
      [&](bool at_end) {
        auto wrong = known;
        ++(at_end ? wrong.back() : wrong.front());
        return wrong;
      },
      [&](const std::string& given) {
        if (storage::is_same_secret(given, known))
          std::abort();
      });
  return 0;
}
