#include "config/log_line.hpp"

#include "config/printable.hpp"
#include "model/json.hpp"

#include <array>

namespace carillon {

namespace {

struct level_name {
  std::string_view padded;  // all of one width
  std::string_view plain;
};

constexpr std::array<level_name, 5> level_names{{{"TRACE", "trace"},
                                                 {"DEBUG", "debug"},
                                                 {"INFO ", "info"},
                                                 {"WARN ", "warn"},
                                                 {"ERROR", "error"}}};

const level_name& name_of(log_level level) {
  return level_names.at(static_cast<std::size_t>(level));
}

/// Bare when that cannot be misread, else quoted.
std::string text_value(std::string_view value) {
  if (!value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos)
    return printable(value);
  std::string quoted = "\"";
  for (const char letter : value) {
    if (letter == '"' || letter == '\\')
      quoted += '\\';
    quoted += letter;
  }
  return printable(quoted += '"');
}

}  // namespace

std::string text_line(log_level level, std::string_view event, std::span<const log_field> fields) {
  std::string out{name_of(level).padded};
  out.append(" ").append(printable(event));
  for (const auto& [key, value] : fields)
    out.append(" ").append(printable(key)).append("=").append(text_value(value));
  return out;
}

std::string json_members(log_level level, std::string_view event,
                         std::span<const log_field> fields) {
  json::writer out;
  out.begin_object().field("level", name_of(level).plain).field("event", event);
  for (const auto& [key, value] : fields)
    out.field(key, std::string_view{value});
  const auto object = out.end_object().take();
  return object.substr(1, object.size() - 2);
}

}  // namespace carillon
