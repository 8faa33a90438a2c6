#include "http/bearer.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>

#include "http/text.hpp"

namespace carillon::http {

namespace {

constexpr std::size_t token_bytes_max = 4096;

bool is_token68_char(char each) {
  constexpr std::string_view marks = "-._~+/=";
  return is_digit(each) || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
         || marks.find(each) != std::string_view::npos;
}

std::string base64url(std::span<const unsigned char> bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned held = 0;
  unsigned bits = 0;
  for (const auto each : bytes) {
    held = (held << 8U) | each;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += letters[(held >> bits) & 63U];
    }
  }
  if (bits > 0)
    out += letters[(held << (6 - bits)) & 63U];
  return out;
}

problem file_problem(std::string_view what, const std::filesystem::path& file) {
  return {problem_kind::unavailable,
          std::string{what} + " the token file " + file.string() + ": " + std::strerror(errno)};
}

/// Closes on every path.
class descriptor {
public:
  explicit descriptor(int number) : number_{number} {}
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

private:
  int number_;
};

expected<std::string> read_token(const std::filesystem::path& file) {
  const descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts {};
  if (!opened || ::fstat(opened.get(), &facts) != 0)
    return file_problem("cannot open", file);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return problem{problem_kind::invalid,
                   "the token file " + file.string() + " must be for its owner only (mode 0600)"};
  std::string text(token_bytes_max, '\0');
  const auto size = ::read(opened.get(), text.data(), text.size());
  if (size < 0)
    return file_problem("cannot read", file);
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  if (text.empty() || !std::ranges::all_of(text, is_token68_char))
    return problem{problem_kind::corrupt, "the token file " + file.string() + " holds no token"};
  return text;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(file, text.data(), text.size());
    if (size < 0 && errno != EINTR)
      return false;
    text.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  return true;
}

expected<std::string> create_token(const std::filesystem::path& file) {
  auto token = new_token();
  if (!token)
    return token;
  const auto draft = file.string() + ".new." + std::to_string(::getpid());
  {
    const descriptor opened{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!opened)
      return file_problem("cannot create", file);
    if (!write_all(opened.get(), *token + "\n") || ::fsync(opened.get()) != 0
        || ::rename(draft.c_str(), file.c_str()) != 0) {
      auto why = file_problem("cannot write", file);
      ::unlink(draft.c_str());
      return why;
    }
  }
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || ::fsync(opened.get()) != 0)
    return file_problem("cannot sync the folder of", file);
  return token;
}

/// Fetched once: looking an algorithm up by name costs more than a hash.
const EVP_MD* sha256() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

identity bearer::check(std::string_view authorization, std::string_view address, steady_time now) {
  constexpr std::string_view scheme = "Bearer ";
  if (authorization.empty())
    return {verdict::missing};
  if (!equals_ignoring_case(authorization.substr(0, scheme.size()), scheme))
    return {verdict::wrong};
  const auto token = authorization.substr(scheme.size());
  if (token.empty() || !std::ranges::all_of(token, is_token68_char))
    return {verdict::wrong};
  const auto given = hash(token);
  if (const auto wait = limits_.must_wait(address, given, now))
    return {verdict::too_many, nullptr, *wait};
  stranger found{who_has_(given)};
  if (!found.who && who_comes_)
    found = who_comes_(token, given);
  if (!found.who) {
    if (!found.soon)
      limits_.failed(address, now);
    return {verdict::wrong};
  }
  limits_.succeeded(address, given);
  return {verdict::granted, std::move(found.who)};
}

token_digest bearer::hash(std::string_view token) {
  token_digest out{};
  // Fails only without memory or without the algorithm; half a digest must never be compared.
  if (EVP_Digest(token.data(), token.size(), out.data(), nullptr, sha256(), nullptr) != 1)
    std::abort();
  return out;
}

expected<std::string> new_token() {
  std::array<unsigned char, 32> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return problem{problem_kind::unavailable, "the system gives no random bytes"};
  return "carillon_" + base64url(random);
}

expected<std::string> load_or_create_token(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    return read_token(file);
  return create_token(file);
}

}  // namespace carillon::http
