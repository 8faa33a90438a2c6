#pragma once

#include <cstdint>

namespace carillon::bench {

/// A connected non-blocking socket to an address of this machine, without Nagle; -1 with errno when
/// it is refused. (On the loopback connecting is over at once, so it may block.)
int connect_to(std::uint32_t address, std::uint16_t port);

/// A listening non-blocking socket on a free port of 127.0.0.1; -1 with errno when there is none.
int listen_on_free_port(std::uint16_t& port);

void set_no_delay(int socket);

}  // namespace carillon::bench
