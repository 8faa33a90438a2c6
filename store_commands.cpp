#include "store_commands.hpp"

#include <cstdio>
#include <memory>

#include "storage/data_folder.hpp"
#include "storage/key_file.hpp"
#include "storage/rocksdb_engine.hpp"
#include "storage/store_check.hpp"

namespace carillon {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_faults = 1;
constexpr int exit_cannot = 2;
constexpr int exit_repaired = 3;

int cannot(const problem& cause) {
  std::fprintf(stderr, "carillon: %s\n", cause.detail.c_str());
  return exit_cannot;
}

}  // namespace

int check(const check_command& wanted) {
  const auto opened = storage::open_for_check(wanted.data, wanted.repairs);
  if (!opened)
    return cannot(opened.error());
  const auto report = storage::check_folder(**opened, wanted.data, wanted.repairs);
  const auto text =
      wanted.as_json ? storage::report_as_json(report) : storage::report_as_text(report);
  std::fputs(text.c_str(), stdout);
  if (report.fault_count() > 0)
    return exit_faults;
  return report.repaired > 0 ? exit_repaired : exit_clean;
}

}  // namespace carillon
