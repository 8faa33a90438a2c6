#pragma once

#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <string>

namespace carillon::http {

/// What OpenSSL needs of a certificate. For the few files that know OpenSSL.
struct tls_identity {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
  std::string fingerprint;
  std::string files;  ///< Digest of what was read.
};

/// SHA-256 in hexadecimal digits.
std::string fingerprint_of(const X509* certificate);

}  // namespace carillon::http
