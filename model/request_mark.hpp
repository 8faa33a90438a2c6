#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "model/instant.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// Who did what. Written once, never changed by anybody.
struct audit_record {
  task_id id;  ///< Sorts by time.
  instant at;
  std::string who_kind;  ///< "operator", "token", "agent", "source", "operator_file", "cli"
  std::string who_id;    ///< principal::id
  std::string who_name;
  std::string action;           ///< "PATCH /v1/schedules/{id}"
  std::string subject;          ///< What the path names; empty when it names nothing.
  std::optional<task_id> made;  ///< What came to be.
  int status = 0;               ///< Of the answer; 0: it was not answered over HTTP, or not yet.
  std::int64_t count = 0;       ///< Of a stream: what it made.
  std::string before = {};      ///< JSON without secrets; empty: not known.
  std::string after = {};       ///< The same.
  std::string address = {};
  std::string request_id = {};
  std::string user_agent = {};  ///< Cut short.

  bool operator==(const audit_record&) const = default;
};

constexpr bool is_refused(const audit_record& what) {
  return what.status >= 400;
}

/// What the first request with an Idempotency-Key was, and how it was answered.
struct kept_answer {
  std::string fingerprint;      ///< Digest of its method, path, query and body.
  instant until;                ///< Then the key is free again.
  std::optional<task_id> made;  ///< What it was about.
  int status = 0;               ///< 0: its effect is on disk, its answer is not.
  std::string content_type = {};
  std::string location = {};  ///< The header.
  std::string body = {};
  bool has_secret = false;  ///< Its body was told once and is not kept.

  bool operator==(const kept_answer&) const = default;
};

/// What a request leaves in the store beside its effect, in the same commit. It travels with the
/// answer. Changed only by whoever saves the effect, before the commit; read after the answer.
struct request_mark {
  audit_record record;
  bool is_recorded = true;
  std::string key = {};  ///< Digest of the asker and its Idempotency-Key; empty: there is none.
  kept_answer kept = {};
  std::atomic<bool> is_saved = false;  ///< It was handed to the writer.
};

}  // namespace carillon
