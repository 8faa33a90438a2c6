#include "http/body_reader.hpp"

#include <algorithm>
#include <utility>

#include "model/duration.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view empty_object = "{}";

std::string between(std::int64_t min, std::int64_t max) {
  return std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

expected<json::value> read_object(std::string_view body, bool may_be_empty) {
  if (body.empty() && may_be_empty)
    body = empty_object;
  auto root = json::read(body);
  if (root && root->kind != json::kind::object) {
    fault_list faults;
    faults.add("body", "must be an object", root->raw);
    return std::move(faults).to_problem();
  }
  return root;
}

body_reader::body_reader(json::value object, std::string location, fault_list& faults,
                         std::span<const json::member> defaults)
    : location_{std::move(location)}, faults_{faults} {
  auto own = json::members(object);
  fields_.reserve(own.size() + defaults.size());
  for (auto& member : own)
    fields_.push_back({std::move(member)});
  const auto count = static_cast<std::ptrdiff_t>(fields_.size());
  for (const auto& each : defaults) {
    const auto end = fields_.begin() + count;
    if (std::none_of(fields_.begin(), end,
                     [&](const auto& one) { return one.found.key == each.key; }))
      fields_.push_back({each});
  }
}

std::string body_reader::location_of(std::string_view name) const {
  return location_ + "." + std::string{name};
}

void body_reader::refuse(std::string_view name, std::string message, std::string_view value) {
  faults_.add(location_of(name), std::move(message), value);
}

void body_reader::require(std::string_view name) {
  if (find(name) == nullptr)
    refuse(name, "is required");
}

const json::value* body_reader::find(std::string_view name) {
  for (auto& [found, known] : fields_) {
    if (found.key == name) {
      known = true;
      return found.value.kind == json::kind::null ? nullptr : &found.value;
    }
  }
  return nullptr;
}

bool body_reader::has(std::string_view name) {
  return find(name) != nullptr;
}

bool body_reader::is_null(std::string_view name) {
  const auto value = any(name);
  return value && value->kind == json::kind::null;
}

std::optional<json::value> body_reader::any(std::string_view name) {
  for (auto& [found, known] : fields_) {
    if (found.key == name) {
      known = true;
      return found.value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> body_reader::any_text(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  auto text = json::as_string(*value);
  if (!text)
    refuse(name, "must be a string", value->raw);
  return text;
}

std::optional<std::string> body_reader::text(std::string_view name, lengths allowed) {
  auto text = any_text(name);
  if (!text)
    return std::nullopt;
  if (text->size() < allowed.min || text->size() > allowed.max) {
    refuse(name,
           allowed.min > 0 && text->empty() ? std::string{"must not be empty"}
                                            : "must have "
                                                  + between(static_cast<std::int64_t>(allowed.min),
                                                            static_cast<std::int64_t>(allowed.max))
                                                  + " bytes",
           *text);
    return std::nullopt;
  }
  if (text->find('\0') != std::string::npos) {
    refuse(name, "must not hold the character NUL");
    return std::nullopt;
  }
  return text;
}

std::optional<std::int64_t> body_reader::integer(std::string_view name, range allowed) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto number = json::as_integer(*value);
  if (!number || *number < allowed.min || *number > allowed.max) {
    refuse(name, "must be a whole number from " + between(allowed.min, allowed.max), value->raw);
    return std::nullopt;
  }
  return number;
}

std::optional<double> body_reader::number(std::string_view name, double min, double max) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto number = json::as_double(*value);
  if (!number || !(*number >= min && *number <= max)) {
    refuse(name,
           "must be a number from "
               + between(static_cast<std::int64_t>(min), static_cast<std::int64_t>(max)),
           value->raw);
    return std::nullopt;
  }
  return number;
}

std::optional<bool> body_reader::flag(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto flag = json::as_bool(*value);
  if (!flag)
    refuse(name, "must be true or false", value->raw);
  return flag;
}

std::optional<instant> body_reader::moment(std::string_view name) {
  const auto text = any_text(name);
  if (!text)
    return std::nullopt;
  const auto moment = parse_instant(*text);
  if (!moment) {
    refuse(name, moment.error().detail, *text);
    return std::nullopt;
  }
  return *moment;
}

std::optional<duration> body_reader::length(std::string_view name, duration min, duration max) {
  const auto text = any_text(name);
  if (!text)
    return std::nullopt;
  const auto length = parse_duration(*text);
  if (!length) {
    refuse(name, length.error().detail, *text);
    return std::nullopt;
  }
  if (*length < min || *length > max) {
    refuse(name, "must be from " + format_duration(min) + " to " + format_duration(max), *text);
    return std::nullopt;
  }
  return *length;
}

std::optional<instant> body_reader::moment_or_length(std::string_view name, instant now) {
  const auto text = any_text(name);
  if (!text)
    return std::nullopt;
  if (const auto moment = parse_instant(*text))
    return *moment;
  if (const auto length = parse_duration(*text))
    return now + *length;
  refuse(name, "must be a timestamp such as 2030-08-01T00:00:00Z or a duration such as PT30S",
         *text);
  return std::nullopt;
}

std::vector<std::string> body_reader::texts(std::string_view name, lengths each,
                                            std::size_t count_max) {
  std::vector<std::string> all;
  const auto values = array(name);
  if (!values)
    return all;
  if (values->size() > count_max) {
    refuse(name, "must have at most " + std::to_string(count_max) + " entries");
    return all;
  }
  for (std::size_t at = 0; at < values->size(); ++at) {
    auto text = json::as_string((*values)[at]);
    if (text && text->size() >= each.min && text->size() <= each.max) {
      all.push_back(*std::move(text));
      continue;
    }
    refuse(std::string{name} + "[" + std::to_string(at) + "]",
           "must be a string of "
               + between(static_cast<std::int64_t>(each.min), static_cast<std::int64_t>(each.max))
               + " bytes",
           (*values)[at].raw);
  }
  return all;
}

std::optional<json::value> body_reader::object(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (value->kind != json::kind::object) {
    refuse(name, "must be an object", value->raw);
    return std::nullopt;
  }
  return *value;
}

std::optional<std::vector<json::value>> body_reader::array(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (value->kind != json::kind::array) {
    refuse(name, "must be an array", value->raw);
    return std::nullopt;
  }
  return json::elements(*value);
}

void body_reader::finish() {
  for (const auto& [found, known] : fields_)
    if (!known)
      refuse(found.key, "is not a known field", found.value.raw);
}

}  // namespace carillon::http
