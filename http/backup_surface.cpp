#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "http/tables.hpp"
#include "http/tenant_registry.hpp"

// The native surface: /v1/backup.

namespace carillon::http {
namespace {

constexpr std::size_t path_bytes_max = 4'000;

std::string backup(const finished_backup& made) {
  const auto& [facts, took] = made;
  json::writer out;
  out.begin_object();
  out.field("folder", facts.folder);
  out.field("files", facts.files);
  out.field("bytes", facts.bytes);
  out.field("tasks", facts.tasks);
  out.field("seconds", std::chrono::duration<double>(took).count());
  out.end_object();
  return out.take();
}

void post_backup(const api& with, const request& asked, responder reply) {
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  in.require("to");
  auto to = in.text("to", {1, path_bytes_max});
  in.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  if (with.tenants == nullptr)
    return reply(problem{problem_kind::conflict, "the server makes no backups"});
  with.tenants->make_backup(
      *std::move(to), carillon::answer<finished_backup>{[reply](expected<finished_backup> made) {
        if (!made)
          return reply(std::move(made).error());
        reply(response{201, backup(*made)});
      }});
}

constexpr route routes[] = {
    {"POST", "/v1/backup", post_backup, access::operator_admin},
};

}  // namespace

std::span<const route> backup_surface() {
  return routes;
}

}  // namespace carillon::http
