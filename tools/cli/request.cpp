#include "tools/cli/request.hpp"

#include "model/json.hpp"
#include "tools/cli/json_merge.hpp"

#include <algorithm>

namespace carillon::cli {
namespace {

bool is_number(std::string_view text) {
  const auto read = json::read(text);
  return read && read->kind == json::kind::number;
}

std::string in_list(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& one : texts)
    all += (all.empty() ? "" : ",") + one;
  return all;
}

/// The value in JSON; adds what is wrong with it.
std::string raw_value(const invocation::value& given, fault_list& faults) {
  const auto& text = given.texts.front();
  json::writer out;
  switch (given.of->as) {
    case form::number:
      if (!is_number(text))
        faults.add(std::string{given.of->name}, "must be a number", text);
      return text;
    case form::json:
      if (const auto read = json::read(text); !read)
        faults.add(std::string{given.of->name},
                   "must be JSON (a text needs its quotes): " + read.error().detail, text);
      return text;
    case form::list:
      out.begin_array();
      for (const auto& one : given.texts)
        out.string(one);
      return out.end_array().take();
    case form::boolean:
    case form::flag:
      return text;
    case form::text:
      return out.string(text).take();
  }
  return text;
}

std::vector<json_change> changes_of(const invocation& called, fault_list& faults) {
  std::vector<json_change> changes;
  for (const auto& given : called.values) {
    if (given.of->in != place::body)
      continue;
    if (given.of->field.empty()) {  // --clear
      for (const auto& name : given.texts)
        changes.push_back({name, "null"});
      continue;
    }
    changes.push_back({std::string{given.of->field}, raw_value(given, faults)});
  }
  return changes;
}

void check_data(const std::string& data, bool has_flags, fault_list& faults) {
  const auto read = json::read(data);
  if (!read)
    faults.add("--data", "must be JSON: " + read.error().detail);
  else if (read->kind != json::kind::object && has_flags)
    faults.add("--data", "must be an object, since flags are given with it");
}

/// {"leases":[...]} around what is said of one lease.
std::string in_envelope(const verb& what, std::string body) {
  constexpr std::string_view of_leases = "/v1/leases/";
  return what.path.starts_with(of_leases) ? "{\"leases\":[" + std::move(body) + "]}" : body;
}

std::string path_of(const invocation& called) {
  std::string path{called.what->path};
  for (const auto& given : called.values) {
    if (given.of->in != place::path)
      continue;
    const auto hole = "{" + std::string{given.of->field} + "}";
    path.replace(path.find(hole), hole.size(), percent_encode(given.texts.front()));
  }
  return path;
}

std::string query_of(const invocation& called) {
  std::string query;
  for (const auto& given : called.values)
    if (given.of->in == place::query)
      query.append("&")
          .append(given.of->field)
          .append("=")
          .append(percent_encode(in_list(given.texts)));
  return query;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string_view::npos)
      out += each;
    else
      out.append("%").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  return out;
}

expected<std::string> to_body(const invocation& called) {
  fault_list faults;
  const auto changes = changes_of(called, faults);
  if (called.data)
    check_data(*called.data, !changes.empty(), faults);
  if (!faults.empty())
    return std::move(faults).to_problem();
  if (!called.what->has_body())
    return std::string{};
  if (called.data && changes.empty())
    return *called.data;
  return in_envelope(*called.what, merge_json(called.data.value_or("{}"), changes));
}

expected<http_request> to_request(const invocation& called) {
  auto body = to_body(called);
  if (!body)
    return std::move(body).error();
  http_request out{std::string{called.what->method}, path_of(called), {}, *std::move(body)};
  if (auto query = query_of(called); !query.empty()) {
    if (out.target.find('?') == std::string::npos)
      query.front() = '?';
    out.target += query;
  }
  for (const auto& given : called.values)
    if (given.of->in == place::header) {
      const auto colon = given.of->field.find(": ");
      out.headers.emplace_back(
          given.of->field.substr(0, colon),
          std::string{given.of->field.substr(colon + 2)}.append(given.texts.front()));
    }
  return out;
}

}  // namespace carillon::cli
