#include "model/batch_lifecycle.hpp"

#include <utility>

namespace carillon::batch_lifecycle {
namespace {

using result = expected<decision>;

result unchanged(const batch& subject) {
  return decision{subject, false};
}

problem conflict(std::string detail) {
  return {problem_kind::conflict, std::move(detail)};
}

result on(const batch& subject, const batch_counts&, const batch_event::seal&, instant now) {
  if (subject.canceled_at)
    return conflict("the batch was canceled");
  if (subject.sealed_at)
    return unchanged(subject);
  decision made{subject};
  made.next.sealed_at = now;
  return made;
}

result on(const batch& subject, const batch_counts&, const batch_event::cancel&, instant now) {
  if (subject.canceled_at)
    return unchanged(subject);
  if (subject.finished_at)
    return conflict("the batch has ended");
  decision made{subject};
  made.next.canceled_at = now;
  if (!made.next.sealed_at)
    made.next.sealed_at = now;
  made.next.pass = batch_pass{batch_pass_kind::cancel};  // in place of a retry, which is moot
  return made;
}

result on(const batch& subject, const batch_counts& counts, const batch_event::retry_failed&,
          instant) {
  if (subject.canceled_at)
    return conflict("the batch was canceled");
  if (subject.pass)
    return conflict("the failed tasks of the batch are being retried already");
  if (counts.kept(task_status::failed) == 0)
    return unchanged(subject);
  decision made{subject};
  made.next.pass = batch_pass{batch_pass_kind::retry_failed};
  made.next.finished_at.reset();
  return made;
}

result on(const batch& subject, const batch_counts&, const batch_event::look&, instant) {
  return unchanged(subject);
}

result on(const batch& subject, const batch_counts&, const batch_event::passed& so_far, instant) {
  if (!subject.pass || subject.pass->kind != so_far.kind)  // another has taken its place
    return unchanged(subject);
  decision made{subject};
  if (so_far.next)
    made.next.pass->next = *so_far.next;
  else
    made.next.pass.reset();
  return made;
}

result on(const batch& subject, const batch_counts&, const batch_event::told& news, instant) {
  if (!subject.is_event_due || subject.completions != news.number)
    return unchanged(subject);
  decision made{subject};
  made.next.is_event_due = false;
  return made;
}

/// Whatever happened: a sealed batch without open children has ended.
void finish_if_over(decision& made, const batch_counts& counts, instant now) {
  auto& subject = made.next;
  if (!subject.sealed_at || subject.finished_at || subject.pass || counts.open() > 0)
    return;
  subject.finished_at = now;
  ++subject.completions;
  subject.is_event_due = true;
  subject.notices.clear();
  made.changed = true;
  made.finished = true;
}

}  // namespace

result apply(const batch& subject, const batch_counts& counts, const batch_change& what,
             instant now) {
  auto made = std::visit([&](const auto& one) { return on(subject, counts, one, now); }, what);
  if (made)
    finish_if_over(*made, counts, now);
  return made;
}

}  // namespace carillon::batch_lifecycle
