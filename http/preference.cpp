#include "http/preference.hpp"

#include <algorithm>
#include <charconv>

#include "http/text.hpp"

namespace carillon::http {
namespace {

/// The value of "wait" in one header's list; empty when it is not there. Parameters do not matter.
std::optional<std::string> find_wait(std::string_view list) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    auto one = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    one = one.substr(0, one.find(';'));
    const auto equals = std::min(one.find('='), one.size());
    if (to_lower(trim(one.substr(0, equals))) != "wait")
      continue;
    auto value = trim(one.substr(std::min(equals + 1, one.size())));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    return std::string{value};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> preferred_wait(const request& asked, duration limit) {
  for (const auto& [name, list] : asked.headers) {
    if (name != "prefer")
      continue;
    const auto text = find_wait(list);
    if (!text)
      continue;
    std::uint32_t seconds = 0;
    const auto* end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, seconds);
    if (stopped != end || text->empty())
      return std::nullopt;
    const auto most = std::chrono::floor<std::chrono::seconds>(limit);
    if (error == std::errc::result_out_of_range)
      return most;
    return std::min(std::chrono::seconds{seconds}, most);
  }
  return std::nullopt;
}

}  // namespace carillon::http
