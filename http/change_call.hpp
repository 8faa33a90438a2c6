#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/api.hpp"
#include "http/change_desk.hpp"
#include "http/change_rules.hpp"
#include "http/keys_under_way.hpp"
#include "model/request_mark.hpp"

namespace carillon::http {

/// How GET shows a resource, asked from within. `then` gets the answer, on any thread.
using look_at = std::function<void(const std::string& path, const request& asked,
                                   std::function<void(response)> then)>;

/// One request that changes something, from its arrival to its answer: looks whether its
/// Idempotency-Key is known, and at the resource before, runs the handler, and sees that what has
/// to be kept is on disk before the answer leaves. All but the handler's answer runs on the
/// connection's thread.
class change_call : public std::enable_shared_from_this<change_call> {
public:
  struct surroundings {
    const api& with;
    const route& row;
    change_rule rule;
    look_at look;
    change_desk::post later;
    keys_under_way& keys;
    std::function<void(audit_record)> note_refusal;
  };

  change_call(surroundings around, std::shared_ptr<request_mark> mark, responder reply);
  ~change_call();

  /// `asked` is only there during the call.
  void start(const request& asked);

  // -- for the handler's answer. Any thread.
  void take(response_or_problem what);
  [[nodiscard]] bool wanted() const { return reply_.wanted(); }
  [[nodiscard]] const std::shared_ptr<request_mark>& mark() const { return mark_; }

private:
  void look_up_key();
  void repeat(const kept_answer& known);
  void rebuild(const kept_answer& known);
  void look_before();
  void run(const request& asked);
  void finish(response made);
  void keep(const response& made);
  void save(bool is_recorded, response made);
  void answer_with(response made);
  [[nodiscard]] audit_record whole_record(const response& made) const;

  surroundings around_;
  std::shared_ptr<request_mark> mark_;
  responder reply_;
  std::shared_ptr<const request> asked_;  ///< A copy, when the handler does not run at once.
  std::string path_;
  std::string id_;
  std::string before_;
  std::optional<problem> failure_;  ///< The handler's answer, when it was one.
  bool holds_key_ = false;
};

}  // namespace carillon::http
