#include "storage/zone_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "storage/tzif.hpp"

namespace carillon::storage {
namespace {

namespace fs = std::filesystem;

/// The largest of today's has 4 KiB.
constexpr off_t file_size_max = 256 * 1024;

/// An open file, closed with the object.
class open_file {
public:
  /// A pipe in the folder must not hold us up.
  explicit open_file(const std::string& path)
      : handle_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {}
  ~open_file() {
    if (handle_ >= 0)
      ::close(handle_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  [[nodiscard]] int handle() const { return handle_; }

private:
  int handle_;
};

/// Exactly `size` bytes; anything else is empty.
std::string read_all(int handle, std::size_t size) {
  std::string bytes(size + 1, '\0');
  std::size_t filled = 0;
  for (ssize_t got = 1; got > 0 && filled < bytes.size(); filled += static_cast<std::size_t>(got)) {
    got = ::read(handle, bytes.data() + filled, bytes.size() - filled);
    if (got < 0)
      return {};
  }
  bytes.resize(filled == size ? size : 0);
  return bytes;
}

/// Names have no dot, so none leads out of the folder, and none is a table of the database.
bool may_be_name(std::string_view name) {
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  if (name.empty() || name.size() > 100 || name.front() == '/' || name.back() == '/'
      || name.find("//") != name.npos || name.find_first_not_of(letters) != name.npos)
    return false;
  // The database once more in other forms, and files with the rules of a zone but no name of one.
  return !name.starts_with("posix/") && !name.starts_with("right/") && name != "posixrules"
         && name != "localtime";
}

std::array<std::uint64_t, 4> version_of(const struct stat& file) {
  using std::chrono::nanoseconds;
  // The time of the inode: that of the content may be the same for all files of a package.
  const auto changed =
      std::chrono::seconds{file.st_ctim.tv_sec} + nanoseconds{file.st_ctim.tv_nsec};
  return {file.st_dev, file.st_ino, static_cast<std::uint64_t>(file.st_size),
          static_cast<std::uint64_t>(changed.count())};
}

}  // namespace

zone_files::zone_files(std::string folder) : folder_{std::move(folder)} {}

zone_ptr zone_files::find(std::string_view name) const {
  {
    const std::shared_lock reading{lock_};
    if (const auto known = known_.find(name); known != known_.end())
      return known->second.where;
  }
  auto found = read(name);
  if (!found)
    return name == "UTC" ? utc_zone() : nullptr;
  const std::unique_lock writing{lock_};
  return known_.try_emplace(std::string{name}, *std::move(found)).first->second.where;
}

std::vector<std::string> zone_files::refresh() {
  const std::lock_guard alone{refreshing_};
  std::vector<std::pair<std::string, entry>> known;
  {
    const std::shared_lock reading{lock_};
    known.assign(known_.begin(), known_.end());
  }
  std::vector<std::string> changed;
  for (const auto& [name, old] : known) {
    if (version_now(name) == old.read_from)
      continue;
    auto found = read(name);
    if (!found)
      continue;
    if (!found->where->same_rules(*old.where))
      changed.push_back(name);
    const std::unique_lock writing{lock_};
    known_.insert_or_assign(name, *std::move(found));
  }
  return changed;
}

std::vector<std::string> zone_files::names() const {
  std::vector<std::string> all;
  std::error_code error;
  for (fs::recursive_directory_iterator at{folder_, error}, end; !error && at != end;
       at.increment(error)) {
    auto name = at->path().lexically_relative(folder_).string();
    if (read(name))
      all.push_back(std::move(name));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::optional<zone_files::version> zone_files::version_now(const std::string& name) const {
  struct stat file {};
  if (::stat((folder_ + "/" + name).c_str(), &file) != 0)
    return {};
  return version_of(file);
}

std::optional<zone_files::entry> zone_files::read(std::string_view name) const {
  if (!may_be_name(name))
    return {};
  const open_file opened{folder_ + "/" + std::string{name}};
  struct stat file {};
  if (opened.handle() < 0 || ::fstat(opened.handle(), &file) != 0 || !S_ISREG(file.st_mode)
      || file.st_size > file_size_max)
    return {};
  const auto bytes = read_all(opened.handle(), static_cast<std::size_t>(file.st_size));
  auto where = read_tzif(std::string{name}, bytes);
  if (!where)
    return {};
  return entry{std::move(where), version_of(file)};
}

std::string zone_files::database_version() const {
  // Its source in one file begins with "# version 2025b".
  constexpr std::string_view label = "# version ";
  std::ifstream source{folder_ + "/tzdata.zi"};
  std::string line;
  std::getline(source, line);
  return line.starts_with(label) ? line.substr(label.size()) : std::string{};
}

}  // namespace carillon::storage
