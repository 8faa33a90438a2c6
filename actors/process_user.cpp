#include "actors/process_user.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <vector>

namespace carillon {
namespace {

constexpr std::size_t entry_bytes_max = 1U << 20;

std::optional<unsigned> to_number(const std::string& text) {
  unsigned number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

/// Calls one of the get..._r functions until its buffer is large enough. False: no such entry.
template <class Entry, class Get>
bool find_entry(Entry& entry, std::vector<char>& buffer, Get get) {
  Entry* found = nullptr;
  for (buffer.resize(4096); buffer.size() <= entry_bytes_max; buffer.resize(buffer.size() * 4))
    if (get(&entry, buffer.data(), buffer.size(), &found) != ERANGE)
      break;
  return found != nullptr;
}

std::optional<gid_t> find_group(const std::string& text) {
  group entry{};
  std::vector<char> buffer;
  if (find_entry(entry, buffer, [&](auto... place) { return getgrnam_r(text.c_str(), place...); }))
    return entry.gr_gid;
  const auto number = to_number(text);
  if (number
      && find_entry(entry, buffer, [&](auto... place) { return getgrgid_r(*number, place...); }))
    return entry.gr_gid;
  return std::nullopt;
}

bool find_account(const std::string& text, passwd& entry, std::vector<char>& buffer) {
  if (find_entry(entry, buffer, [&](auto... place) { return getpwnam_r(text.c_str(), place...); }))
    return true;
  const auto number = to_number(text);
  return number
         && find_entry(entry, buffer, [&](auto... place) { return getpwuid_r(*number, place...); });
}

}  // namespace

bool process_user::is_own() const {
  return uid == ::geteuid() && gid == ::getegid();
}

expected<process_user> find_process_user(const std::string& text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  passwd entry{};
  std::vector<char> buffer;
  if (!find_account(name, entry, buffer))
    return problem{problem_kind::invalid, "unknown user " + name};
  process_user user{entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir, entry.pw_shell};
  if (colon == std::string::npos)
    return user;
  const auto group_name = text.substr(colon + 1);
  const auto group_number = find_group(group_name);
  if (!group_number)
    return problem{problem_kind::invalid, "unknown group " + group_name};
  user.gid = *group_number;
  return user;
}

bool may_switch_user() {
  const auto is_passed_on = [](int capability) {
    return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1;
  };
  return ::geteuid() == 0 || (is_passed_on(CAP_SETUID) && is_passed_on(CAP_SETGID));
}

}  // namespace carillon
