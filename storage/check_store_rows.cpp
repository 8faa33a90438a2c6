#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/audit_store.hpp"
#include "storage/bulk_record.hpp"
#include "storage/check_round.hpp"
#include "storage/event_keys.hpp"
#include "storage/event_source_store.hpp"
#include "storage/group_store.hpp"
#include "storage/keys.hpp"
#include "storage/run_log.hpp"
#include "storage/schedule_store.hpp"
#include "storage/secret_store.hpp"
#include "storage/stat_record.hpp"
#include "storage/task_store.hpp"
#include "storage/tenant_store.hpp"
#include "storage/token_store.hpp"

namespace carillon::storage {
namespace {

constexpr std::string_view known_letters = "abghkntwyz";

}  // namespace

/// There are few of each: they are read as the server reads them.
void check_round::look_at_store_rows() {
  const auto take = [this](std::string_view what, const auto& found) {
    if (!found)
      return add(check_fault::unreadable, found.error().detail);
    read(what, static_cast<std::int64_t>(found->size()));
  };
  take("agents", schedule_store{disk_}.agents());
  take("bulk jobs", load_bulks(disk_));
  take("groups", all_groups(disk_));
  take("tokens", load_tokens(disk_));
  take("stretches of what was counted", load_all_stats(disk_));
  take("tenants", load_tenants(disk_));
  const auto secrets = load_secrets(disk_, settings_.seal_key);
  take("secrets", secrets);
  const auto sources = load_event_sources(disk_, settings_.seal_key);
  take("event sources", sources);
  if (const auto marks = audit_store{disk_}.count(); marks) {
    read("records of changes", (*marks)[0]);
    read("kept answers", (*marks)[1]);
  } else {
    add(check_fault::unreadable, marks.error().detail);
  }
  const auto sealed = (secrets ? std::ranges::count(*secrets, "", &kept_secret::key) : 0)
                      + (sources ? std::ranges::count(*sources, "", &event_source::key) : 0);
  if (sealed > 0)
    add(check_fault::sealed,
        std::to_string(sealed) + " secrets were sealed with another store.key");
  const auto at = std::move(disk_.read(space::rows, 1).front());
  for (at->seek("\xFF"); at->valid(); at->next())
    if (at->key().size() < 2 || known_letters.find(at->key()[1]) == known_letters.npos)
      add(check_fault::stray, "a row of the store of no known kind");
}

/// Logs are no part of the database and are not synced: after a crash one may be left of an attempt
/// that is gone. The next start removes it.
void check_round::look_at_logs() {
  if (settings_.logs.empty())
    return;
  std::int64_t logs = 0;
  const run_logs all{settings_.logs};
  all.for_each([&](const task_id& run) {
    ++logs;
    const auto name = to_uuid(run);
    std::string note;
    if (const auto row = disk_.get(space::rows, keys::task_row(parse_run_id(run).task));
        row && !*row)
      note = "the log of attempt " + name + ", whose task is gone";
    else if (!all.read(run, 0, 1))
      note = "the log of attempt " + name + " cannot be read";
    if (note.empty())
      return;
    ++report_.notes.count;
    if (report_.notes.examples.size() < settings_.examples_max)
      report_.notes.examples.push_back(std::move(note));
  });
  read("logs", logs);
}

}  // namespace carillon::storage
