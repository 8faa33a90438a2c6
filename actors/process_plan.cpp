#include "actors/process_plan.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>

#include "actors/descriptor.hpp"
#include "actors/process_user.hpp"

namespace carillon {
namespace {

using variables = std::map<std::string, std::string>;

constexpr const char* standard_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::array<std::string_view, 8> passed_on{"PATH",  "HOME", "USER", "LOGNAME",
                                                    "SHELL", "LANG", "TZ",   "TMPDIR"};

/// "No such file" -> "no such file", since it stands behind a colon.
std::string reason_of(int error) {
  auto text = std::generic_category().message(error);
  text[0] = static_cast<char>(text[0] | 0x20);
  return text;
}

// -- environment ----------------------------------------------------------------

variables inherited() {
  variables found;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry = *each;
    const auto name = entry.substr(0, entry.find('='));
    const bool passes = name.starts_with("LC_")
                        || std::find(passed_on.begin(), passed_on.end(), name) != passed_on.end();
    if (passes && name.size() < entry.size())
      found.emplace(name, entry.substr(name.size() + 1));
  }
  found.emplace("PATH", standard_path);
  return found;
}

variables environment_of(const command_call& call, const std::optional<process_user>& user,
                         const std::string& data_folder) {
  auto all = inherited();
  if (user) {
    all["USER"] = all["LOGNAME"] = user->name;
    all["HOME"] = user->home;
    all["SHELL"] = user->shell;
  }
  for (const auto* source : {&call.what->environment, &call.facts})
    for (const auto& [name, value] : *source)
      all[name] = value;
  all[std::string{run_variable}] = to_uuid(call.run);
  all[std::string{data_variable}] = data_folder;
  return all;
}

bool holds_zero(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// What no process can be given: a zero byte would cut it short without a word.
std::optional<std::string> fault_of(const command_call& call) {
  const auto& what = *call.what;
  if (std::any_of(what.args.begin(), what.args.end(), holds_zero))
    return "an argument holds a zero byte";
  if (holds_zero(what.directory))
    return "the directory holds a zero byte";
  for (const auto* source : {&what.environment, &call.facts})
    for (const auto& [name, value] : *source)
      if (name.empty() || name.find('=') != std::string::npos || holds_zero(name)
          || holds_zero(value))
        return "the variable \"" + name + "\" cannot be set";
  return std::nullopt;
}

// -- program ----------------------------------------------------------------------

/// A path as the child sees it, which starts in `directory`.
std::string seen_from_here(const std::string& path, const std::string& directory) {
  return directory.empty() || path.starts_with('/') ? path : directory + '/' + path;
}

/// 0, or why the file cannot be executed.
int execute_fault(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return errno;
  if (!S_ISREG(found.st_mode))
    return EACCES;
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

struct found_program {
  std::string path;
  int error = 0;
};

/// As execvp(3) looks for it.
found_program find_program(const std::string& name, std::string_view path,
                           const std::string& directory) {
  if (name.empty())
    return {{}, ENOENT};
  if (name.find('/') != std::string::npos)
    return {name, execute_fault(seen_from_here(name, directory))};
  int worst = ENOENT;
  while (true) {
    const auto end = path.find(':');
    const auto folder = path.substr(0, end);
    auto candidate = (folder.empty() ? "." : std::string{folder}) + '/' + name;
    const int error = execute_fault(seen_from_here(candidate, directory));
    if (error == 0)
      return {std::move(candidate), 0};
    if (error == EACCES)
      worst = EACCES;
    if (end == std::string_view::npos)
      return {{}, worst};
    path.remove_prefix(end + 1);
  }
}

/// What the kernel refuses to execute. Tools that call execvp(3), as setpriv does, give such a file
/// to a shell instead.
bool is_plain_text(const std::string& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 128> head;
  const auto bytes = file ? ::read(file.get(), head.data(), head.size()) : -1;
  if (bytes < 0)
    return false;
  const std::string_view text{head.data(), static_cast<std::size_t>(bytes)};
  return !text.starts_with("#!") && text.find('\0') == std::string_view::npos;
}

// -- user and limit ---------------------------------------------------------------

std::vector<std::string> switch_to(const process_user& user) {
  return {"setpriv",
          "--reuid=" + std::to_string(user.uid),
          "--regid=" + std::to_string(user.gid),
          "--init-groups",
          "--no-new-privs",
          "--inh-caps=-all",
          "--"};
}

/// Not above our own limit, which only root may raise.
std::vector<std::string> limit_to(int processes_max) {
  rlimit own{};
  ::getrlimit(RLIMIT_NPROC, &own);
  const auto limit = std::to_string(std::min(static_cast<rlim_t>(processes_max), own.rlim_max));
  return {"prlimit", "--nproc=" + limit + ':' + limit, "--"};
}

/// Makes the tool run what the plan has run until now. 0, or why it cannot. The command's name
/// stays, for the tool to find with the rights of the user that the command gets.
int wrap(process_plan& plan, std::vector<std::string> tool) {
  auto found = find_program(tool[0], standard_path, {});
  if (found.error != 0)
    return found.error;
  tool[0] = plan.program = std::move(found.path);
  tool.insert(tool.end(), plan.args.begin(), plan.args.end());
  plan.args = std::move(tool);
  return 0;
}

/// The user comes outermost: a limit that is already there when the user changes counts what else
/// runs as that user, and refuses the next exec.
expected<void> wrap(process_plan& plan, const local_command& what,
                    const std::optional<process_user>& user) {
  const bool switches = user && !user->is_own();
  if (!switches && what.processes_max == 0)
    return {};
  if (switches && !may_switch_user())
    return cannot_start(what, "only root can run it as " + user->name);
  if (is_plain_text(seen_from_here(plan.program, plan.directory)))
    return cannot_start(what, ENOEXEC);
  if (what.processes_max > 0)
    if (const int error = wrap(plan, limit_to(what.processes_max)); error != 0)
      return cannot_start(what, "prlimit: " + reason_of(error));
  if (switches)
    if (const int error = wrap(plan, switch_to(*user)); error != 0)
      return cannot_start(what, "setpriv: " + reason_of(error));
  return {};
}

}  // namespace

problem cannot_start(const local_command& what, const std::string& reason) {
  return {problem_kind::invalid, "cannot start " + what.args[0] + ": " + reason};
}

problem cannot_start(const local_command& what, int error) {
  return cannot_start(what, reason_of(error));
}

expected<process_plan> make_process_plan(const command_call& call, const std::string& data_folder) {
  const auto& what = *call.what;
  if (const auto fault = fault_of(call))
    return cannot_start(what, *fault);
  std::optional<process_user> user;
  if (!what.user.empty()) {
    const auto found = find_process_user(what.user);
    if (!found)
      return cannot_start(what, found.error().detail);
    user = *found;
  }
  if (!what.directory.empty()) {
    struct stat found {};
    if (::stat(what.directory.c_str(), &found) != 0)
      return cannot_start(what, "directory " + what.directory + ": " + reason_of(errno));
    if (!S_ISDIR(found.st_mode))
      return cannot_start(what, "directory " + what.directory + ": " + reason_of(ENOTDIR));
  }
  const auto environment = environment_of(call, user, data_folder);
  auto program = find_program(what.args[0], environment.at("PATH"), what.directory);
  if (program.error != 0)
    return cannot_start(what, program.error);

  process_plan plan{std::move(program.path), what.args, {}, what.directory};
  for (const auto& [name, value] : environment)
    plan.environment.push_back(name + '=' + value);
  if (const auto wrapped = wrap(plan, what, user); !wrapped)
    return wrapped.error();
  return plan;
}

}  // namespace carillon
