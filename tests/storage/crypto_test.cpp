#include "storage/crypto.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <fstream>

#include "model/base64.hpp"
#include "storage/key_file.hpp"
#include "tests/storage/temporary_folder.hpp"

using namespace carillon;
using namespace carillon::storage;
using test::temporary_folder;

TEST_CASE("HMAC-SHA256 as RFC 4231 has it", "[crypto]") {
  CHECK(to_hex(hmac_sha256("Jefe", {"what do ya want for nothing?"}))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'),
                           {"Test Using Larger Than Block-Size Key", " - Hash Key First"}))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmac_sha256("k", {"a", "", "bc"}) == hmac_sha256("k", {"abc"}));
}

TEST_CASE("what is sealed opens with its key and its place alone", "[crypto]") {
  const std::string key(key_bytes, 'k');
  const std::string text = GENERATE("", "x", "a secret of some length, longer than a block");
  const auto sealed = seal(key, text, "place");

  CHECK(open_sealed(key, sealed, "place") == text);
  CHECK_FALSE(open_sealed(std::string(key_bytes, 'K'), sealed, "place"));
  CHECK_FALSE(open_sealed(key, sealed, "plac"));
  CHECK_FALSE(open_sealed(key, sealed, ""));
  if (text.size() > 8)
    CHECK(sealed.find(text) == std::string::npos);
  CHECK(seal(key, text, "place") != sealed);
}

TEST_CASE("no byte of what is sealed can be changed or be missing", "[crypto]") {
  const std::string key(key_bytes, 'k');
  const auto sealed = seal(key, "secret", "place");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(open_sealed(key, changed, "place"));
    CHECK_FALSE(open_sealed(key, sealed.substr(0, at), "place"));
  }
}

TEST_CASE("random bytes are as many as asked for, and others each time", "[crypto]") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(1'000).size() == 1'000);
  CHECK(random_bytes(32) != random_bytes(32));
}

TEST_CASE("texts are the same when every byte is", "[crypto]") {
  CHECK(is_same_secret("", ""));
  CHECK(is_same_secret("abc", "abc"));
  CHECK_FALSE(is_same_secret("abc", "abd"));
  CHECK_FALSE(is_same_secret("abc", "ab"));
}

TEST_CASE("the key of a store is made once, for its owner alone", "[key_file]") {
  const temporary_folder folder;
  const auto path = (folder.path() / "store.key").string();
  const auto made = load_or_make_key(path);
  REQUIRE(made.has_value());
  CHECK(made->size() == key_bytes);
  CHECK(*load_or_make_key(path) == *made);
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("a key that others may read is refused", "[key_file]") {
  const temporary_folder folder;
  const auto path = (folder.path() / "store.key").string();
  REQUIRE(load_or_make_key(path).has_value());
  const auto mode = GENERATE(0640u, 0604u, 0620u);
  ::chmod(path.c_str(), mode);
  const auto refused = load_or_make_key(path);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail
        == "the key file " + path + " must be for its owner only (mode 0600)");
}

TEST_CASE("a file that holds no key is refused and stays as it is", "[key_file]") {
  const temporary_folder folder;
  const auto path = (folder.path() / "store.key").string();
  const std::string text(GENERATE(0, 31, 33), 'x');
  std::ofstream{path} << text;
  ::chmod(path.c_str(), 0600);
  REQUIRE(load_or_make_key(path).has_error());
  CHECK(load_or_make_key(path).error().kind == problem_kind::corrupt);
}
