#include "tools/bench/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tools/bench/api_client.hpp"
#include "tools/bench/sockets.hpp"

namespace carillon::bench {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto ready_patience = 60s;
constexpr auto stop_patience = 10s;
constexpr auto poll_pause = 5ms;
constexpr std::size_t last_words_max = 2000;
constexpr auto definitions_name = "carillon.toml";

/// The first word of a file: how a token is stored.
std::string read_word(const fs::path& file) {
  std::ifstream in{file};
  std::string word;
  in >> word;
  return word;
}

/// In the child: never returns.
[[noreturn]] void become_server(std::vector<std::string> arguments, const fs::path& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  std::vector<char*> pointers;
  for (auto& each : arguments)
    pointers.push_back(each.data());
  pointers.push_back(nullptr);
  ::execv(pointers.front(), pointers.data());
  ::perror(pointers.front());
  ::_exit(127);
}

}  // namespace

std::optional<api_access> parse_loopback_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return std::nullopt;
  url.remove_prefix(scheme.size());
  if (url.ends_with('/'))
    url.remove_suffix(1);
  const auto colon = url.find(':');
  auto host = std::string{url.substr(0, colon)};
  if (host == "localhost")
    host = "127.0.0.1";
  in_addr address{};
  api_access result;
  result.port = 80;
  if (inet_pton(AF_INET, host.c_str(), &address) != 1)
    return std::nullopt;
  result.address = ntohl(address.s_addr);
  if (result.address >> 24 != 127)
    return std::nullopt;
  if (colon == std::string_view::npos)
    return result;
  const auto port = url.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc{} || end != port.data() + port.size())
    return std::nullopt;
  return result;
}

server::server(const options& wanted)
    : binary_(wanted.server_binary), url_(wanted.url), token_(wanted.token) {}

server::~server() {
  if (!ours())
    return;
  stop();
  std::error_code ignored;
  if (!keep_ && !directory_.empty())
    fs::remove_all(directory_, ignored);
}

failure server::start(event_loop& loop) {
  if (!ours())
    return find_running(loop);
  if (auto problem = prepare())
    return problem;
  if (auto problem = launch())
    return problem;
  return wait_until_ready(loop);
}

failure server::find_running(event_loop& loop) {
  access_ = *parse_loopback_url(url_);  // checked with the command line
  std::error_code ignored;
  access_.token = fs::is_regular_file(token_, ignored) ? read_word(token_) : token_;
  const auto page = call(loop, access_, "GET", "/v1/tasks?limit=1");
  if (page.status != 200)
    return fmt::format("{} answers {} {}", url_, page.status, page.body);
  return std::nullopt;
}

failure server::prepare() {
  std::error_code error;
  auto name = (fs::temp_directory_path(error) / "carillon-bench-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr)
    return fmt::format("cannot make a directory {}", name);
  directory_ = fs::canonical(name, error);  // as the server tells it to its children
  data_ = directory_ / "data";
  const auto socket = listen_on_free_port(access_.port);
  if (socket < 0)
    return "there is no free port on 127.0.0.1";
  ::close(socket);
  return write_definitions();
}

failure server::write_definitions() const {
  if (definitions_.empty())
    return std::nullopt;
  const auto file = directory_ / definitions_name;
  std::ofstream out{file};
  out << definitions_;
  out.close();
  return out ? std::nullopt : failure{fmt::format("cannot write {}", file.string())};
}

std::vector<std::string> server::arguments() const {
  std::vector<std::string> words{binary_,          "serve",
                                 "--data",         data_.string(),
                                 "--listen",       fmt::format("127.0.0.1:{}", access_.port),
                                 "--allow-target", "127.0.0.0/8"};
  if (!definitions_.empty())
    words.insert(words.end(), {"--config", (directory_ / definitions_name).string()});
  return words;
}

failure server::launch() {
  process_ = ::fork();
  if (process_ == 0)
    become_server(arguments(), directory_ / "server.log");
  if (process_ < 0)
    return "the server process cannot be made";
  return std::nullopt;
}

failure server::wait_until_ready(event_loop& loop) {
  const auto deadline = steady_now() + ready_patience;
  while (call(loop, access_, "GET", "/readyz").status != 200) {
    if (exited())
      return fmt::format("the server ended while it started; it said:\n{}", last_words());
    if (steady_now() > deadline || interrupted())
      return fmt::format("the server is not ready after {} s", ready_patience.count());
    std::this_thread::sleep_for(poll_pause);
  }
  access_.token = read_word(data_ / "admin.token");
  if (access_.token.empty())
    return fmt::format("there is no token in {}", (data_ / "admin.token").string());
  return std::nullopt;
}

void server::kill_hard() {
  if (process_ < 0)
    return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

failure server::stop() {
  if (process_ < 0)
    return std::nullopt;
  ::kill(process_, SIGTERM);
  const auto deadline = steady_now() + stop_patience;
  while (!exited()) {
    if (steady_now() > deadline) {
      kill_hard();
      return fmt::format("the server did not stop within {} s", stop_patience.count());
    }
    std::this_thread::sleep_for(poll_pause);
  }
  return std::nullopt;
}

bool server::exited() {
  if (process_ >= 0 && ::waitpid(process_, nullptr, WNOHANG) == process_)
    process_ = -1;
  return process_ < 0;
}

std::string server::keep_directory() {
  keep_ = true;
  return directory_.string();
}

std::string server::last_words() const {
  std::ifstream in{directory_ / "server.log"};
  std::ostringstream text;
  text << in.rdbuf();
  const auto all = text.str();
  return all.size() <= last_words_max ? all : all.substr(all.size() - last_words_max);
}

}  // namespace carillon::bench
