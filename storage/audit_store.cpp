#include "storage/audit_store.hpp"

#include <algorithm>

#include "model/batch.hpp"
#include "storage/keys.hpp"
#include "storage/mark_record.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::size_t looked_at_max = 50'000;  ///< Records for one page.

bool holds(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos;
}

bool is_about(const audit_filter& wanted, const audit_record& what) {
  return subject_of(what) == wanted.subject
         || (what.made
             && (to_text(*what.made) == wanted.subject || to_uuid(*what.made) == wanted.subject));
}

bool has_text(std::string_view wanted, const audit_record& what) {
  const std::string_view fields[] = {what.who_id,  what.who_name,   what.action,
                                     what.subject, what.before,     what.after,
                                     what.address, what.request_id, what.user_agent};
  return std::ranges::any_of(fields, [&](std::string_view field) { return holds(field, wanted); })
         || (what.made && holds(to_text(*what.made), wanted));
}

bool begins_with_method(std::string_view action, std::string_view method) {
  return action.starts_with(method) && action.substr(method.size()).starts_with(' ');
}

}  // namespace

bool matches(const audit_filter& wanted, const audit_record& what) {
  const auto is = [](std::string_view asked, std::string_view found) {
    return asked.empty() || asked == found;
  };
  return (is(wanted.who, what.who_id) || wanted.who == what.who_name)
         && is(wanted.action, what.action)
         && (wanted.method.empty() || begins_with_method(what.action, wanted.method))
         && (wanted.subject.empty() || is_about(wanted, what))
         && (!wanted.refused || *wanted.refused == is_refused(what))
         && (wanted.text.empty() || has_text(wanted.text, what));
}

std::string subject_of(const audit_record& what) {
  if (!what.subject.empty() || !what.made)
    return what.subject;
  if (what.action.starts_with("POST /v1/batches"))
    return to_batch_text(*what.made);
  const bool is_event = what.action.find("/events") != std::string::npos;
  return is_event ? to_uuid(*what.made) : to_text(*what.made);
}

expected<audit_page> audit_store::list(const audit_filter& wanted,
                                       const std::optional<task_id>& cursor,
                                       std::size_t limit) const {
  const auto prefix = keys::audit_prefix();
  auto end = wanted.to ? keys::audit_row(first_id_at(*wanted.to)) : prefix + '\xFF';
  if (cursor)
    end = std::min(end, keys::audit_row(*cursor));
  const auto begin = wanted.from ? keys::audit_row(first_id_at(*wanted.from)) : prefix;
  audit_page page;
  std::size_t looked_at = 0;
  std::optional<task_id> last;
  const auto at = std::move(disk_.read(space::rows, 1).front());
  at->seek_for_prev(end);
  if (at->valid() && at->key() == end)
    at->prev();
  for (; at->valid() && at->key() >= begin && at->key().starts_with(prefix); at->prev()) {
    if (page.items.size() == limit || ++looked_at > looked_at_max) {
      page.next = last;
      break;
    }
    last = keys::id_at_end(at->key());
    auto found = decode_audit(*last, at->value());
    if (!found)
      return found.error();
    if (matches(wanted, *found))
      page.items.push_back(*std::move(found));
  }
  return page;
}

expected<std::optional<kept_answer>> audit_store::find_kept(std::string_view key) const {
  const auto row = disk_.get(space::rows, keys::kept_row(key));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<kept_answer>{};
  auto found = decode_kept(**row);
  if (!found)
    return found.error();
  return std::optional{*std::move(found)};
}

bool audit_store::remove_old(instant before, std::size_t limit, change_set& out) const {
  const auto prefix = keys::audit_prefix();
  const auto end = keys::audit_row(first_id_at(before));
  const auto at = std::move(disk_.read(space::rows, 1).front());
  std::size_t count = 0;
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix) && at->key() < end;
       at->next()) {
    if (count++ == limit)
      return true;
    out.erase(space::rows, at->key());
  }
  return false;
}

bool audit_store::remove_expired(instant now, std::size_t limit, std::string& from,
                                 change_set& out) const {
  const auto prefix = keys::kept_prefix();
  const auto at = std::move(disk_.read(space::rows, 1).front());
  std::size_t count = 0;
  for (at->seek(std::max(from, prefix)); at->valid() && at->key().starts_with(prefix); at->next()) {
    if (count++ == limit) {
      from = at->key();
      return true;
    }
    const auto found = decode_kept(at->value());
    if (found && found->until <= now)
      out.erase(space::rows, at->key());
  }
  return false;
}

expected<std::array<std::int64_t, 2>> audit_store::count() const {
  std::array<std::int64_t, 2> counts{};
  const auto at = std::move(disk_.read(space::rows, 1).front());
  for (at->seek(keys::audit_prefix()); at->valid() && at->key().starts_with(keys::audit_prefix());
       at->next(), ++counts[0])
    if (const auto found = decode_audit(keys::id_at_end(at->key()), at->value()); !found)
      return found.error();
  for (at->seek(keys::kept_prefix()); at->valid() && at->key().starts_with(keys::kept_prefix());
       at->next(), ++counts[1])
    if (const auto found = decode_kept(at->value()); !found)
      return found.error();
  return counts;
}

}  // namespace carillon::storage
