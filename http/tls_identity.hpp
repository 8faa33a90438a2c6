#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "model/problem.hpp"

namespace carillon::http {

/// One certificate with its key, ready for handshakes. Connections keep the one that they began
/// with.
struct tls_identity;

/// The certificate that the server shows, and its key. Any thread.
class tls_certificate {
public:
  /// PEM files: the server's certificate followed by those that vouch for it, and its key.
  tls_certificate(std::string chain_file, std::string key_file);

  /// Reads the files; blocks. What is at fault changes nothing. Whether they are others than
  /// before.
  expected<bool> load();

  /// Null before the first load().
  [[nodiscard]] std::shared_ptr<tls_identity> current() const;

  /// SHA-256 of the certificate in hexadecimal digits; empty before the first load().
  [[nodiscard]] std::string fingerprint() const;

private:
  const std::string chain_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<tls_identity> current_;  ///< Under the mutex.
};

}  // namespace carillon::http
