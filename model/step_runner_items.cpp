#include <utility>

#include "model/step_runner.hpp"
#include "model/template_text.hpp"

namespace carillon::lifecycle {

// -- a step that fans out -------------------------------------------------------

/// What the items are made from. Read once and kept: a list is long, and each item's end asks
/// again.
expected<std::shared_ptr<const item_source>> step_runner::items() {
  auto data = data_of({at()});
  auto& known = made_.next.items;
  if (known && known->data == data)
    return known;
  const auto root = json::read(data->input);
  if (!root)
    return root.error();
  auto rules = read_map(*root);
  if (!rules)
    return rules.error();
  item_source source{std::move(data), *std::move(rules), nullptr};
  if (has_templates(source.rules.with.raw)) {
    auto all = names();
    if (!all)
      return all.error();
    source.names = std::make_shared<const jmespath_value>(*std::move(all));
  }
  known = std::make_shared<const item_source>(std::move(source));
  return known;
}

/// Starts items as far as the step's width allows; ends the step when all have ended well.
step_runner::progress step_runner::launch_items() {
  const auto source = items();
  if (!source)
    return fail(source.error().detail, false, false);
  const auto& rules = (*source)->rules;
  const auto count = static_cast<std::uint32_t>(rules.items.size());
  int started = 0;
  const auto begun = items_begun(count);
  for (std::uint32_t item = 1; item <= count; ++item) {
    if (begun[item])
      continue;
    if (waits().children.size() >= rules.width)
      return progress::waits;
    if (++started > steps_at_once || effort_ > effort_at_once) {
      made_.effects.emplace_back(effect::go_on{std::get<processing>(made_.next.state).token});
      return progress::waits;
    }
    if (auto error = launch_item(**source, item)) {
      waits().failure = "item " + std::to_string(item - 1) + ": " + *error;
      break;
    }
  }
  if (!waits().failure.empty())
    return end_items();
  if (!waits().children.empty())
    return progress::waits;
  json::writer out;
  out.begin_array();
  for (std::uint32_t item = 1; item <= count; ++item)
    out.raw(data_of({at(), item})->output);
  out.end_array();
  return finish_step(out.take());
}

/// By their numbers, those that are open or have ended well.
std::vector<bool> step_runner::items_begun(std::size_t count) const {
  std::vector<bool> begun(count + 1, false);
  const auto note = [&](const part_id& part) {
    if (part.item <= count)
      begun[part.item] = true;
  };
  const auto& parts = made_.next.parts;
  const auto step = at();
  for (auto each = parts.lower_bound({step, 1}); each != parts.end() && each->first.step == step;
       ++each)
    if (!each->second->output.empty())
      note(each->first);
  for (const auto& child : std::get<processing>(made_.next.state).waits.children)
    note(child.part);
  return begun;
}

/// An item has failed: the others are stopped, and the step fails with the last of them.
step_runner::progress step_runner::end_items() {
  if (waits().children.empty())
    return fail(std::exchange(waits().failure, {}), true);
  stop_children(made_);
  return progress::waits;
}

/// Empty, or why the item has failed at once.
std::optional<std::string> step_runner::launch_item(const item_source& source,
                                                    std::uint32_t number) {
  const auto& rules = source.rules;
  const map_item item{rules.as, rules.items[number - 1].raw, number - 1};
  auto with = std::string{rules.with.raw.empty() ? "{}" : rules.with.raw};
  if (source.names) {
    const auto mine = with_item(*source.names, item, now_);
    auto filled =
        mine ? fill_templates(rules.with, *mine, effort_) : expected<std::string>{mine.error()};
    if (!filled)
      return filled.error().detail;
    with = *std::move(filled);
  }
  const auto root = json::read(with);
  if (!root)
    return root.error().detail;
  auto work =
      work_of({rules.uses, *root, step().timeout, step().retries_max, *made_.next.spec, now_});
  if (auto* child = std::get_if<work_of_child>(&work)) {
    make_child(made_, std::move(child->spec), {at(), number},
               step().id + "[" + std::to_string(number - 1) + "]", now_);
    return std::nullopt;
  }
  if (const auto* failed = std::get_if<work_failed>(&work))
    return failed->error;
  if (auto* done = std::get_if<work_done>(&work)) {
    if (!keep({at(), number}, "", std::move(done->output)))
      return too_much;
    return std::nullopt;
  }
  return rules.uses + " cannot be used for items";
}

}  // namespace carillon::lifecycle
