#include "actors/marks.hpp"

#include <memory>
#include <utility>

#include "storage/audit_store.hpp"

namespace carillon {
namespace {

constexpr std::size_t piece_size = 1'024;

/// Where a sweep stands. One job has it at a time.
struct sweep {
  const house& home;
  std::string kept_from = {};
  bool has_records = true;
  bool has_answers = true;
};

void sweep_piece(const std::shared_ptr<sweep>& under_way) {
  const auto& home = under_way->home;
  home.housekeeping->post([under_way, now = home.time->now()](const storage::task_store& store) {
    const storage::audit_store marks{store.disk()};
    const auto keep_for = under_way->home.settings.audit_keep_for;
    storage::change_set changes;
    under_way->has_records = under_way->has_records && keep_for > duration{0}
                             && marks.remove_old(now - keep_for, piece_size, changes);
    under_way->has_answers =
        under_way->has_answers
        && marks.remove_expired(now, piece_size, under_way->kept_from, changes);
    const bool goes_on = under_way->has_records || under_way->has_answers;
    if (changes.empty()) {
      if (goes_on)
        sweep_piece(under_way);
      return;
    }
    under_way->home.writer->submit(std::move(changes),
                                   [under_way, goes_on](storage::commit_status status) {
                                     if (goes_on && status == storage::commit_status::durable)
                                       sweep_piece(under_way);
                                   });
  });
}

}  // namespace

void sweep_marks(const house& home) {
  sweep_piece(std::make_shared<sweep>(sweep{home}));
}

}  // namespace carillon
