#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "http/api.hpp"
#include "http/change_desk.hpp"
#include "http/change_rules.hpp"
#include "http/keys_under_way.hpp"
#include "model/request_mark.hpp"

namespace carillon::http {

/// Records who does what, and keeps answers for repeats, in the scheduler's store. Any thread.
class recorder final : public change_desk {
public:
  /// Of all surfaces.
  recorder();

  void run(const api& with, const route& row, const request& asked, const post& later,
           responder reply) override;
  std::shared_ptr<stream> watch(const api& with, const route& row, const request& asked,
                                std::shared_ptr<stream> line) override;
  void note_refusal(const api& with, const route& row, const request& asked, int status) override;

private:
  [[nodiscard]] change_rule rule(const route& row) const;
  [[nodiscard]] static std::shared_ptr<request_mark> mark_of(const api& with, const route& row,
                                                             const request& asked);
  void look(const api& with, const std::string& path, const request& asked,
            const std::function<void(response)>& then) const;
  void record_refusal(scheduler& core, audit_record what);

  router routes_;
  std::unordered_map<const route*, change_rule> rules_;
  keys_under_way keys_;
  std::mutex mutex_;  ///< Guards what follows.
  instant minute_began_;
  int refusals_in_minute_ = 0;
};

}  // namespace carillon::http
