#include "storage/tenant_store.hpp"

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace tenant_field {
enum : std::uint32_t {
  title = 1,
  stage,
  created_at,
  requests_per_second,
  burst,
  requests_at_once,
  open_tasks,
  schedules,
};
}

void write(record_writer& row, std::uint32_t field, const std::optional<std::int64_t>& limit) {
  if (limit)
    row.number(field, *limit);
}

void read_field(record_reader& in, tenant& subject) {
  auto& limits = subject.limits;
  // clang-format off
  switch (in.field()) {
    case tenant_field::title:               subject.title = in.text(); break;
    case tenant_field::stage:               subject.stage = in.word(tenant_stage::removing); break;
    case tenant_field::created_at:          subject.created_at = in.moment(); break;
    case tenant_field::requests_per_second: limits.requests_per_second = in.number(); break;
    case tenant_field::burst:               limits.burst = in.number(); break;
    case tenant_field::requests_at_once:    limits.requests_at_once = in.number(); break;
    case tenant_field::open_tasks:          limits.open_tasks = in.number(); break;
    case tenant_field::schedules:           limits.schedules = in.number(); break;
    default: break;
  }
  // clang-format on
}

expected<tenant> decode_tenant(std::string_view name, std::string_view row) {
  tenant subject;
  subject.name = name;
  record_reader in{row};
  while (in.next())
    read_field(in, subject);
  if (!in.ok() || in.version() > record_version || !is_tenant_name(name))
    return problem{problem_kind::corrupt,
                   "the row of the tenant " + std::string{name} + " does not decode"};
  return subject;
}

}  // namespace

void encode_tenant(const tenant& subject, change_set& out) {
  record_writer row{record_version};
  row.text(tenant_field::title, subject.title);
  row.number(tenant_field::stage, static_cast<std::int64_t>(subject.stage));
  row.moment(tenant_field::created_at, subject.created_at);
  const auto& limits = subject.limits;
  write(row, tenant_field::requests_per_second, limits.requests_per_second);
  write(row, tenant_field::burst, limits.burst);
  write(row, tenant_field::requests_at_once, limits.requests_at_once);
  write(row, tenant_field::open_tasks, limits.open_tasks);
  write(row, tenant_field::schedules, limits.schedules);
  out.put(space::rows, keys::tenant_row(subject.name), row.data());
}

void encode_tenant_removal(std::string_view name, change_set& out) {
  out.erase(space::rows, keys::tenant_row(name));
}

expected<std::vector<tenant>> load_tenants(const engine& disk) {
  std::vector<tenant> all;
  const auto prefix = keys::tenant_row("");
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto found = decode_tenant(at->key().substr(prefix.size()), at->value());
    if (!found)
      return found.error();
    all.push_back(*std::move(found));
  }
  return all;
}

}  // namespace carillon::storage
