#include "storage/zone_files.hpp"

#include <time.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "storage/tzif.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace carillon::storage {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;

namespace fs = std::filesystem;

const std::string system_folder = "/usr/share/zoneinfo";

std::string content(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << bytes;
}

/// As a package manager does it: whole, under a new inode.
void replace(const fs::path& path, const std::string& bytes) {
  const auto draft = path.string() + ".new";
  write(draft, bytes);
  fs::rename(draft, path);
}

sys_seconds new_year(int of) {
  return sys_days{year{of} / 1 / 1};
}

/// The C library's own reading of the same files, with TZ set for as long as it lives.
class c_library {
public:
  explicit c_library(const std::string& name) {
    ::setenv("TZ", (":" + system_folder + "/" + name).c_str(), 1);
    ::tzset();
  }
  ~c_library() {
    ::unsetenv("TZ");
    ::tzset();
  }
  c_library(const c_library&) = delete;
  c_library& operator=(const c_library&) = delete;

  [[nodiscard]] seconds offset_at(sys_seconds at) const {
    const std::time_t time = at.time_since_epoch().count();
    std::tm local{};
    REQUIRE(::localtime_r(&time, &local) != nullptr);
    return seconds{local.tm_gmtoff};
  }
};

/// Spans from `from` on, to the first that ends after `to`: whether they are a tiling.
void check_tiling(const zone& where, sys_seconds from, sys_seconds to) {
  auto before = where.span_at(from);
  while (before.end <= to && before.end != sys_seconds::max()) {
    const auto next = where.span_at(before.end);
    REQUIRE(next.begin == before.end);
    REQUIRE(next.begin < next.end);
    REQUIRE(next.offset != before.offset);
    before = next;
  }
}

}  // namespace

TEST_CASE("every zone of the system shows what the C library shows", "[zones]") {
  const zone_files zones;
  const auto names = zones.names();
  CHECK(names.size() > 400);
  std::mt19937_64 random{7};
  const auto random_in = [&random](int first, int last) {
    std::uniform_int_distribution<std::int64_t> seconds_in{
        new_year(first).time_since_epoch().count(), new_year(last).time_since_epoch().count()};
    return sys_seconds{seconds{seconds_in(random)}};
  };
  for (const auto& name : names) {
    CAPTURE(name);
    const auto where = zones.find(name);
    REQUIRE(where);
    CHECK(where->name() == name);
    const c_library expected{name};
    const auto check = [&](sys_seconds at) {
      if (where->span_at(at).offset != expected.offset_at(at))
        FAIL_CHECK(format_local(*where, at)
                   << ", but the offset is " << expected.offset_at(at).count());
    };
    for (auto at = where->span_at(sys_seconds::min()).end; at < new_year(2060);
         at = where->span_at(at).end) {
      check(at - 1s);
      check(at);
    }
    for (int count = 0; count < 200; ++count)
      check(random_in(1970, 2100));
    for (int count = 0; count < 20; ++count)
      check(random_in(2100, 10000));
    check_tiling(*where, sys_seconds::min(), new_year(2100));
  }
}

TEST_CASE("names and links of the database are zones", "[zones]") {
  const zone_files zones;
  const auto at = sys_seconds{new_year(2030) + std::chrono::days{181}};
  const auto [name, offset] = GENERATE(table<std::string, seconds>({
      {"UTC", 0h},
      {"GMT", 0h},
      {"Etc/UTC", 0h},
      {"Etc/GMT+5", -5h},
      {"Etc/GMT-14", 14h},
      {"EST5EDT", -4h},
      {"Europe/Chisinau", 3h},
      {"Europe/Kiev", 3h},
      {"Europe/Kyiv", 3h},
      {"US/Eastern", -4h},
      {"America/Argentina/Buenos_Aires", -3h},
      {"America/Port-au-Prince", -4h},
      {"Asia/Kathmandu", 345min},
      {"Australia/Lord_Howe", 630min},
  }));
  CAPTURE(name);
  const auto where = zones.find(name);
  REQUIRE(where);
  CHECK(where->name() == name);
  CHECK(where->span_at(at).offset == offset);
  CHECK(zones.find(name) == where);
}

TEST_CASE("other files, other folders and other spellings are no zones", "[zones]") {
  using namespace std::string_literals;
  const zone_files zones;
  const auto name =
      GENERATE("Mars/Base"s, "europe chisinau"s, "europe/chisinau"s, "EUROPE/CHISINAU"s, "utc"s,
               ""s, " "s, "UTC "s, " UTC"s, "UTC\n"s, "UTC\0"s, "UTC\0x"s, "\0"s, "/"s, "."s, ".."s,
               "Europe"s, "Europe/"s, "/Europe/Berlin"s, "Europe//Berlin"s, "./Europe/Berlin"s,
               "Europe/../UTC"s, "../zoneinfo/UTC"s, "../../etc/passwd"s, "../../../etc/localtime"s,
               "/etc/localtime"s, "localtime"s, "posixrules"s, "leapseconds"s, "leap-seconds.list"s,
               "tzdata.zi"s, "zone.tab"s, "zone1970.tab"s, "iso3166.tab"s, "posix/Europe/Berlin"s,
               "right/Europe/Berlin"s, "posix"s, ":UTC"s, "UTC0"s, "CET-1CEST,M3.5.0,M10.5.0/3"s,
               "Europe/\xC3\x9C"s, std::string(100'000, 'A'));
  CAPTURE(name);
  CHECK_FALSE(zones.find(name));
}

TEST_CASE("the names hold no folder, no table and no second copy of the database", "[zones]") {
  const auto names = zone_files{}.names();
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (const auto* name : {"UTC", "Europe/Kiev", "America/Argentina/Buenos_Aires", "EST5EDT"})
    CHECK(std::binary_search(names.begin(), names.end(), name));
  for (const auto* name :
       {"Europe", "posixrules", "localtime", "tzdata.zi", "posix/UTC", "right/UTC"})
    CHECK_FALSE(std::binary_search(names.begin(), names.end(), name));
}

TEST_CASE("without a database there is UTC", "[zones]") {
  const test::temporary_folder folder;
  const zone_files zones{folder.path() / "missing"};
  REQUIRE(zones.find("UTC"));
  CHECK(zones.find("UTC")->same_rules(*utc_zone()));
  CHECK_FALSE(zones.find("Europe/Berlin"));
  CHECK(zones.names().empty());
}

TEST_CASE("a changed file changes its zone, and a damaged one does not", "[zones]") {
  const test::temporary_folder folder;
  const auto berlin = content(system_folder + "/Europe/Berlin");
  const auto new_york = content(system_folder + "/America/New_York");
  const auto town = folder.path() / "Test/Town";
  const auto village = folder.path() / "Test/Village";
  write(town, berlin);
  write(village, berlin);

  zone_files zones{folder.path()};
  CHECK(zones.refresh().empty());
  const auto before = zones.find("Test/Town");
  REQUIRE(before);
  REQUIRE(zones.find("Test/Village"));
  CHECK(zones.refresh().empty());

  SECTION("only the zone whose rules differ is told") {
    replace(town, new_york);
    replace(village, berlin);
    CHECK(zones.find("Test/Town") == before);  // until it is looked for
    CHECK(zones.refresh() == std::vector<std::string>{"Test/Town"});
    CHECK(zones.find("Test/Town")->span_at(new_year(2050)).offset == -5h);
    CHECK(zones.find("Test/Village")->span_at(new_year(2050)).offset == 1h);
    CHECK(before->span_at(new_year(2050)).offset == 1h);
    CHECK(zones.refresh().empty());
  }
  SECTION("a file that is written over is seen too") {
    write(town, new_york);
    CHECK(zones.refresh() == std::vector<std::string>{"Test/Town"});
  }
  SECTION("a zone in use stays when its file is damaged or gone, and follows when it is back") {
    replace(town, berlin.substr(0, berlin.size() / 2));
    CHECK(zones.refresh().empty());
    CHECK(zones.find("Test/Town") == before);
    fs::remove(town);
    CHECK(zones.refresh().empty());
    CHECK(zones.find("Test/Town") == before);
    replace(town, new_york);
    CHECK(zones.refresh() == std::vector<std::string>{"Test/Town"});
  }
  SECTION("a zone nobody asked for is not looked at") {
    write(folder.path() / "Test/City", berlin);
    replace(folder.path() / "Test/City", new_york);
    CHECK(zones.refresh().empty());
    CHECK(zones.find("Test/City")->span_at(new_year(2050)).offset == -5h);
  }
}

TEST_CASE("changes of the name alone are no changes", "[zones]") {
  // London was on British Standard Time from 1968 to 1971, then on GMT; its names changed more.
  const auto where = zone_files{}.find("Europe/London");
  REQUIRE(where);
  const auto span = where->span_at(new_year(1970));
  CHECK(span.begin == sys_seconds{sys_days{year{1968} / 2 / 18}} + 2h);
  CHECK(span.end == sys_seconds{sys_days{year{1971} / 10 / 31}} + 2h);
}

TEST_CASE("a zone file that is cut short, or goes on, is none", "[zones][tzif]") {
  const auto bytes = content(system_folder + "/Europe/Berlin");
  REQUIRE(read_tzif("Test", bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE_FALSE(read_tzif("Test", bytes.substr(0, size)));
  CHECK_FALSE(read_tzif("Test", bytes + "\n"));
  CHECK_FALSE(read_tzif("Test", bytes + "x"));
}

TEST_CASE("a zone file must be one that we understand", "[zones][tzif]") {
  using namespace std::string_literals;
  const auto header = [](char version, char leaps, char times, char types) {
    return "TZif"s + version + std::string(26, '\0') + leaps + "\0\0\0"s + times + "\0\0\0"s + types
           + "\0\0\0\4"s;
  };
  const auto name = "AAA\0"s;
  const auto hour = "\0\0\x0E\x10\0\0"s;
  const auto day_and_two = "\0\1\x6D\xA0\0\0"s;               // 26 hours
  const auto behind_a_day_and_one = "\xFF\xFE\xA0\x70\0\0"s;  // -25 hours
  const auto file = [&](const std::string& second) {
    return read_tzif("Test", header('2', 0, 0, 1) + hour + name + second);
  };

  const auto good = file(header('2', 0, 0, 1) + hour + name + "\nAAA-1\n");
  REQUIRE(good);
  CHECK(good->span_at(sys_seconds{}) == zone_span{sys_seconds::min(), sys_seconds::max(), 1h});
  CHECK(file(header('4', 0, 0, 1) + hour + name + "\n\n")->same_rules(*good));

  CHECK_FALSE(file(header('\0', 0, 0, 1) + hour + name + "\nAAA-1\n"));
  CHECK_FALSE(file(header('2', 0, 0, 0) + name + "\nAAA-1\n"));
  CHECK_FALSE(file(header('2', 0, 0, 1) + day_and_two + name + "\nAAA-1\n"));
  CHECK_FALSE(file(header('2', 0, 0, 1) + behind_a_day_and_one + name + "\nAAA-1\n"));
  CHECK_FALSE(file(header('2', 0, 0, 1) + hour + name + "\nAAA\n"));
  CHECK_FALSE(file(header('2', 0, 0, 1) + hour + name + "AAA-1\n"));
  // a leap second
  CHECK_FALSE(file(header('2', 1, 0, 1) + hour + name + std::string(12, '\1') + "\nAAA-1\n"));
  // two changes, of which the second is earlier; a change to a type that is not there
  const auto at = [](char second) { return std::string(7, '\0') + second; };
  const auto both = at(5) + at(6) + "\0\0"s + hour + name + "\nAAA-1\n";
  const auto turned = at(6) + at(5) + "\0\0"s + hour + name + "\nAAA-1\n";
  CHECK(file(header('2', 0, 2, 1) + both)->same_rules(*good));
  CHECK_FALSE(file(header('2', 0, 2, 1) + turned));
  CHECK_FALSE(file(header('2', 0, 1, 1) + at(5) + "\1"s + hour + name + "\nAAA-1\n"));
}

TEST_CASE("no damage to a zone file does harm", "[zones][tzif]") {
  const auto name = GENERATE(as<std::string>(), "Europe/Berlin", "Africa/Casablanca", "UTC");
  const auto whole = content(system_folder + "/" + name);
  std::mt19937 random{11};
  const auto below = [&random](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
  };
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = whole;
    for (auto flips = 1 + below(3); flips > 0; --flips) {
      // Half of them where the counts or the rule are.
      const auto from_end = bytes.size() - 1 - below(std::min<std::size_t>(30, bytes.size()));
      const auto at = round % 2 == 0 ? below(bytes.size()) : round % 4 == 1 ? from_end : below(88);
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
    }
    const auto where = read_tzif("Test", bytes);
    if (!where) {
      ++refused;
      continue;
    }
    for (const auto at : {sys_seconds::min(), new_year(1970), new_year(2300), sys_seconds::max()}) {
      const auto span = where->span_at(at);
      REQUIRE(span.begin <= at);
      REQUIRE((at < span.end || at == sys_seconds::max()));
      to_real(*where, span.to_local(at));
    }
    if (round % 50 == 0)
      check_tiling(*where, sys_seconds::min(), new_year(2100));
  }
  CHECK(refused > 1000);
}

}  // namespace carillon::storage
