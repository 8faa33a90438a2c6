#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "http/io_loop.hpp"

namespace carillon::http {

/// Accepts on one address and hands the sockets to the loops in turn. Runs on its loop's thread
/// once started.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// `certificate`: what is shown there, and outlives the listener; null: nothing is encrypted.
  listener(std::shared_ptr<io_loop> own, service& shared,
           const std::vector<std::shared_ptr<io_loop>>& loops, const tls_certificate* certificate)
      : shared_{shared},
        loops_{loops},
        certificate_{certificate},
        acceptor_{own->context()},
        pause_{own->context()} {}

  /// Binds and listens; "host:port". Before the loops run.
  expected<void> open(const std::string& address);

  void start() { accept(); }
  void close();

  /// "host:port" as it is bound.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] bool speaks_tls() const { return certificate_ != nullptr; }

private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  void accept();
  void on_accepted(const boost::system::error_code& error, tcp_socket socket);

  service& shared_;
  const std::vector<std::shared_ptr<io_loop>>& loops_;
  const tls_certificate* certificate_;
  acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::size_t next_ = 0;
};

}  // namespace carillon::http
