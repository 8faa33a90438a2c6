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

namespace carillon {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_faults = 1;
constexpr int exit_cannot = 2;
constexpr int exit_repaired = 3;
constexpr int http_created = 201;

constexpr auto address_file = "/server.address";

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
  const auto address = first_line(wanted.data + address_file);
  if (address.empty())
    return cannot({problem_kind::unavailable,
                   wanted.data + " is used by a server that does not say where it listens"});
  json::writer body;
  body.begin_object().field("to", to).end_object();
  const auto answered = http::post_as_admin(address, first_line(wanted.data + "/admin.token"),
                                            "/v1/backup", body.text());
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
  const auto report = storage::check_folder(**opened, wanted.data, wanted.repairs);
  if (report.repaired > 0)
    record_repairs(**opened, report.repaired);
  const auto text =
      wanted.as_json ? storage::report_as_json(report) : storage::report_as_text(report);
  std::fputs(text.c_str(), stdout);
  if (report.fault_count() > 0)
    return exit_faults;
  return report.repaired > 0 ? exit_repaired : exit_clean;
}

int backup(const backup_command& wanted) {
  const auto to = std::filesystem::absolute(wanted.to).lexically_normal().string();
  const auto opened = storage::open_to_copy(wanted.data);
  if (!opened && opened.error().kind == problem_kind::conflict)
    return ask_server(wanted, to);
  if (!opened)
    return cannot(opened.error());
  const auto made = storage::make_backup(**opened, wanted.data, to);
  if (!made)
    return cannot(made.error());
  return tell_backup(made->folder, std::to_string(made->bytes), std::to_string(made->tasks));
}

int restore(const restore_command& wanted) {
  const auto report = storage::restore_backup(wanted.from, wanted.data);
  if (!report)
    return cannot(report.error());
  if (report->fault_count() > 0) {
    std::fputs(storage::report_as_text(*report).c_str(), stderr);
    return exit_faults;
  }
  std::printf("restored %s to %s, nothing is at fault\n%s", wanted.from.c_str(),
              wanted.data.c_str(), storage::report_as_text(*report).c_str());
  return exit_clean;
}

void note_address(const std::string& data_folder, const std::string& address) {
  if (const auto noted = storage::write_durably(data_folder + address_file, address + "\n"); !noted)
    log(log_level::warn, "backups cannot be asked for by the command line",
        {{"cause", noted.error().detail}});
}

}  // namespace carillon
