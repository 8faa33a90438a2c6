#include "http/tls_identity.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "http/bearer.hpp"
#include "http/tls_context.hpp"
#include "model/base64.hpp"
#include "model/log.hpp"

namespace carillon::http {
namespace {

namespace ssl = boost::asio::ssl;
using error_code = boost::system::error_code;

constexpr off_t file_bytes_max = 1024 * 1024;

// Of TLS 1.2; all suites of 1.3 are good. Each has forward secrecy and authenticates what it
// encrypts.
constexpr auto old_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

problem unusable(const char* what, const std::string& file, const std::string& why) {
  return {problem_kind::invalid, std::string{"cannot use the "} + what + " " + file + ": " + why};
}

expected<std::string> read_pem(const char* what, const std::string& file, bool is_secret) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0)
    return unusable(what, file, std::strerror(errno));
  struct stat facts {};
  std::string text;
  std::string wrong;
  if (::fstat(opened, &facts) != 0)
    wrong = std::strerror(errno);
  else if (!S_ISREG(facts.st_mode) || facts.st_size > file_bytes_max)
    wrong = "it is no file of at most 1 MiB";
  else if (is_secret && (facts.st_mode & S_IRWXO) != 0)
    wrong = "every user may use it; run chmod o-rwx on it";
  else
    text.resize(static_cast<std::size_t>(facts.st_size));
  if (wrong.empty() && ::read(opened, text.data(), text.size()) != facts.st_size)
    wrong = "it cannot be read";
  ::close(opened);
  if (!wrong.empty())
    return unusable(what, file, wrong);
  return text;
}

/// RFC 7301: what the server speaks, or no connection at all.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  constexpr std::string_view ours = "http/1.1";
  std::string_view left{reinterpret_cast<const char*>(offered), offered_bytes};
  while (!left.empty()) {
    const auto size = static_cast<unsigned char>(left.front());
    const auto name = left.substr(1, size);
    if (name == ours) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *chosen_bytes = size;
      return SSL_TLSEXT_ERR_OK;
    }
    left.remove_prefix(1 + name.size());
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_rules(ssl::context& context) {
  auto* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, old_ciphers);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                                  | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Clients resume by tickets: nothing is kept of those who come once.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
}

/// OpenSSL would ask for it on the terminal.
std::string no_passphrase(std::size_t, ssl::context::password_purpose) {
  return {};
}

void warn_if_over(const X509* certificate, const std::string& file) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    log(log_level::warn, "the certificate has expired: clients will refuse it", {{"file", file}});
}

}  // namespace

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

tls_certificate::tls_certificate(std::string chain_file, std::string key_file)
    : chain_file_{std::move(chain_file)}, key_file_{std::move(key_file)} {}

expected<bool> tls_certificate::load() {
  const auto chain = read_pem("certificate", chain_file_, false);
  if (!chain)
    return chain.error();
  const auto key = read_pem("key", key_file_, true);
  if (!key)
    return key.error();
  const auto digest = bearer::hash(*chain + '\0' + *key);
  const std::string files{digest.begin(), digest.end()};
  if (const auto before = current(); before && before->files == files)
    return false;

  auto made = std::make_shared<tls_identity>();
  made->files = files;
  set_rules(made->context);
  error_code wrong;
  made->context.set_password_callback(no_passphrase, wrong);
  if (!wrong)
    made->context.use_certificate_chain(boost::asio::buffer(*chain), wrong);
  if (wrong)
    return unusable("certificate", chain_file_, wrong.message());
  made->context.use_private_key(boost::asio::buffer(*key), ssl::context::pem, wrong);
  if (wrong)
    return unusable("key", key_file_, wrong.message());
  const auto* const certificate = SSL_CTX_get0_certificate(made->context.native_handle());
  made->fingerprint = fingerprint_of(certificate);
  warn_if_over(certificate, chain_file_);
  const std::lock_guard lock{mutex_};
  current_ = std::move(made);
  return true;
}

std::shared_ptr<tls_identity> tls_certificate::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

std::string tls_certificate::fingerprint() const {
  const auto shown = current();
  return shown ? shown->fingerprint : std::string{};
}

}  // namespace carillon::http
