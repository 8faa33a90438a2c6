#include "model/step_arguments.hpp"

#include <algorithm>
#include <cmath>

namespace carillon {
namespace {

constexpr double seconds_max = 365.0 * 24 * 3600;

}  // namespace

arguments_reader::arguments_reader(const json::value& object, std::string_view uses) : uses_{uses} {
  for (auto& [name, value] : json::members(object))
    all_.push_back({name, value});
}

void arguments_reader::refuse(std::string_view name, std::string_view why) {
  if (!wrong_)
    wrong_ = "with." + std::string{name} + " " + std::string{why};
}

std::optional<json::value> arguments_reader::any(std::string_view name) {
  const auto found = std::ranges::find(all_, name, &argument::name);
  if (found == all_.end())
    return std::nullopt;
  found->is_known = true;
  return found->value;
}

std::optional<json::value> arguments_reader::of_kind(std::string_view name, json::kind kind) {
  const auto found = any(name);
  if (!found || found->kind == json::kind::null)
    return std::nullopt;
  if (found->kind == kind)
    return found;
  refuse(name, "must be " + std::string{json::describe(kind)});
  return std::nullopt;
}

std::optional<json::value> arguments_reader::object(std::string_view name) {
  return of_kind(name, json::kind::object);
}

std::optional<json::value> arguments_reader::array(std::string_view name) {
  return of_kind(name, json::kind::array);
}

std::string arguments_reader::text(std::string_view name) {
  auto text = text_or(name, "");
  if (text.empty())
    refuse(name, "must be a text");
  return text;
}

std::string arguments_reader::text_or(std::string_view name, std::string_view fallback) {
  const auto found = any(name);
  if (!found || found->kind == json::kind::null)
    return std::string{fallback};
  auto text = json::as_string(*found);
  if (!text)
    refuse(name, "must be a text");
  return text.value_or("");
}

std::optional<duration> arguments_reader::seconds(std::string_view name) {
  const auto found = any(name);
  if (!found || found->kind == json::kind::null)
    return std::nullopt;
  const auto length = json::as_double(*found);
  if (!length || *length < 0 || *length > seconds_max) {
    refuse(name, "must be a number of seconds, at most a year");
    return std::nullopt;
  }
  return duration{static_cast<std::int64_t>(std::ceil(*length * 1'000))};
}

std::optional<std::string> arguments_reader::finish() {
  for (const auto& each : all_)
    if (!each.is_known && !wrong_)
      wrong_ = "with." + each.name + " is not known to " + std::string{uses_};
  return wrong_;
}

}  // namespace carillon
