#include "tools/cli/json_merge.hpp"

#include "model/json.hpp"

#include <algorithm>

namespace carillon::cli {
namespace {

/// A change, cut at the first dot.
std::string_view head_of(const json_change& one) {
  return std::string_view{one.path}.substr(0, one.path.find('.'));
}

/// The changes below the member, without its name; one of the member itself as a whole has "".
std::vector<json_change> below(std::string_view member, const std::vector<json_change>& changes) {
  std::vector<json_change> found;
  for (const auto& one : changes)
    if (head_of(one) == member)
      found.push_back({one.path == member ? "" : one.path.substr(member.size() + 1), one.raw});
  return found;
}

std::string changed(std::string_view base, const std::vector<json_change>& changes) {
  const auto whole = std::ranges::find(changes, "", &json_change::path);
  return whole == changes.end() ? merge_json(base, changes) : whole->raw;
}

}  // namespace

std::string merge_json(std::string_view base, const std::vector<json_change>& changes) {
  std::vector<std::string> done;
  json::writer out;
  out.begin_object();
  if (const auto root = json::read(base))
    for (const auto& each : json::members(*root)) {
      const auto inner = below(each.key, changes);
      out.key(each.key);
      if (inner.empty())
        out.raw(each.value.raw);
      else
        out.raw(changed(each.value.raw, inner));
      done.push_back(each.key);
    }
  for (const auto& one : changes) {
    const std::string head{head_of(one)};
    if (std::ranges::find(done, head) != done.end())
      continue;
    out.key(head).raw(changed("{}", below(head, changes)));
    done.push_back(head);
  }
  return out.end_object().take();
}

}  // namespace carillon::cli
