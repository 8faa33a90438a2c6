#include "tests/model/dst_sweep_clock.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <unordered_map>

namespace carillon::sweep {

namespace {

constexpr const char* folder = "/usr/share/zoneinfo";
constexpr std::int64_t margin = 40;

std::int64_t offset(std::int64_t real) {
  return local_minute(real) - real;
}

}  // namespace

std::vector<std::string> distinct_zones() {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  for (auto place = fs::recursive_directory_iterator{folder}; place != fs::end(place); ++place) {
    const auto name = fs::relative(place->path(), folder).string();
    if (name == "posix" || name == "right")
      place.disable_recursion_pending();
    else if (place->is_regular_file())
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::set<std::string> seen;
  std::erase_if(names, [&seen](const std::string& name) {
    std::ifstream file{folder + ("/" + name), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    return !bytes.starts_with("TZif") || !seen.insert(bytes).second;
  });
  return names;
}

void enter_zone(const std::string& zone) {
  setenv("TZ", (":" + zone).c_str(), 1);
  tzset();
}

std::int64_t local_minute(std::int64_t real) {
  const std::time_t at = real * 60;
  std::tm shown{};
  if (localtime_r(&at, &shown) == nullptr || shown.tm_sec != 0)
    FAIL("no whole minute is shown at " << at);
  return timegm(&shown) / 60;
}

std::vector<std::int64_t> changes(std::int64_t from, std::int64_t to) {
  constexpr std::int64_t step = 24 * 60;  // no zone has changed twice in a day since 1990
  std::vector<std::int64_t> found;
  auto before = offset(from);
  for (auto at = from; at < to; at += step) {
    const auto after = offset(at + step);
    if (after == before)
      continue;
    auto low = at;
    auto high = at + step;
    while (high - low > 1) {
      const auto middle = (low + high) / 2;
      (offset(middle) == before ? low : high) = middle;
    }
    found.push_back(high);
    before = after;
  }
  return found;
}

window::window(std::int64_t change) {
  const auto old_local = offset(change - 1) + change;
  const auto new_local = local_minute(change);
  low_ = std::min(old_local, new_local);
  high_ = std::max(old_local, new_local);
  const auto size = high_ - low_;
  begin_ = change - size - margin;
  end_ = change + size + margin;

  std::unordered_map<std::int64_t, std::size_t> latest;
  for (auto real = begin_ - size - margin; real < end_ + size + margin; ++real) {
    const auto local = local_minute(real);
    const auto [place, is_new] = latest.insert({local, minutes_.size()});
    if (!is_new) {
      minutes_[place->second].last = false;
      place->second = minutes_.size();
    }
    minutes_.push_back({real, local, is_new, true});
  }
  for (std::size_t i = 1; i < minutes_.size(); ++i)
    for (auto local = minutes_[i - 1].local + 1; local < minutes_[i].local; ++local)
      if (latest.insert({local, i}).second)
        gaps_.push_back({local, minutes_[i].real});
}

}  // namespace carillon::sweep
