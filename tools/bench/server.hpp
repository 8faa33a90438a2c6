#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/connection.hpp"
#include "tools/bench/options.hpp"

namespace carillon::bench {

/// What went wrong, for a person; empty when all went well.
using failure = std::optional<std::string>;

/// The server that is measured: one that this program starts on a new directory below the temporary
/// one (TMPDIR), or one that runs already. Its own server dies with this program, and its directory
/// goes with it.
class server {
public:
  explicit server(const options& wanted);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// A server of our own reads this as its operator's file. Before start().
  void define(std::string_view definitions) { definitions_ = definitions; }
  /// Starts it and waits until it is ready; or finds the one that runs.
  failure start(event_loop& loop);

  /// This program may kill, measure and restart it.
  [[nodiscard]] bool ours() const { return url_.empty(); }
  [[nodiscard]] const api_access& access() const { return access_; }
  [[nodiscard]] const std::filesystem::path& data() const { return data_; }
  [[nodiscard]] pid_t process() const { return process_; }

  // -- only when ours() -------------------------------------------------------
  /// As a power cut for the process: SIGKILL, and waits for its end.
  void kill_hard();
  /// Runs the binary again on the same directory and port, without waiting until it is ready.
  failure launch();
  failure wait_until_ready(event_loop& loop);
  /// SIGTERM, and SIGKILL when that takes more than ten seconds.
  failure stop();
  /// Leaves the directory for a look, and says where it is.
  std::string keep_directory();

private:
  failure prepare();
  failure write_definitions() const;
  /// The command line; a file of definitions only where there are any.
  [[nodiscard]] std::vector<std::string> arguments() const;
  failure find_running(event_loop& loop);
  [[nodiscard]] bool exited();
  [[nodiscard]] std::string last_words() const;

  std::string binary_;
  std::string url_;
  std::string token_;
  std::string definitions_;
  api_access access_;
  std::filesystem::path directory_;  // holds the data, the log and the operator's file
  std::filesystem::path data_;
  pid_t process_ = -1;
  bool keep_ = false;
};

/// Reads http://HOST:PORT of this machine (localhost or 127.0.0.0/8). Empty for any other.
std::optional<api_access> parse_loopback_url(std::string_view url);

}  // namespace carillon::bench
