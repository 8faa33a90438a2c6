#include "tests/support/batch_day.hpp"

#include "actors/house.hpp"

namespace carillon::test {
namespace {

template <class T>
answer<T> fill(const slot<T>& where) {
  return answer<T>{[where](expected<T> value) { where->emplace(std::move(value)); }};
}

}  // namespace

slot<opened_batch> open_batch(actor_world& world, batch_spec spec) {
  const auto result = std::make_shared<std::optional<expected<opened_batch>>>();
  spec.created_at = world.now();
  caf::anon_send(
      world.look_inside().home.batches,
      carillon::open_batch{std::make_shared<const batch_spec>(std::move(spec)), fill(result)});
  return result;
}

slot<batch_view> ask_batch(actor_world& world, const batch_id& id, batch_change what,
                           std::uint64_t session) {
  const auto result = std::make_shared<std::optional<expected<batch_view>>>();
  caf::anon_send(world.look_inside().home.batches,
                 carillon::ask_batch{id, std::move(what), fill(result), session});
  return result;
}

std::optional<batch_view> stored_batch(const actor_world& world, const batch_id& id) {
  return storage::batch_store{world.look_inside().engine}.view(id).value();
}

}  // namespace carillon::test
