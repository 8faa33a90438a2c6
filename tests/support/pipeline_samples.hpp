#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/pipeline.hpp"
#include "tests/support/task_samples.hpp"

// Pipelines for tests, and their lives.

namespace carillon::test {

/// `steps`: what stands between the brackets of "pipeline".
inline task_spec a_pipeline_spec(const std::string& steps, const std::string& params = "{}") {
  task_spec spec;
  spec.created_at = noon;
  spec.scheduled_for = noon;
  spec.runs_pipeline = true;
  spec.payload = R"({"pipeline":[)" + steps + R"(],"params":)" + params + "}";
  return spec;
}

inline std::string a_step(const std::string& id, const std::string& uses,
                          const std::string& with = "{}", const std::string& more = "") {
  return R"({"id":")" + id + R"(","uses":")" + uses + R"(","with":)" + with + more + "}";
}

/// A pipeline that has begun.
class pipeline_life : public life {
public:
  explicit pipeline_life(const task_spec& spec) : life{spec} { deliver(); }
  explicit pipeline_life(const std::string& steps, const std::string& params = "{}")
      : pipeline_life{a_pipeline_spec(steps, params)} {}

  [[nodiscard]] const component& step(std::size_t at) const { return subject().components[at]; }
  /// "completed", "started", ...: of all steps, with commas between them.
  [[nodiscard]] std::string steps() const {
    std::string words;
    for (const auto& part : subject().components)
      words += (words.empty() ? "" : ",") + std::string{to_string(part.status)};
    return words;
  }
  [[nodiscard]] std::string output(std::uint32_t at, std::uint32_t item = 0) const {
    const auto found = subject().parts.find({at, item});
    return found == subject().parts.end() ? "" : found->second->output;
  }
  [[nodiscard]] const step_wait& waits() const { return running().waits; }
  /// The tasks that the last event made.
  [[nodiscard]] const std::vector<task>& born() const { return last.born; }

  /// The child for this part ends.
  pipeline_life& complete(const part_id& part, std::string output = "{}") {
    tell(event::child_ended{child(part), task_status::completed, std::move(output), {}});
    return *this;
  }
  pipeline_life& fail_child(const part_id& part, std::string error = "boom") {
    tell(event::child_ended{child(part), task_status::failed, {}, std::move(error)});
    return *this;
  }
  [[nodiscard]] task_id child(const part_id& part) const {
    for (const auto& open : waits().children)
      if (open.part == part)
        return open.id;
    FAIL("no child for step " << part.step << ", item " << part.item);
    return {};
  }
  /// The next attempt begins at its time.
  pipeline_life& try_again() {
    tick_when_due();
    deliver();
    return *this;
  }
};

}  // namespace carillon::test
