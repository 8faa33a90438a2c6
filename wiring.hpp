#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/scheduler.hpp"
#include "config/settings.hpp"
#include "http/api.hpp"
#include "http/server_settings.hpp"

// What the composition root does beyond the order of things: each part gets the settings it knows.

namespace carillon {

/// What the memory and the files of this process hold is for nobody else to see. What commands do
/// is their own affair. Before there are other threads.
void keep_private(const log_settings& log);

scheduler_settings to_scheduler_settings(const settings& from);
http::server_settings to_server_settings(const http_settings& from);
http::api to_api(const settings& from, scheduler& core);

/// The file that the definitions come from. Any thread.
class operator_file {
public:
  operator_file(std::optional<std::string> path, scheduler& core)
      : path_{std::move(path)}, core_{core} {}

  /// Makes the definitions what was read at the start. Blocks.
  expected<definition_changes> apply(std::vector<definition> wanted);
  /// What a reload does first, on a thread that may block; it goes no further when that fails. To
  /// be set before the first one.
  void read_first(std::function<expected<void>()> more) { more_ = std::move(more); }
  /// Reads the file anew; what is at fault changes nothing.
  void reload(answer<definition_changes> reply);

  [[nodiscard]] instant loaded_at() const { return loaded_at_->load(); }

private:
  [[nodiscard]] answer<definition_changes> noting(answer<definition_changes> reply) const;

  std::optional<std::string> path_;
  std::function<expected<void>()> more_;
  scheduler& core_;  ///< Outlives this, and what this has it do.
  std::shared_ptr<std::atomic<instant>> loaded_at_ =
      std::make_shared<std::atomic<instant>>(instant{});
};

/// "reloaded: 1 added, 2 changed, 0 removed", or what is at fault.
void log_reload(const expected<definition_changes>& outcome);

}  // namespace carillon
