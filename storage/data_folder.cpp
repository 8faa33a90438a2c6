#include "storage/data_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "model/task_id.hpp"

namespace carillon::storage {
namespace {

namespace fs = std::filesystem;

constexpr auto format_line = "carillon store format ";
constexpr auto shards_line = "shards ";

problem cannot(const std::string& what, const fs::path& path, const std::string& why) {
  return {problem_kind::unavailable, "cannot " + what + " " + path.string() + ": " + why};
}

expected<void> check_format(const fs::path& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  std::string shards;
  std::getline(in, shards);
  int version = 0;
  if (line.starts_with(format_line))
    version = std::atoi(line.c_str() + std::strlen(format_line));
  if (version < 1)
    return cannot("use", path, "it is not a Carillon store");
  if (version > format_version)
    return problem{problem_kind::corrupt,
                   "the store " + path.parent_path().string() + " has format "
                       + std::to_string(version) + ", this program knows up to "
                       + std::to_string(format_version) + ": use a newer Carillon"};
  if (shards != shards_line + std::to_string(shard_count))
    return cannot("use", path, "it has not " + std::to_string(shard_count) + " shards");
  return {};
}

}  // namespace

expected<void> sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return cannot("open", path, std::strerror(errno));
  const bool is_synced = ::fsync(folder) == 0;
  const auto why = errno;
  ::close(folder);
  if (!is_synced)
    return cannot("sync", path, std::strerror(why));
  return {};
}

expected<void> write_durably(const std::string& path, const std::string& text) {
  const auto draft = path + ".new";
  const auto folder_path = fs::path{path}.parent_path();
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return cannot("write", draft, std::strerror(errno));
  const bool written =
      ::write(file, text.data(), text.size()) == std::ssize(text) && ::fsync(file) == 0;
  ::close(file);
  if (!written || std::rename(draft.c_str(), path.c_str()) != 0)
    return cannot("write", path, std::strerror(errno));
  return sync_folder(folder_path.string());
}

expected<std::string> find_data_folder(const std::string& folder) {
  const fs::path root{folder};
  std::error_code error;
  if (!fs::exists(root / "FORMAT", error))
    return cannot("use", root, "it is no data folder: there is no file FORMAT in it");
  if (const auto checked = check_format(root / "FORMAT"); !checked)
    return checked.error();
  return (root / "db").string();
}

expected<std::string> open_data_folder(const std::string& folder) {
  const fs::path root{folder};
  std::error_code error;
  if (!fs::exists(root, error)) {
    fs::create_directories(root, error);
    if (error)
      return cannot("make", root, error.message());
    fs::permissions(root, fs::perms::owner_all, error);
  }
  const auto format = root / "FORMAT";
  const auto database = root / "db";
  if (fs::exists(format, error)) {
    if (const auto checked = check_format(format); !checked)
      return checked.error();
    return database.string();
  }
  if (fs::exists(database, error))
    return cannot("use", root, "it holds a database but no file FORMAT");
  const auto text = format_line + std::to_string(format_version) + "\n" + shards_line
                    + std::to_string(shard_count) + "\n";
  if (const auto written = write_durably(format, text); !written)
    return written.error();
  return database.string();
}

}  // namespace carillon::storage
