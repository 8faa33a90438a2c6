#pragma once

#include <unistd.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace carillon::test {

/// A settings file in a folder of its own; both go with the object.
class temporary_file {
public:
  explicit temporary_file(std::string_view text) {
    auto pattern = (std::filesystem::temp_directory_path() / "carillon_config_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    path_ = pattern + "/carillon.toml";
    std::ofstream{path_, std::ios::binary} << text;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_read);  // whatever the umask
  }
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string folder() const { return folder_.string(); }

private:
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace carillon::test
