#include "tests/support/tls_receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace carillon::test {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_pointer = std::unique_ptr<X509, decltype(&X509_free)>;

void add_extension(X509* certificate, int kind, const char* value) {
  auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

certificate_pointer make_certificate(EVP_PKEY* key) {
  constexpr long hour = 3600;
  certificate_pointer certificate{X509_new(), &X509_free};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -hour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), hour);
  X509_set_pubkey(certificate.get(), key);
  auto* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost");
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

std::string write_to_file(X509* certificate) {
  std::string path = "/tmp/carillon_certificate_XXXXXX";
  auto* const file = ::fdopen(::mkstemp(path.data()), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  return path;
}

}  // namespace

class tls_receiver::server {
public:
  server() : listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const key_pointer key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const auto certificate = make_certificate(key.get());
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    certificate_file_ = write_to_file(certificate.get());

    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof where;
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0)
      std::abort();
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(where.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::remove(certificate_file_.c_str());
  }

  std::uint16_t port_ = 0;
  std::string certificate_file_;
  std::atomic<int> requests_ = 0;

private:
  void serve() {
    sigset_t broken_pipe;  // OpenSSL writes to a peer that has gone
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      auto* const session = SSL_new(context_.get());
      SSL_set_fd(session, socket);
      if (SSL_accept(session) == 1)
        answer(session);
      SSL_free(session);
      ::close(socket);
    }
  }

  void answer(SSL* session) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      char chunk[4096];
      const int count = SSL_read(session, chunk, sizeof chunk);
      if (count <= 0)
        return;
      request.append(chunk, static_cast<std::size_t>(count));
    }
    ++requests_;
    constexpr std::string_view reply =
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret";
    SSL_write(session, reply.data(), static_cast<int>(reply.size()));
    SSL_shutdown(session);
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_server_method()),
                                                             &SSL_CTX_free};
  int listener_;
  std::thread thread_;
};

tls_receiver::tls_receiver() : server_{std::make_unique<server>()} {}
tls_receiver::~tls_receiver() = default;

std::string tls_receiver::url(const std::string& host) const {
  return "https://" + host + ":" + std::to_string(server_->port_) + "/";
}

std::string tls_receiver::certificate_file() const {
  return server_->certificate_file_;
}

int tls_receiver::requests() const {
  return server_->requests_;
}

}  // namespace carillon::test
