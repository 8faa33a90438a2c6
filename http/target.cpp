#include "http/target.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace carillon::http {

namespace {

constexpr refusal broken_target{400, "the target of the request is not a path"};
constexpr refusal broken_escape{400, "the target of the request has a broken percent-encoding"};

/// Takes "http://host" off an absolute target.
std::optional<refusal> take_authority(std::string_view& target, request& into) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos)
    return broken_target;
  const auto scheme = target.substr(0, scheme_end);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))
    return broken_target;
  target.remove_prefix(scheme_end + 3);
  const auto host = target.substr(0, target.find_first_of("/?#"));
  if (!is_host(host))
    return refusal{400, "the target of the request names no valid host"};
  into.authority = host;
  target.remove_prefix(host.size());
  return {};
}

std::optional<refusal> read_path(std::string_view path, request& into, path_segments& segments) {
  if (path.ends_with('/'))
    path.remove_suffix(1);
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash before the segment
    const auto raw = path.substr(0, path.find('/'));
    path.remove_prefix(raw.size());
    auto& segment = segments.emplace_back();
    if (!append_decoded(segment, raw, false))
      return broken_escape;
    into.path += '/';
    into.path += segment;
  }
  if (into.path.empty())
    into.path += '/';
  return {};
}

std::optional<refusal> read_query(std::string_view query, request& into) {
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (piece.empty())
      continue;
    const auto name = piece.substr(0, piece.find('='));
    const auto value = piece.substr(std::min(name.size() + 1, piece.size()));
    auto& [decoded_name, decoded_value] = into.query.emplace_back();
    if (!append_decoded(decoded_name, name, true) || !append_decoded(decoded_value, value, true))
      return broken_escape;
  }
  return {};
}

}  // namespace

std::optional<refusal> read_target(std::string_view target, request& into,
                                   path_segments& segments) {
  segments.clear();
  if (target == "*") {
    into.path = target;
    return into.method == "OPTIONS" ? std::nullopt : std::optional{broken_target};
  }
  if (!target.starts_with('/'))
    if (const auto wrong = take_authority(target, into))
      return wrong;
  target = target.substr(0, target.find('#'));
  const auto path = target.substr(0, target.find('?'));
  if (const auto wrong = read_path(path, into, segments))
    return wrong;
  target.remove_prefix(std::min(path.size() + 1, target.size()));
  return read_query(target, into);
}

}  // namespace carillon::http
