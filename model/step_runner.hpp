#pragma once

#include <memory>
#include <string>

#include "model/pipeline.hpp"
#include "model/step_work.hpp"
#include "model/task_lifecycle.hpp"

namespace carillon::lifecycle {

/// Moves the newest attempt of a pipeline on, inside a decision that is being made.
///
/// Invariants:
///  - Steps run one after the other: the one under way is the first that has not ended well.
///  - A step that has ended well has its output in next.parts.
///  - Only a step under way has children.
class step_runner {
public:
  /// `made.next` is processing by steps.
  step_runner(decision& made, instant now);

  /// Runs steps until one must wait, or until it is enough for one decision.
  void run();
  void child_ended(const part_id& part, const event::child_ended& news);
  void pause_ended();
  void heard(const event::published& news);

private:
  /// Steps and items that one decision starts: a long pipeline that never waits must not keep an
  /// actor's thread, and each decision is one durable step.
  static constexpr int steps_at_once = 32;
  /// And of their expressions, after which no other begins.
  static constexpr std::size_t effort_at_once = 100'000;
  static constexpr const char* too_much =
      "the steps were given and gave more than a task may keep: 4 MiB in all, 48 levels deep each";

  enum class progress { goes_on, waits, ended };

  step_wait& waits();
  [[nodiscard]] std::uint32_t at() const;  ///< The step under way, or how many there are.
  component& part();
  [[nodiscard]] const pipeline_step& step() const;
  [[nodiscard]] std::shared_ptr<const part_data> data_of(const part_id& part) const;

  progress start();
  progress begin(const step_work& work);
  progress start_work(std::string arguments);
  progress launch_items();
  [[nodiscard]] std::vector<bool> items_begun(std::size_t count) const;
  expected<std::shared_ptr<const item_source>> items();
  std::optional<std::string> launch_item(const item_source& source, std::uint32_t number);
  progress end_items();
  progress finish_step(std::string output, component_status how = component_status::completed);
  progress fail(std::string error, bool is_retryable, bool may_task_retry = true);
  void finish_well();
  expected<jmespath_value> names();
  expected<bool> condition_holds();
  expected<std::string> arguments();
  [[nodiscard]] bool keep(const part_id& part, std::string input, std::string output);
  void tell(std::string type, std::string message);

  decision& made_;
  instant now_;
  std::shared_ptr<const pipeline_plan> plan_;
  std::optional<std::size_t> bytes_;  ///< Of all parts, once it was asked.
  std::size_t effort_ = 0;            ///< Steps that expressions took.
  /// Of the step under way, once they were asked for.
  std::shared_ptr<const jmespath_value> names_;
};

/// Reads the plan of a pipeline into the task, once. Null when it cannot be read.
std::shared_ptr<const pipeline_plan> plan_of(task& subject);

/// A child of `made.next` for one of its parts, in the same durable step.
void make_child(decision& made, task_spec spec, const part_id& part, std::string name, instant now);

/// Tells its children, if there are any, to end.
void stop_children(decision& made);

}  // namespace carillon::lifecycle
