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

/// `prepare` puts an input of the first or the second kind where `run` finds it.
void measure(const char* what, std::size_t wanted, const std::function<void(bool)>& prepare,
             const std::function<void()>& run) {
  std::mt19937_64 dice{std::random_device{}()};
  std::vector<measurement> all;
  for (std::size_t done = 0; done < wanted; ++done) {
    const bool is_second = (dice() & 1U) != 0;
    prepare(is_second);
    unsigned unused = 0;
    const auto start = __rdtscp(&unused);
    run();
    all.push_back({__rdtscp(&unused) - start, is_second});
  }
  std::printf("%-44s %zu measurements, |t| = %.2f\n", what, wanted, worst_t(std::move(all)));
}

/// Two places of a token are wrong: its first or its last ones. Many, since two alone would tell of
/// their digests, which nobody can choose.
void spoil(std::string& token, bool at_end, std::mt19937& dice) {
  const auto at = at_end ? token.size() - 2 : 0;
  token[at] = static_cast<char>('A' + dice() % 26);
  token[at + 1] = static_cast<char>('A' + dice() % 26);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::string good = "carillon_" + std::string(43, 'g');
  token_book book;
  book.set_operator(http::bearer::hash(good));
  std::mt19937 dice{1};
  std::string token;
  measure(
      "a token that is wrong at its begin or end", wanted,
      [&](bool at_end) {
        token = good;
        spoil(token, at_end, dice);
      },
      [&] {
        if (book.who_has(http::bearer::hash(token), {}))
          std::abort();
      });

  const auto digest = http::bearer::hash(good);
  const std::string known{digest.begin(), digest.end()};
  std::string given;
  measure(
      "a digest that is wrong at its begin or end", wanted,
      [&](bool at_end) {
        given = known;
        ++(at_end ? given.back() : given.front());
      },
      [&] {
        if (storage::is_same_secret(given, known))
          std::abort();
      });
  return 0;
}
