#include "config/definition_value.hpp"

#include "config/byte_size.hpp"
#include "model/duration.hpp"
#include "model/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <type_traits>
#include <utility>

namespace carillon {

namespace {

bool within(std::int64_t number, setting_bounds bounds) {
  return number >= bounds.min && number <= bounds.max;
}

std::string quoted(std::string_view text) {
  return json::writer{}.string(text).take();
}

// -- choices ------------------------------------------------------------------

template <class Choice>
struct choice_name {
  Choice choice;
  std::string_view name;
};

constexpr choice_name<overlap_policy> overlaps[] = {{overlap_policy::queue, "queue"},
                                                    {overlap_policy::skip, "skip"},
                                                    {overlap_policy::terminate, "terminate"}};
constexpr choice_name<catch_up_policy> catch_ups[] = {{catch_up_policy::latest, "latest"},
                                                      {catch_up_policy::all, "all"},
                                                      {catch_up_policy::skip, "skip"}};
constexpr choice_name<backoff_kind> backoffs[] = {{backoff_kind::fixed, "constant"},
                                                  {backoff_kind::linear, "linear"},
                                                  {backoff_kind::exponential, "exponential"}};
constexpr choice_name<restart_policy> restarts[] = {{restart_policy::never, "never"},
                                                    {restart_policy::on_failure, "on_failure"},
                                                    {restart_policy::always, "always"}};
constexpr choice_name<log_on_full> fulls[] = {{log_on_full::drop_new, "drop_new"},
                                              {log_on_full::drop_old, "drop_old"},
                                              {log_on_full::kill_task, "kill_task"}};

constexpr auto names(const definition_row&, overlap_policy) {
  return std::span{overlaps};
}
constexpr auto names(const definition_row&, catch_up_policy) {
  return std::span{catch_ups};
}
constexpr auto names(const definition_row&, backoff_kind) {
  return std::span{backoffs};
}
constexpr auto names(const definition_row& row, restart_policy) {
  const std::span all{restarts};
  return row.of == definition_section::tasks ? all.first(2) : all.first(3);
}
constexpr auto names(const definition_row&, log_on_full) {
  return std::span{fulls};
}

template <class Value>
concept choice = std::is_enum_v<Value>;

bool read(const definition_row& row, const file_entry& entry, choice auto& out) {
  if (entry.form != value_form::text)
    return false;
  for (const auto& [value, name] : names(row, out))
    if (name == entry.texts.front()) {
      out = value;
      return true;
    }
  return false;
}

std::string write(const definition_row& row, choice auto value) {
  for (const auto& named : names(row, value))
    if (named.choice == value)
      return quoted(named.name);
  return {};
}

std::string describe(const definition_row& row, choice auto any) {
  std::string out;
  for (const auto& named : names(row, any))
    out.append(out.empty() ? "" : ", ").append(named.name);
  return "one of " + out;
}

// -- numbers ------------------------------------------------------------------

template <class Value>
concept whole_number = std::same_as<Value, int> || std::same_as<Value, std::int64_t>;

bool read(const definition_row& row, const file_entry& entry, whole_number auto& out) {
  if (entry.form != value_form::integer)
    return false;
  const auto& text = entry.texts.front();
  const auto error = std::from_chars(text.data(), text.data() + text.size(), out).ec;
  return error == std::errc{} && within(out, row.bounds);
}

std::string write(const definition_row&, whole_number auto number) {
  return std::to_string(number);
}

std::string describe(const definition_row& row, whole_number auto) {
  return fmt::format("a whole number from {} to {}", row.bounds.min, row.bounds.max);
}

bool read(const definition_row& row, const file_entry& entry, std::uint64_t& out) {
  if (entry.form != value_form::integer && entry.form != value_form::text)
    return false;
  const auto bytes = parse_byte_size(entry.texts.front());
  if (!bytes || !std::in_range<std::int64_t>(*bytes))
    return false;
  out = *bytes;
  return within(static_cast<std::int64_t>(out), row.bounds);
}

std::string write(const definition_row&, std::uint64_t bytes) {
  return quoted(format_byte_size(bytes));
}

std::string describe(const definition_row& row, std::uint64_t) {
  return fmt::format("a size from {} to {}",
                     format_byte_size(static_cast<std::size_t>(row.bounds.min)),
                     format_byte_size(static_cast<std::size_t>(row.bounds.max)));
}

bool read(const definition_row& row, const file_entry& entry, duration& out) {
  if (entry.form != value_form::text)
    return false;
  const auto length = parse_duration(entry.texts.front());
  if (!length)
    return false;
  out = *length;
  return within(out.count(), row.bounds);
}

std::string write(const definition_row& row, duration length) {
  return within(length.count(), row.bounds) ? quoted(format_duration_words(length)) : "";
}

std::string describe(const definition_row& row, duration) {
  return fmt::format("a duration from {} to {}", format_duration_words(duration{row.bounds.min}),
                     format_duration_words(duration{row.bounds.max}));
}

// -- the rest -----------------------------------------------------------------

bool read(const definition_row&, const file_entry& entry, bool& out) {
  out = entry.form == value_form::boolean && entry.texts.front() == "true";
  return entry.form == value_form::boolean;
}

std::string write(const definition_row&, bool answer) {
  return answer ? "true" : "false";
}

std::string describe(const definition_row&, bool) {
  return "true or false";
}

bool read(const definition_row& row, const file_entry& entry, std::vector<std::string>& out) {
  out = entry.texts;
  return entry.form == value_form::list_of_texts && within(std::ssize(out), row.bounds)
         && !out.front().empty() && std::ranges::none_of(out, [](const auto& argument) {
              return argument.find('\0') != std::string::npos;
            });
}

std::string write(const definition_row&, const std::vector<std::string>&) {
  return {};
}

std::string describe(const definition_row& row, const std::vector<std::string>&) {
  return fmt::format("a list of {} to {} texts, the first of them not empty", row.bounds.min,
                     row.bounds.max);
}

bool read(const definition_row&, const file_entry& entry, environment_list&) {
  return entry.form == value_form::table || entry.form == value_form::section;
}

std::string write(const definition_row&, const environment_list&) {
  return {};
}

std::string describe(const definition_row&, const environment_list&) {
  return fmt::format("a table of at most {} texts", environment_variables_max);
}

template <class Value>
bool read(const definition_row& row, const file_entry& entry, std::optional<Value>& out) {
  return read(row, entry, out.emplace());
}

template <class Value>
std::string write(const definition_row&, const std::optional<Value>&) {
  return {};  // the defaults are empty
}

template <class Value>
std::string describe(const definition_row& row, const std::optional<Value>&) {
  return describe(row, Value{});
}

// -- all of them --------------------------------------------------------------

template <class Value>
bool assign_to(const definition_row& row, const file_entry& entry, Value& to) {
  Value value = to;
  if (!read(row, entry, value))
    return false;
  to = std::move(value);
  return true;
}

std::string default_text(const definition_row& row) {
  definition_draft fresh;
  if (const auto* const text = std::get_if<drafted_text>(&row.field)) {
    const auto& value = text->at(fresh);
    return value.empty() ? value : quoted(value);
  }
  if (const auto* const count = std::get_if<drafted<int>>(&row.field))
    return within((*count)(fresh), row.bounds) ? write(row, (*count)(fresh)) : "";
  return std::visit(
      [&]<class Field>(Field field) -> std::string {
        if constexpr (std::same_as<Field, drafted_text>)
          return {};
        else
          return write(row, field(fresh));
      },
      row.field);
}

}  // namespace

bool assign(const definition_row& row, const file_entry& entry, definition_draft& draft) {
  return std::visit(
      [&]<class Field>(Field field) {
        if constexpr (!std::same_as<Field, drafted_text>) {
          return assign_to(row, entry, field(draft));
        } else {
          if (entry.form != value_form::text
              || !has_shape(entry.texts.front(), field.shape, row.bounds))
            return false;
          field.at(draft) = entry.texts.front();
          return true;
        }
      },
      row.field);
}

std::string allowed(const definition_row& row) {
  definition_draft any;
  return std::visit(
      [&]<class Field>(Field field) {
        if constexpr (std::same_as<Field, drafted_text>)
          return describe_shape(field.shape, row.bounds);
        else
          return describe(row, field(any));
      },
      row.field);
}

std::vector<definition_key> definition_keys() {
  std::vector<definition_key> keys;
  for (const auto& row : definition_table())
    keys.push_back({row.key, row.of, allowed(row), default_text(row), row.description});
  return keys;
}

}  // namespace carillon
