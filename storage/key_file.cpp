#include "storage/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "storage/crypto.hpp"
#include "storage/data_folder.hpp"

namespace carillon::storage {
namespace {

/// Keeps the key apart from others. On disk: never change it.
constexpr std::string_view seal_purpose = "carillon: secrets at rest, 1";

problem cannot(const char* what, const std::string& path) {
  return {problem_kind::unavailable,
          std::string{"cannot "} + what + " the key file " + path + ": " + std::strerror(errno)};
}

}  // namespace

expected<std::optional<std::string>> load_key(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT)
    return std::optional<std::string>{};
  struct stat facts {};
  if (file < 0 || ::fstat(file, &facts) != 0)
    return cannot("open", path);
  std::string key(key_bytes + 1, '\0');
  const auto size = ::read(file, key.data(), key.size());
  ::close(file);
  if (size < 0)
    return cannot("read", path);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return problem{problem_kind::invalid,
                   "the key file " + path + " must be for its owner only (mode 0600)"};
  if (static_cast<std::size_t>(size) != key_bytes)
    return problem{problem_kind::corrupt, "the key file " + path + " does not hold "
                                              + std::to_string(key_bytes) + " bytes"};
  key.resize(key_bytes);
  return std::optional{std::move(key)};
}

std::string seal_key_of(std::string_view store_key) {
  return hmac_sha256(store_key, {seal_purpose});
}

expected<std::string> load_or_make_key(const std::string& path) {
  auto found = load_key(path);
  if (!found)
    return found.error();
  if (*found)
    return **std::move(found);
  auto key = random_bytes(key_bytes);
  if (const auto written = write_durably(path, key); !written)
    return written.error();
  return key;
}

}  // namespace carillon::storage
