#include "storage/schedule_record.hpp"

#include <catch2/catch.hpp>

#include "tests/support/schedule_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("a schedule comes back from its rows in every field", "[record]") {
  const auto subject = a_full_schedule();
  const auto found =
      decode_schedule(subject.id, encode_schedule_spec(subject), encode_schedule_state(subject));
  REQUIRE(found.has_value());
  CHECK(same(*found, subject));
}

TEST_CASE("an absent field has its default", "[record]") {
  schedule subject;
  subject.id = a_schedule_id(1);
  subject.spec = std::make_shared<const schedule_spec>();
  const auto found =
      decode_schedule(subject.id, encode_schedule_spec(subject), encode_schedule_state(subject));
  REQUIRE(found.has_value());
  CHECK(same(*found, subject));
}

TEST_CASE("rows that were stored once are read for ever", "[record]") {
  // Written by version 1. They must never change, or stores can no longer be opened.
  CHECK(to_hex(encode_schedule_state(a_full_schedule()))
        == "01020204c09ee191a46f0682c8e891a46f0880b89be4a46f0880a8ceb6a56f0a80e6af9f0e0"
           "c0e0e80d8b5bfa36f1080f5d991a46f1280988189a66f1480dec985a66f");
}

TEST_CASE("rows that are cut or of a newer version are told as corrupt", "[record]") {
  const auto subject = a_full_schedule();
  const auto spec = encode_schedule_spec(subject);
  const auto state = encode_schedule_state(subject);
  const auto kind_of = [&](std::string_view definition, std::string_view standing) {
    const auto found = decode_schedule(subject.id, definition, standing);
    REQUIRE_FALSE(found.has_value());
    return found.error().kind;
  };
  CHECK(kind_of(std::string_view{spec}.substr(0, spec.size() - 1), state) == problem_kind::corrupt);
  CHECK(kind_of(spec, std::string_view{state}.substr(0, state.size() - 1))
        == problem_kind::corrupt);
  CHECK(kind_of("\x7F" + spec.substr(1), state) == problem_kind::corrupt);
}

TEST_CASE("an agent comes back from its row", "[record]") {
  const agent subject{"0189", "pipelines", {"tasks:create", "runs:read"}, noon, noon};
  CHECK(*decode_agent(encode_agent(subject)) == subject);
}
