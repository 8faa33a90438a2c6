#include "storage/tenant_folders.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "storage/data_folder.hpp"
#include "storage/store_check.hpp"
#include "storage/tenant_store.hpp"

namespace carillon::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t examples_max = 10;

fs::path root_of(const std::string& data_folder) {
  return fs::path{data_folder} / "tenants";
}

problem cannot(const std::string& what, const fs::path& path, const std::error_code& why) {
  return {problem_kind::unavailable, "cannot " + what + " " + path.string() + ": " + why.message()};
}

/// Folders of tenants that the operator's store does not know, or no longer.
void note_lost_folders(const std::string& data_folder, const std::vector<std::string>& known,
                       check_report& own) {
  std::error_code ignored;
  for (const auto& each : fs::directory_iterator{root_of(data_folder), ignored}) {
    if (std::ranges::find(known, each.path().filename().string()) != known.end())
      continue;
    ++own.notes.count;
    if (own.notes.examples.size() < examples_max)
      own.notes.examples.push_back(each.path().string() + " belongs to no tenant");
  }
}

check_report check_one(const std::string& folder, bool repairs) {
  const auto opened = open_for_check(folder, repairs);
  if (opened)
    return check_folder(**opened, folder, repairs);
  check_report report;
  report.add(check_fault::damaged, opened.error().detail, examples_max);
  return report;
}

}  // namespace

std::string tenant_folder(const std::string& data_folder, const std::string& tenant) {
  return (root_of(data_folder) / tenant).string();
}

expected<void> make_tenants_folder(const std::string& data_folder) {
  const auto root = root_of(data_folder);
  std::error_code error;
  fs::create_directory(root, error);
  if (!error)
    fs::permissions(root, fs::perms::owner_all, error);
  if (error)
    return cannot("make", root, error);
  return sync_folder(data_folder);
}

expected<void> remove_tenant_folder(const std::string& data_folder, const std::string& tenant) {
  const fs::path folder{tenant_folder(data_folder, tenant)};
  std::error_code error;
  if (!fs::exists(folder, error))
    return {};
  fs::remove_all(folder, error);
  if (error)
    return cannot("remove", folder, error);
  return sync_folder(root_of(data_folder).string());
}

bool has_tenant_folder(const std::string& data_folder, const std::string& tenant) {
  std::error_code ignored;
  return fs::exists(fs::path{tenant_folder(data_folder, tenant)} / "FORMAT", ignored);
}

expected<std::vector<std::string>> open_tenants(const engine& disk) {
  const auto all = load_tenants(disk);
  if (!all)
    return all.error();
  std::vector<std::string> names;
  for (const auto& each : *all)
    if (each.stage == tenant_stage::open)
      names.push_back(each.name);
  return names;
}

expected<std::int64_t> copy_tenants(const engine& disk, const std::string& data_folder,
                                    const std::string& draft) {
  const auto names = open_tenants(disk);
  if (!names)
    return names.error();
  std::int64_t tasks = 0;
  if (names->empty())
    return tasks;
  if (auto made = make_tenants_folder(draft); !made)
    return made.error();
  for (const auto& name : *names) {
    const auto folder = tenant_folder(data_folder, name);
    const auto opened = open_to_copy(folder);
    if (!opened)
      return opened.error();
    const auto copied = copy_store(**opened, folder, tenant_folder(draft, name));
    if (!copied)
      return copied.error();
    tasks += *copied;
  }
  return tasks;
}

std::vector<tenant_report> check_tenants(const engine& disk, const std::string& data_folder,
                                         bool repairs, check_report& own) {
  std::vector<tenant_report> found;
  const auto names = open_tenants(disk);
  if (!names)
    return found;  // told by the check of the operator's store
  for (const auto& name : *names) {
    if (has_tenant_folder(data_folder, name))
      found.push_back({name, check_one(tenant_folder(data_folder, name), repairs)});
    else
      own.add(check_fault::dangling, "the store of the tenant " + name + " is not there",
              examples_max);
  }
  note_lost_folders(data_folder, *names, own);
  return found;
}

}  // namespace carillon::storage
