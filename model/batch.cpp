#include "model/batch.hpp"

#include <array>
#include <numeric>

#include "model/json.hpp"

namespace carillon {
namespace {

constexpr std::string_view id_prefix = "batch_";

bool is_ended(std::size_t status) {
  return status >= static_cast<std::size_t>(task_status::completed);
}

}  // namespace

std::string_view to_string(batch_status status) {
  constexpr std::array<std::string_view, 4> words{"open", "running", "completed", "canceled"};
  return words[static_cast<std::size_t>(status)];
}

batch_status status_of(const batch& subject) {
  if (subject.canceled_at)
    return batch_status::canceled;
  if (subject.finished_at)
    return batch_status::completed;
  return subject.sealed_at ? batch_status::running : batch_status::open;
}

std::int64_t batch_counts::total() const {
  return std::accumulate(by_status.begin(), by_status.end(), std::int64_t{0});
}

std::int64_t batch_counts::done() const {
  std::int64_t sum = 0;
  for (std::size_t status = 0; status < by_status.size(); ++status)
    sum += is_ended(status) ? by_status[status] : 0;
  return sum;
}

std::int64_t batch_counts::kept() const {
  return total() - std::accumulate(removed.begin(), removed.end(), std::int64_t{0});
}

std::string to_batch_text(const batch_id& id) {
  return std::string{id_prefix} + to_uuid(id);
}

std::optional<batch_id> parse_batch_id(std::string_view text) {
  if (text.starts_with(id_prefix))
    text.remove_prefix(id_prefix.size());
  return parse_task_id(text);
}

std::string completion_payload(const batch& subject, const batch_counts& counts) {
  json::writer out;
  out.begin_object();
  out.field("type", batch_completed_topic);
  out.field("batch_id", to_batch_text(subject.id));
  out.field("completion", subject.completions);
  out.field("name", subject.spec->name);
  out.field("status", to_string(status_of(subject)));
  out.key("counts").begin_object();
  out.field("total", counts.total());
  for (std::size_t status = 0; status < task_status_count; ++status)
    if (is_ended(status))
      out.field(to_string(static_cast<task_status>(status)), counts.by_status[status]);
  out.end_object();
  out.field("created_at", format_instant(subject.spec->created_at));
  if (subject.finished_at)
    out.field("finished_at", format_instant(*subject.finished_at));
  out.key("metadata").raw(subject.spec->metadata);
  out.end_object();
  return out.take();
}

}  // namespace carillon
