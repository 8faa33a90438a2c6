#include "config/setting_text.hpp"

#include "config/byte_size.hpp"
#include "config/endpoint.hpp"
#include "model/address_guard.hpp"
#include "model/duration.hpp"
#include "model/json.hpp"
#include "model/target_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace carillon {

namespace {

bool within(std::int64_t number, setting_bounds bounds) {
  return number >= bounds.min && number <= bounds.max;
}

// -- text ---------------------------------------------------------------------

bool read(std::string_view text, setting_bounds bounds, std::string& out) {
  out = text;
  // A zero byte would cut a file name short without a word.
  return within(std::ssize(text), bounds) && text.find('\0') == std::string_view::npos;
}

std::string write(const std::string& text) {
  return text;
}

std::string describe(setting_bounds bounds, const std::string&) {
  return fmt::format("a text of {} to {} bytes", bounds.min, bounds.max);
}

/// No part of an address that is longer may follow it.
bool read(std::string_view text, setting_bounds, public_url& out) {
  out.text = text.substr(0, text.find_last_not_of('/') + 1);
  return text.empty()
         || (parse_target_url(out.text).has_value()
             && out.text.find_first_of("?#") == out.text.npos);
}

std::string write(const public_url& url) {
  return url.text;
}

std::string describe(setting_bounds, const public_url&) {
  return "a URL without query, or an empty text";
}

// -- numbers ------------------------------------------------------------------

bool read(std::string_view text, setting_bounds bounds, int& out) {
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && rest == end && within(out, bounds);
}

std::string write(int number) {
  return std::to_string(number);
}

std::string describe(setting_bounds bounds, int) {
  return fmt::format("a whole number from {} to {}", bounds.min, bounds.max);
}

bool read(std::string_view text, setting_bounds bounds, std::size_t& out) {
  const auto bytes = parse_byte_size(text);
  if (!bytes || !std::in_range<std::int64_t>(*bytes))
    return false;
  out = *bytes;
  return within(static_cast<std::int64_t>(out), bounds);
}

std::string write(std::size_t bytes) {
  return format_byte_size(bytes);
}

std::string describe(setting_bounds bounds, std::size_t) {
  return fmt::format("a size from {} to {}", write(static_cast<std::size_t>(bounds.min)),
                     write(static_cast<std::size_t>(bounds.max)));
}

// -- time ---------------------------------------------------------------------

bool read(std::string_view text, setting_bounds bounds, duration& out) {
  const auto length = parse_duration(text);
  if (!length)
    return false;
  out = *length;
  return within(out.count(), bounds);
}

std::string write(duration length) {
  return format_duration_words(length);
}

std::string describe(setting_bounds bounds, duration) {
  return fmt::format("a duration from {} to {}", write(duration{bounds.min}),
                     write(duration{bounds.max}));
}

bool read(std::string_view text, setting_bounds, std::optional<instant>& out) {
  out.reset();
  if (text.empty())
    return true;
  const auto moment = parse_instant(text);
  if (!moment)
    return false;
  out = *moment;
  return true;
}

std::string write(const std::optional<instant>& moment) {
  return moment ? format_instant(*moment) : "";
}

std::string describe(setting_bounds, const std::optional<instant>&) {
  return "a time such as 2030-01-01T00:00:00Z, or an empty text";
}

// -- lists --------------------------------------------------------------------

bool read_element(std::string_view text, endpoint& out) {
  const auto place = parse_endpoint(text);
  if (place)
    out = *place;
  return place.has_value();
}

bool read_element(std::string_view text, std::string& out) {
  out = text;
  return make_address_guard({&out, 1}).has_value();
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return out;
}

/// An endpoint is a name and a port.
bool read_element(std::string_view text, host_name& out) {
  out.text = lower(text);
  return text.find(':') == std::string_view::npos && parse_endpoint(out.text + ":1").has_value();
}

bool read_element(std::string_view text, web_origin& out) {
  out.text = lower(text);
  const auto url = parse_target_url(out.text);
  const auto authority = out.text.substr(std::min(out.text.find("://") + 3, out.text.size()));
  return url.has_value() && authority.find_first_of("/?#@") == std::string::npos;
}

bool read_element(std::string_view text, jwt_algorithm& out) {
  const auto known = parse_jwt_algorithm(text);
  out = known.value_or(out);
  return known.has_value();
}

std::string write_element(const endpoint& place) {
  return format_endpoint(place);
}
std::string write_element(const std::string& network) {
  return network;
}

std::string write_element(const host_name& host) {
  return host.text;
}
std::string write_element(const web_origin& origin) {
  return origin.text;
}
std::string write_element(jwt_algorithm way) {
  return std::string{to_string(way)};
}

std::string describe(setting_bounds bounds, const std::vector<host_name>&) {
  return fmt::format("a list of {} to {} names such as \"jobs.example.com\"", bounds.min,
                     bounds.max);
}

std::string describe(setting_bounds bounds, const std::vector<web_origin>&) {
  return fmt::format("a list of {} to {} origins such as \"https://jobs.example.com\"", bounds.min,
                     bounds.max);
}

std::string describe(setting_bounds, const std::vector<jwt_algorithm>&) {
  return "a list of RS256, ES256, PS256";
}

std::string describe(setting_bounds bounds, const std::vector<endpoint>&) {
  return fmt::format("a list of {} to {} addresses \"HOST:PORT\"", bounds.min, bounds.max);
}

std::string describe(setting_bounds bounds, const std::vector<std::string>&) {
  return fmt::format("a list of {} to {} networks such as \"10.0.0.0/8\"", bounds.min, bounds.max);
}

// -- choices ------------------------------------------------------------------

template <class Choice>
struct choice_name {
  Choice choice;
  std::string_view name;
};

constexpr choice_name<clock_mode> clock_modes[] = {{clock_mode::real, "real"},
                                                   {clock_mode::manual, "manual"}};
constexpr choice_name<log_level> log_levels[] = {{log_level::trace, "trace"},
                                                 {log_level::debug, "debug"},
                                                 {log_level::info, "info"},
                                                 {log_level::warn, "warn"},
                                                 {log_level::error, "error"}};
constexpr choice_name<log_format> log_formats[] = {
    {log_format::automatic, "auto"}, {log_format::text, "text"}, {log_format::json, "json"}};

constexpr auto names(clock_mode) {
  return std::span{clock_modes};
}
constexpr auto names(log_level) {
  return std::span{log_levels};
}
constexpr auto names(log_format) {
  return std::span{log_formats};
}

template <class Choice>
requires std::is_enum_v<Choice>
bool read(std::string_view text, setting_bounds, Choice& out) {
  for (const auto& [choice, name] : names(out)) {
    out = choice;
    if (name == text)
      return true;
  }
  return false;
}

template <class Choice>
requires std::is_enum_v<Choice> std::string write(Choice chosen) {
  for (const auto& [choice, name] : names(chosen))
    if (choice == chosen)
      return std::string{name};
  return {};
}

template <class Choice>
requires std::is_enum_v<Choice> std::string describe(setting_bounds, Choice any) {
  std::string out;
  for (const auto& named : names(any))
    out.append(out.empty() ? "" : ", ").append(named.name);
  return "one of " + out;
}

bool read(std::string_view text, setting_bounds, bool& out) {
  out = text == "true";
  return out || text == "false";
}

std::string write(bool flag) {
  return flag ? "true" : "false";
}

std::string describe(setting_bounds, bool) {
  return "true or false";
}

// -- all of them --------------------------------------------------------------

template <class Value>
constexpr bool is_vector = false;
template <class Element>
constexpr bool is_vector<std::vector<Element>> = true;

template <class Value>
constexpr bool has_number =
    std::is_same_v<Value,
                   int> || std::is_same_v<Value, std::size_t> || std::is_same_v<Value, duration>;

template <class Value>
std::optional<std::string> assign_one(std::span<const std::string> texts, setting_bounds bounds,
                                      Value& out) {
  if (texts.size() != 1)
    return fmt::format("{}", fmt::join(texts, ", "));
  Value value{};
  if (!read(texts.front(), bounds, value))
    return texts.front();
  out = std::move(value);
  return std::nullopt;
}

template <class Element>
std::optional<std::string> assign_list(std::span<const std::string> texts, setting_bounds bounds,
                                       std::vector<Element>& out) {
  std::vector<Element> values(texts.size());
  for (std::size_t at = 0; at < texts.size(); ++at)
    if (!read_element(texts[at], values[at]))
      return texts[at];
  if (!within(std::ssize(values), bounds))
    return fmt::format("{}", fmt::join(texts, ", "));
  out = std::move(values);
  return std::nullopt;
}

/// Calls `use` with a reference to the row's value.
template <class Use>
auto with_value(const setting_row& row, settings& all, Use use) {
  return std::visit([&](auto field) { return use(field(all)); }, row.field);
}

std::string quoted(std::string_view text) {
  return json::writer{}.string(text).take();
}

}  // namespace

bool is_list(const setting_row& row) {
  settings any;
  return with_value(row, any, []<class Value>(const Value&) { return is_vector<Value>; });
}

std::optional<std::string> assign(const setting_row& row, std::span<const std::string> texts,
                                  settings& all) {
  return with_value(row, all, [&]<class Value>(Value& value) {
    if constexpr (is_vector<Value>)
      return assign_list(texts, row.bounds, value);
    else
      return assign_one(texts, row.bounds, value);
  });
}

std::vector<std::string> texts_of(const setting_row& row, settings all) {
  return with_value(row, all, []<class Value>(const Value& value) -> std::vector<std::string> {
    if constexpr (is_vector<Value>) {
      std::vector<std::string> texts;
      for (const auto& element : value)
        texts.push_back(write_element(element));
      return texts;
    } else {
      return {write(value)};
    }
  });
}

std::string allowed(const setting_row& row) {
  settings any;
  return with_value(row, any, [&](const auto& value) { return describe(row.bounds, value); });
}

std::string toml_text(const setting_row& row, settings all) {
  auto texts = texts_of(row, all);
  if (std::holds_alternative<field_of<int>>(row.field)
      || std::holds_alternative<field_of<bool>>(row.field))
    return texts.front();
  std::ranges::transform(texts, texts.begin(), quoted);
  return is_list(row) ? fmt::format("[{}]", fmt::join(texts, ", ")) : texts.front();
}

std::optional<std::int64_t> number_of(const setting_row& row, settings all) {
  return with_value(row, all, []<class Value>(const Value& value) -> std::optional<std::int64_t> {
    if constexpr (std::is_same_v<Value, duration>)
      return value.count();
    else if constexpr (has_number<Value>)
      return static_cast<std::int64_t>(value);
    else
      return std::nullopt;
  });
}

}  // namespace carillon
