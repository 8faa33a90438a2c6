#include "model/trace_context.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string given = "00-" + trace + "-00f067aa0ba902b7-01";

task attempted(const task_spec& spec, int number) {
  auto subject = a_task(spec);
  subject.attempts.push_back({number, noon});
  return subject;
}

}  // namespace

TEST_CASE("a traceparent is taken as it stands", "[trace_context]") {
  CHECK(read_trace(given, "").parent == given);
  CHECK(read_trace(" " + given + "\t", "").parent == given);
  CHECK(read_trace("00-" + trace + "-00f067aa0ba902b7-00", "").parent.ends_with("-00"));
}

TEST_CASE("a traceparent that breaks the rules is none", "[trace_context]") {
  const std::string zeros(32, '0');
  for (const std::string& text :
       {std::string{}, std::string{"00"}, given.substr(1), given + "0", given + "-", given + "-x",
        "ff-" + trace + "-00f067aa0ba902b7-01", "0g-" + trace + "-00f067aa0ba902b7-01",
        "00-" + zeros + "-00f067aa0ba902b7-01", "00-" + trace + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + trace + "-00f067aa0ba902b7-0x", "00_" + trace + "-00f067aa0ba902b7-01",
        "00-" + trace + "_00f067aa0ba902b7-01", "00-" + trace + "-00f067aa0ba902b7_01"}) {
    CAPTURE(text);
    CHECK(read_trace(text, "a=1") == trace_link{});
  }
}

TEST_CASE("of a later version what is known today is taken", "[trace_context]") {
  CHECK(read_trace("cc-" + given.substr(3), "").parent == given);
  CHECK(read_trace("cc-" + given.substr(3) + "-what-comes", "").parent == given);
  CHECK(read_trace("cc-" + given.substr(3) + ".what", "").parent.empty());
}

TEST_CASE("a tracestate is kept without its empty members", "[trace_context]") {
  CHECK(read_trace(given, "rojo=00f067aa0ba902b7 ,, congo=t61rcWkgMzE").state
        == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  CHECK(read_trace(given, "fw529a3039@dt=FfAAB;1;+").state == "fw529a3039@dt=FfAAB;1;+");
}

TEST_CASE("a tracestate that breaks the rules is left out, and the trace stays",
          "[trace_context]") {
  std::string many;
  for (int number = 0; number < 33; ++number)
    many += "k" + std::to_string(number) + "=1,";
  for (const std::string& text :
       {std::string{"a"}, std::string{"=1"}, std::string{"a="}, std::string{"A=1"},
        std::string{"a=1,a=2"}, std::string{"a=1=2"}, std::string{"a=\x01"}, std::string{"a@b@c=1"},
        std::string{"a@=1"}, "a=" + std::string(257, 'x'), std::string(257, 'a') + "=1", many,
        "a=" + std::string(250, 'x') + ",b=" + std::string(250, 'x')
            + ",c=" + std::string(20, 'x')}) {
    CAPTURE(text);
    CHECK(read_trace(given, text) == trace_link{given, ""});
  }
}

TEST_CASE("each attempt of a task is a span of its own in the task's trace", "[trace_context]") {
  auto spec = a_delivery_spec();
  spec.trace = {given, "a=1"};
  std::set<std::string> seen;
  for (int number = 1; number <= 3; ++number) {
    const auto link = trace_of_attempt(attempted(spec, number));
    CHECK(link.parent.substr(0, 36) == "00-" + trace + "-");
    CHECK(link.parent.ends_with("-01"));
    CHECK(link.state == "a=1");
    CHECK(read_trace(link.parent, "").parent == link.parent);
    seen.insert(link.parent);
  }
  CHECK(seen.size() == 3);
  CHECK_FALSE(seen.contains(given));
  CHECK(trace_of_attempt(attempted(spec, 1)) == trace_of_attempt(attempted(spec, 1)));
}

TEST_CASE("who is not recorded stays so, and flags that nobody knows are dropped",
          "[trace_context]") {
  auto spec = a_delivery_spec();
  const auto flags = [&](const std::string& asked) {
    spec.trace.parent = "00-" + trace + "-00f067aa0ba902b7-" + asked;
    return trace_of_attempt(attempted(spec, 1)).parent.substr(53);
  };
  CHECK(flags("00") == "00");
  CHECK(flags("02") == "00");
  CHECK(flags("fe") == "00");
  CHECK(flags("ff") == "01");
  CHECK(flags("03") == "01");
}

TEST_CASE("a task that came without a trace has one of its own", "[trace_context]") {
  const auto subject = attempted(a_delivery_spec(), 1);
  CHECK(trace_id_of(subject) == "00000000000000010000000000000000");
  CHECK(trace_of_attempt(subject).parent.starts_with("00-" + trace_id_of(subject) + "-"));
  CHECK(trace_of_attempt(subject).parent.ends_with("-01"));
  CHECK(trace_of_attempt(subject).parent
        != trace_of_attempt(attempted(a_delivery_spec(), 2)).parent);
}
