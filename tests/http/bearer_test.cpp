#include "http/bearer.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

namespace carillon::http {

namespace {

/// A folder of its own that goes away with the test.
struct temporary_folder {
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~temporary_folder() { std::filesystem::remove_all(path); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::filesystem::path path;
};

std::shared_ptr<const principal> only_abc(const token_digest& digest) {
  if (digest != bearer::hash("carillon_abc"))
    return nullptr;
  return std::make_shared<const principal>(principal{principal_kind::token, "abc", "Abc", {}});
}

}  // namespace

TEST_CASE("the token opens, in any case of the scheme", "[http][bearer]") {
  bearer gate{only_abc};
  CHECK(gate.check("Bearer carillon_abc", "a", {}).outcome == verdict::granted);
  CHECK(gate.check("Bearer carillon_abc", "a", {}).who->id == "abc");
  CHECK(gate.check("bEARER carillon_abc", "a", {}).outcome == verdict::granted);
  CHECK(gate.check("", "a", {}).outcome == verdict::missing);
}

TEST_CASE("what is nearly the token does not open", "[http][bearer]") {
  bearer gate{only_abc};
  for (const auto* wrong :
       {"Bearer", "Bearer ", "Bearer  carillon_abc", "Bearer carillon_abc carillon_abc",
        "Bearer carillon_abd", "Bearer carillon_ab", "carillon_abc", "Basic carillon_abc",
        "Bearer\tcarillon_abc", "Bearer carillon_abc,", "Bearer CARILLON_ABC"}) {
    CAPTURE(wrong);
    CHECK(gate.check(wrong, "a", {}).outcome == verdict::wrong);
    CHECK(gate.check(wrong, "a", {}).who == nullptr);
  }
  CHECK(gate.check("Bearer " + std::string(8192, 'a'), "b", {}).outcome == verdict::wrong);
  const std::string_view with_nul{"Bearer carillon_abc\0", 20};
  CHECK(gate.check(with_nul, "b", {}).outcome == verdict::wrong);
}

TEST_CASE("who guesses waits, and who is known there does not", "[http][bearer]") {
  bearer gate{only_abc};
  const steady_time start{std::chrono::hours{5}};
  CHECK(gate.check("Bearer carillon_abc", "a", start).outcome == verdict::granted);
  for (std::size_t count = 0; count < login_limits::failures_max; ++count)
    CHECK(gate.check("Bearer guess", "a", start).outcome == verdict::wrong);
  const auto refused = gate.check("Bearer guess", "a", start + std::chrono::seconds{1});
  CHECK(refused.outcome == verdict::too_many);
  CHECK(refused.retry_after == std::chrono::seconds{59});
  CHECK(gate.check("Bearer carillon_abc", "a", start).outcome == verdict::granted);
  CHECK(gate.check("Basic eA==", "a", start).outcome == verdict::wrong);
  CHECK(gate.check("Bearer guess", "b", start).outcome == verdict::wrong);
  CHECK(gate.check("Bearer guess", "a", start + login_limits::window).outcome == verdict::wrong);
}

TEST_CASE("a good token that is new there waits too: the answer tells a guesser nothing",
          "[http][bearer]") {
  bearer gate{only_abc};
  for (std::size_t count = 0; count < login_limits::failures_max; ++count)
    gate.check("Bearer guess", "a", steady_time{});
  CHECK(gate.check("Bearer carillon_abc", "a", steady_time{}).outcome == verdict::too_many);
}

TEST_CASE("a digest is SHA-256", "[http][bearer]") {
  const auto digest = bearer::hash("abc");
  CHECK(digest[0] == 0xBA);
  CHECK(digest[31] == 0xAD);
}

TEST_CASE("the token is made at the first start and read later", "[http][bearer]") {
  const temporary_folder folder;
  const auto file = folder.path / "admin.token";
  const auto made = load_or_create_token(file);
  REQUIRE(made.has_value());
  CHECK(made->starts_with("carillon_"));
  CHECK(made->size() == 9 + 43);
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(*load_or_create_token(file) == *made);
  CHECK(*new_token() != *made);
  CHECK(std::distance(std::filesystem::directory_iterator{folder.path}, {}) == 1);
}

TEST_CASE("a token file that others can read or that holds none is refused", "[http][bearer]") {
  const temporary_folder folder;
  const auto file = folder.path / "admin.token";
  REQUIRE(load_or_create_token(file).has_value());
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(load_or_create_token(file).error().kind == problem_kind::invalid);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  std::ofstream{file, std::ios::trunc} << "two words\n";
  CHECK(load_or_create_token(file).error().kind == problem_kind::corrupt);
  CHECK_FALSE(load_or_create_token(folder.path / "no" / "such" / "folder").has_value());
}

}  // namespace carillon::http
