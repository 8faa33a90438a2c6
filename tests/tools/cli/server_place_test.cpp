#include "tools/cli/server_place.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace carillon::cli {
namespace {

/// A data folder with what a server leaves in it.
class data_folder {
public:
  explicit data_folder(const std::string& address)
      : path_{(std::filesystem::temp_directory_path() / "carillon-cli-test").string()} {
    std::filesystem::create_directories(path_);
    std::ofstream{path_ + "/server.address"} << address << "\n";
    std::ofstream{path_ + "/admin.token"} << "operators\n";
  }
  ~data_folder() { std::filesystem::remove_all(path_); }
  data_folder(const data_folder&) = delete;
  data_folder& operator=(const data_folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

}  // namespace

TEST_CASE("a server is where it is said to be, else where it has noted", "[cli]") {
  const data_folder data{"127.0.0.1:4711"};
  const environment_map here{{"CARILLON_STORE_DATA", data.path()}};
  CHECK(find_server({}, here)->url == "http://127.0.0.1:4711");
  auto named = here;
  named["CARILLON_URL"] = "http://[::1]:1/";
  CHECK(find_server({}, named)->url == "http://[::1]:1");
  common_options options;
  options.url = "https://jobs.example.com//";
  CHECK(find_server(options, named)->url == "https://jobs.example.com");
  options = {};
  options.data_folder = data.path();
  CHECK(find_server(options, {})->url == "http://127.0.0.1:4711");
}

TEST_CASE("an address with a scheme is taken as it is", "[cli]") {
  const data_folder data{"https://127.0.0.1:4711\nab12"};
  environment_map here{{"CARILLON_STORE_DATA", data.path()}};
  CHECK(find_server({}, here)->url == "https://127.0.0.1:4711");
  CHECK(find_server({}, here)->fingerprint == "ab12");
  here["CARILLON_CA_FILE"] = "/etc/ca.pem";
  CHECK(find_server({}, here)->fingerprint.empty());
  CHECK(find_server({}, here)->ca_file == "/etc/ca.pem");
}

TEST_CASE("a server on all addresses is asked on the loopback, with its own token", "[cli]") {
  const data_folder data{"0.0.0.0:4711"};
  const auto found = find_server({}, {{"CARILLON_STORE_DATA", data.path()}});
  CHECK(found->url == "http://127.0.0.1:4711");
  CHECK(found->token == "operators");
}

TEST_CASE("without any address it is told how to name one", "[cli]") {
  const auto found = find_server({}, {{"CARILLON_STORE_DATA", "/nowhere"}});
  REQUIRE(found.has_error());
  CHECK(found.error().detail.find("--url") != std::string::npos);
}

TEST_CASE("the token comes from the file, the environment, the data folder", "[cli]") {
  const data_folder data{"127.0.0.1:4711"};
  environment_map here{{"CARILLON_STORE_DATA", data.path()}};
  CHECK(find_server({}, here)->token == "operators");
  here["CARILLON_TOKEN"] = "mine";
  CHECK(find_server({}, here)->token == "mine");
  common_options options;
  options.token_file = data.path() + "/admin.token";
  CHECK(find_server(options, here)->token == "operators");
  options.token_file = "/nowhere";
  CHECK(find_server(options, here).has_error());
}

TEST_CASE("the operator's token goes to this machine alone, unless the folder is named", "[cli]") {
  const data_folder data{"127.0.0.1:4711"};
  const environment_map here{{"CARILLON_STORE_DATA", data.path()}};
  common_options options;
  options.url = "http://jobs.example.com";
  CHECK(find_server(options, here)->token.empty());
  options.data_folder = data.path();
  CHECK(find_server(options, here)->token == "operators");
}

TEST_CASE("only the loopback is this machine", "[cli]") {
  for (const auto* url :
       {"http://127.0.0.1:80", "http://localhost", "https://[::1]:1", "http://127.1.2.3/"})
    CHECK(is_loopback(url));
  for (const auto* url :
       {"http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1",
        "http://example.com/localhost", "http://localhost:80@example.com"})
    CHECK_FALSE(is_loopback(url));
}

}  // namespace carillon::cli
