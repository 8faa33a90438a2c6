#include "storage/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "model/task.hpp"
#include "storage/counter.hpp"
#include "storage/data_folder.hpp"
#include "storage/keys.hpp"
#include "storage/store_check.hpp"
#include "storage/tenant_folders.hpp"

namespace carillon::storage {
namespace {

namespace fs = std::filesystem;

constexpr auto folder_mode = fs::perms::owner_all;
constexpr auto file_mode = fs::perms::owner_read | fs::perms::owner_write;
constexpr auto index_suffix = ".idx";

problem cannot(const std::string& what, const fs::path& path, const std::string& why) {
  return {problem_kind::unavailable, "cannot " + what + " " + path.string() + ": " + why};
}

expected<void> make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0)
    return cannot("make", path, std::strerror(errno));
  return {};
}

/// A file that has gone meanwhile is left out.
expected<void> copy_one(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error == std::errc::no_such_file_or_directory && !fs::exists(from))
    return {};
  if (!error)
    fs::permissions(to, file_mode, error);
  if (error)
    return cannot("copy", from, error.message());
  return {};
}

/// All files below a folder for which `wanted(path)` says so.
template <class Wanted>
expected<void> copy_tree(const fs::path& from, const fs::path& to, Wanted wanted) {
  std::error_code error;
  for (fs::recursive_directory_iterator at{from, error}, end; !error && at != end;
       at.increment(error)) {
    const auto place = to / at->path().lexically_relative(from);
    std::error_code ignored;
    expected<void> done;
    if (at->is_directory(ignored) && !fs::exists(place))
      done = make_folder(place);
    else if (at->is_regular_file(ignored) && wanted(at->path()))
      done = copy_one(at->path(), place);
    if (!done)
      return done;
  }
  if (error)
    return cannot("read", from, error.message());
  return {};
}

/// An index tells of no more than was written to its log before: it is copied first.
expected<void> copy_logs(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from))
    return {};
  if (auto made = make_folder(to); !made)
    return made;
  const auto is_index = [](const fs::path& path) { return path.extension() == index_suffix; };
  if (auto copied = copy_tree(from, to, is_index); !copied)
    return copied;
  return copy_tree(from, to, [&](const fs::path& path) { return !is_index(path); });
}

expected<void> sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = file >= 0 && ::fsync(file) == 0;
  const auto why = errno;
  if (file >= 0)
    ::close(file);
  if (!is_synced)
    return cannot("sync", path, std::strerror(why));
  return {};
}

/// Files first, so that no folder is durable with a file that is not.
expected<backup_facts> sync_tree(const fs::path& folder) {
  backup_facts facts;
  std::vector<fs::path> folders{folder};
  for (const auto& one : fs::recursive_directory_iterator{folder}) {
    if (one.is_directory()) {
      folders.push_back(one.path());
      continue;
    }
    if (auto synced = sync(one.path()); !synced)
      return synced.error();
    ++facts.files;
    facts.bytes += one.file_size();
  }
  std::ranges::reverse(folders);
  for (const auto& one : folders)
    if (auto synced = sync(one); !synced)
      return synced.error();
  return facts;
}

std::int64_t count_tasks(const engine& disk) {
  std::int64_t count = 0;
  for (std::size_t status = 0; status < task_status_count; ++status)
    count +=
        read_counter(disk, keys::counter(keys::count_of_status(static_cast<task_status>(status))));
  return count;
}

expected<void> copy_back(const fs::path& from, const fs::path& to) {
  const auto format = from / "FORMAT";
  if (auto copied = copy_tree(from, to, [&](const fs::path& path) { return path != format; });
      !copied)
    return copied;
  if (auto synced = sync_tree(to); !synced)
    return synced.error();
  // Last: without it no server takes the folder.
  if (auto copied = copy_one(format, to / "FORMAT"); !copied)
    return copied;
  if (auto synced = sync(to / "FORMAT"); !synced)
    return synced;
  return sync(to);
}

}  // namespace

expected<std::string> backup_path(const std::string& allowed, const std::string& to) {
  const fs::path wanted{to};
  std::error_code error;
  const auto root = fs::canonical(allowed, error);
  if (error)
    return cannot("find the folder of backups,", allowed, error.message());
  const problem misplaced{
      problem_kind::invalid,
      "no backup can be made there",
      {{"body.to", "must be an absolute path below " + root.string() + " whose parent is there",
        excerpt(to)}}};
  const auto name = wanted.filename();
  const auto parent = fs::canonical(wanted.parent_path(), error);
  if (error || !wanted.is_absolute() || name.empty() || name == "." || name == "..")
    return misplaced;
  if (std::mismatch(root.begin(), root.end(), parent.begin(), parent.end()).first != root.end())
    return misplaced;
  return (parent / name).string();
}

expected<std::int64_t> copy_store(const disk_engine& disk, const std::string& data_folder,
                                  const std::string& to) try {
  const fs::path data{data_folder};
  const fs::path copy{to};
  if (auto made = make_folder(copy); !made)
    return made.error();
  // First: what it refers to in the other files is there before it.
  if (auto copied = disk.checkpoint((copy / "db").string()); !copied)
    return copied.error();
  const auto tasks = count_tasks(disk);
  if (auto copied = copy_logs(data / "logs", copy / "logs"); !copied)
    return copied.error();
  for (const auto* name : {"store.key", "FORMAT"})
    if (auto copied = copy_one(data / name, copy / name); !copied)
      return copied.error();
  return tasks;
} catch (const fs::filesystem_error& fault) {
  return problem{problem_kind::unavailable, fault.what()};
}

namespace {

expected<backup_facts> fill_backup(const disk_engine& disk, const std::string& data,
                                   const fs::path& draft, const backup_addition& also) {
  const auto tasks = copy_store(disk, data, draft.string());
  if (!tasks)
    return tasks.error();
  const auto others = also(draft.string());
  if (!others)
    return others.error();
  auto facts = sync_tree(draft);
  if (facts)
    facts->tasks = *tasks + *others;
  return facts;
}

}  // namespace

expected<backup_facts> make_backup(const disk_engine& disk, const std::string& data_folder,
                                   const std::string& to, const backup_addition& also) try {
  if (fs::exists(fs::symlink_status(to)))
    return problem{problem_kind::conflict, to + " is there already"};
  const fs::path draft{to + ".partial"};
  std::error_code ignored;
  fs::remove_all(draft, ignored);  // of one that was cut short
  auto facts = fill_backup(disk, data_folder, draft, also);
  if (facts && std::rename(draft.c_str(), to.c_str()) != 0)
    facts = cannot("make", to, std::strerror(errno));
  if (!facts) {
    fs::remove_all(draft, ignored);
    return facts;
  }
  if (auto synced = sync(fs::absolute(to).parent_path()); !synced)
    return synced.error();
  facts->folder = to;
  return facts;
} catch (const fs::filesystem_error& fault) {
  return problem{problem_kind::unavailable, fault.what()};
}

expected<restored_stores> restore_backup(const std::string& from, const std::string& to) try {
  if (const auto known = find_data_folder(from); !known)
    return known.error();
  if (fs::exists(to) && !fs::is_empty(to))
    return problem{problem_kind::conflict,
                   to + " is not empty: name a folder that is, or that is not there"};
  fs::create_directories(to);
  fs::permissions(to, folder_mode);
  if (auto copied = copy_back(fs::canonical(from), to); !copied)
    return copied.error();
  const auto opened = open_for_check(to, false);
  if (!opened)
    return opened.error();
  restored_stores found{check_folder(**opened, to, false), {}};
  found.tenants = check_tenants(**opened, to, false, found.own);
  return found;
} catch (const fs::filesystem_error& fault) {
  return problem{problem_kind::unavailable, fault.what()};
}

}  // namespace carillon::storage
