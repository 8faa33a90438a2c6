#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "tools/bench/readings.hpp"

using namespace carillon::bench;

namespace {

/// A process that is marked as the child of a server with that data folder, until it is killed.
pid_t start_marked(const std::string& data) {
  int told[2];
  REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
  const auto mark = "CARILLON_DATA=" + data;
  const auto child = ::fork();
  if (child == 0) {
    const char* const environment[] = {"A=b", mark.c_str(), nullptr};
    ::execle("/bin/sleep", "sleep", "60", nullptr, environment);
    ::_exit(127);
  }
  ::close(told[1]);
  char none = 0;
  REQUIRE(::read(told[0], &none, 1) == 0);  // closed by the exec: the environment is there
  ::close(told[0]);
  return child;
}

}  // namespace

TEST_CASE("children are counted while they live and while nobody waited for them", "[bench]") {
  const auto data = "/tmp/carillon-bench-test-" + std::to_string(::getpid());
  const auto zombies_before = count_children(::getpid(), data).zombies;
  const auto child = start_marked(data);
  CHECK(count_children(::getpid(), data).alive == 1);
  CHECK(count_children(::getpid(), data + "-other").alive == 0);
  CHECK(count_children(::getpid(), data.substr(0, data.size() - 1)).alive == 0);

  ::kill(child, SIGKILL);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(count_children(::getpid(), data).alive == 0);
  CHECK(count_children(::getpid(), data).zombies == zombies_before + 1);

  ::waitpid(child, nullptr, 0);
  CHECK(count_children(::getpid(), data).zombies == zombies_before);
}

TEST_CASE("a process is read with its descriptors and threads", "[bench]") {
  const auto before = read_process(::getpid());
  REQUIRE(before);
  CHECK(before->threads >= 1);
  const auto more = ::dup(STDIN_FILENO);
  REQUIRE(more >= 0);
  CHECK(read_process(::getpid())->descriptors == before->descriptors + 1);
  ::close(more);
  CHECK_FALSE(read_process(-1));
}
