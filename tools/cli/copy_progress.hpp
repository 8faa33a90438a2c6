#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace carillon::cli {

/// While it lives, a bar shows how much of one folder another one has; on a terminal alone.
class copy_progress {
public:
  copy_progress(std::string from, std::string to);
  ~copy_progress();
  copy_progress(const copy_progress&) = delete;
  copy_progress& operator=(const copy_progress&) = delete;

private:
  void show();

  const std::string from_;
  const std::string to_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;  ///< Not started unless there is a terminal.
};

}  // namespace carillon::cli
