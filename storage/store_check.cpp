#include "storage/store_check.hpp"

#include <utility>

#include "storage/check_round.hpp"
#include "storage/data_folder.hpp"
#include "storage/key_file.hpp"

namespace carillon::storage {
namespace {

/// Counters of a batch follow from entries, which follow from rows: a second round finds what the
/// first one has made readable.
constexpr int rounds_max = 4;

}  // namespace

check_report check_store(engine& disk, const check_settings& settings) {
  std::int64_t repaired = 0;
  for (int round = 1;; ++round) {
    check_round look{disk, settings};
    auto report = look.run();
    repaired += report.repaired;
    const bool wrote = report.repaired > 0;
    report.repaired = repaired;
    if (!wrote || round == rounds_max)
      return report;
  }
}

expected<std::unique_ptr<disk_engine>> open_for_check(const std::string& data_folder,
                                                      bool repairs) {
  const auto database = find_data_folder(data_folder);
  if (!database)
    return database.error();
  auto reading = open_rocksdb_to_read(*database);
  if (!reading || !repairs)
    return reading;
  reading->reset();
  return open_rocksdb({*database});
}

expected<std::unique_ptr<disk_engine>> open_to_copy(const std::string& data_folder) {
  return open_for_check(data_folder, true);
}

check_report check_folder(disk_engine& disk, const std::string& data_folder, bool repairs) {
  check_settings settings;
  check_report report;
  if (const auto verified = disk.verify(); !verified) {
    report.add(check_fault::damaged, verified.error().detail, settings.examples_max);
    return report;
  }
  const auto key = load_key(data_folder + "/store.key");
  settings.seal_key = seal_key_of(key && *key ? **key : std::string{});
  settings.logs = data_folder + "/logs";
  settings.repairs = repairs;
  report = check_store(disk, settings);
  if (!key)
    report.add(check_fault::unreadable, key.error().detail, settings.examples_max);
  return report;
}

}  // namespace carillon::storage
