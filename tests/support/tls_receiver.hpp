#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace carillon::test {

/// An HTTPS server for tests on 127.0.0.1, with a self-signed certificate for "localhost" that is
/// made anew each time. Answers 200 to every request and closes.
class tls_receiver {
public:
  tls_receiver();
  ~tls_receiver();

  std::string url(const std::string& host = "localhost") const;
  /// The certificate in a file, to be trusted. Lives as long as the receiver.
  std::string certificate_file() const;
  /// How many requests were read.
  int requests() const;

private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace carillon::test
