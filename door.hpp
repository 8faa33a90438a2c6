#pragma once

#include <memory>
#include <string>

#include "actors/scheduler.hpp"
#include "config/settings.hpp"
#include "http/bearer.hpp"
#include "http/tls_identity.hpp"

namespace carillon {

/// How clients come in: the certificate that the server shows, and the keys that sign JSON Web
/// Tokens. Outlives the server, and `core` outlives it.
class door {
public:
  /// Reads the files that the settings name; fetches what they name by a URL, as soon as it can.
  static expected<std::shared_ptr<door>> open(const settings& values, scheduler& core);
  ~door();

  /// Null: no address speaks TLS.
  [[nodiscard]] const http::tls_certificate* certificate() const;
  /// Empty: no JSON Web Tokens are taken.
  [[nodiscard]] http::bearer::stranger_look_up strangers();

  /// Whether there is anything that reload() reads.
  [[nodiscard]] bool has_files() const;
  /// Reads the files again. What is at fault stays as it was. Blocks. Any thread.
  expected<void> reload();

  /// To be called several times a second: has keys fetched when it is time.
  void beat();

private:
  struct parts;
  explicit door(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace carillon
