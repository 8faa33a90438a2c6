#include "store_commands.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "http/admin_call.hpp"
#include "model/json.hpp"
#include "model/log.hpp"
#include "storage/backup.hpp"
#include "storage/data_folder.hpp"
#include "storage/mark_record.hpp"
#include "storage/rocksdb_engine.hpp"
#include "storage/store_check.hpp"
#include "storage/tenant_folders.hpp"
#include "tools/cli/copy_progress.hpp"

namespace carillon {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_faults = 1;
constexpr int exit_cannot = 2;
constexpr int exit_repaired = 3;
constexpr int http_created = 201;

constexpr auto address_file = "/server.address";
constexpr auto partial = ".partial";  ///< A backup that is being made.
constexpr std::string_view tls_scheme = "https://";

int cannot(const problem& cause) {
  std::fprintf(stderr, "carillon: %s\n", cause.detail.c_str());
  for (const auto& each : cause.faults)
    std::fprintf(stderr, "carillon: %s: %s\n", each.location.c_str(), each.message.c_str());
  return exit_cannot;
}

std::string first_line(const std::string& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

/// As note_address() has left it; without an address there is no note.
http::admin_place read_note(const std::string& data_folder) {
  std::ifstream in{data_folder + address_file};
  http::admin_place noted;
  std::getline(in, noted.address);
  if (noted.address.starts_with(tls_scheme)) {
    noted.address.erase(0, tls_scheme.size());
    std::getline(in, noted.fingerprint);
    if (noted.fingerprint.empty())
      return {};
  }
  return noted;
}

int tell_backup(const std::string& folder, const std::string& bytes, const std::string& tasks) {
  std::printf("backup %s: %s bytes, %s tasks\n", folder.c_str(), bytes.c_str(), tasks.c_str());
  return exit_clean;
}

std::string member_of(const json::value& root, std::string_view name) {
  for (const auto& each : json::members(root))
    if (each.key == name)
      return json::as_string(each.value).value_or(std::string{each.value.raw});
  return {};
}

/// The detail of a problem, and what is wrong with each field.
std::string refusal_of(const json::value& root) {
  auto text = member_of(root, "detail");
  for (const auto& each : json::members(root))
    if (each.key == "errors")
      for (const auto& one : json::elements(each.value))
        text += "; " + member_of(one, "location") + " " + member_of(one, "message");
  return text;
}

/// The server that has the folder open makes it.
int ask_server(const backup_command& wanted, const std::string& to) {
  const auto where = read_note(wanted.data);
  if (where.address.empty())
    return cannot({problem_kind::unavailable,
                   wanted.data + " is used by a server that does not say where it listens"});
  json::writer body;
  body.begin_object().field("to", to).end_object();
  const auto answered = [&] {
    const cli::copy_progress shown{wanted.data, to + partial};
    return http::post_as_admin(where, first_line(wanted.data + "/admin.token"), "/v1/backup",
                               body.text());
  }();
  if (!answered)
    return cannot(answered.error());
  const auto root = json::read(answered->body);
  if (!root)
    return cannot(root.error());
  if (answered->status != http_created)
    return cannot({problem_kind::conflict, refusal_of(*root)});
  return tell_backup(member_of(*root, "folder"), member_of(*root, "bytes"),
                     member_of(*root, "tasks"));
}

/// What it did to the store stands there.
void record_repairs(storage::disk_engine& store, std::int64_t repaired) {
  audit_record what;
  what.at = std::chrono::floor<duration>(std::chrono::system_clock::now());
  what.id = id_generator{kernel_random{}}.next(what.at);
  what.who_kind = "cli";
  what.who_id = "uid " + std::to_string(::getuid());
  what.action = "check --repair";
  what.count = repaired;
  storage::change_set changes;
  storage::encode_audit(what, changes);
  if (store.commit({&changes}) != storage::commit_status::durable)
    std::fputs("carillon: the repairs could not be recorded\n", stderr);
}

}  // namespace

int check(const check_command& wanted) {
  const auto opened = storage::open_for_check(wanted.data, wanted.repairs);
  if (!opened)
    return cannot(opened.error());
  auto report = storage::check_folder(**opened, wanted.data, wanted.repairs);
  if (report.repaired > 0)
    record_repairs(**opened, report.repaired);
  const auto tenants = storage::check_tenants(**opened, wanted.data, wanted.repairs, report);
  const auto text = wanted.as_json ? storage::reports_as_json(report, tenants)
                                   : storage::reports_as_text(report, tenants);
  std::fputs(text.c_str(), stdout);
  if (storage::fault_count(report, tenants) > 0)
    return exit_faults;
  auto repaired = report.repaired;
  for (const auto& each : tenants)
    repaired += each.report.repaired;
  return repaired > 0 ? exit_repaired : exit_clean;
}

int backup(const backup_command& wanted) {
  const auto to = std::filesystem::absolute(wanted.to).lexically_normal().string();
  const auto opened = storage::open_to_copy(wanted.data);
  if (!opened && opened.error().kind == problem_kind::conflict)
    return ask_server(wanted, to);
  if (!opened)
    return cannot(opened.error());
  const auto made = [&] {
    const cli::copy_progress shown{wanted.data, to + partial};
    return storage::make_backup(**opened, wanted.data, to, [&](const std::string& draft) {
      return storage::copy_tenants(**opened, wanted.data, draft);
    });
  }();
  if (!made)
    return cannot(made.error());
  return tell_backup(made->folder, std::to_string(made->bytes), std::to_string(made->tasks));
}

int restore(const restore_command& wanted) {
  const auto found = [&] {
    const cli::copy_progress shown{wanted.from, wanted.data};
    return storage::restore_backup(wanted.from, wanted.data);
  }();
  if (!found)
    return cannot(found.error());
  const auto text = storage::reports_as_text(found->own, found->tenants);
  if (storage::fault_count(found->own, found->tenants) > 0) {
    std::fputs(text.c_str(), stderr);
    return exit_faults;
  }
  std::printf("restored %s to %s, nothing is at fault\n%s", wanted.from.c_str(),
              wanted.data.c_str(), text.c_str());
  return exit_clean;
}

void note_address(const std::string& data_folder, const std::string& address,
                  const std::string& fingerprint) {
  const auto text =
      fingerprint.empty() ? address : std::string{tls_scheme} + address + "\n" + fingerprint;
  if (const auto noted = storage::write_durably(data_folder + address_file, text + "\n"); !noted)
    log(log_level::warn, "backups cannot be asked for by the command line",
        {{"cause", noted.error().detail}});
}

}  // namespace carillon
