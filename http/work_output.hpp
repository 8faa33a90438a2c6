#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

// What tasks and schedules share in their answers. Absent values are null.

void add(json::writer& out, std::string_view name, const std::optional<instant>& when,
         fraction digits = fraction::when_needed);
/// Null when empty.
void add_text(json::writer& out, std::string_view name, std::string_view text);
void add_length(json::writer& out, std::string_view name, const std::optional<duration>& length);
void add_texts(json::writer& out, std::string_view name, const std::vector<std::string>& texts);

/// `target`: a URL when that says it all, else an object.
void add_target(json::writer& out, const std::optional<http_target>& target);
/// `command`: only of what runs one. Its environment is left out: that is where secrets are.
/// `notifications`; nothing when nobody is told.
void add_notices(json::writer& out, const notice_rules& rules);
void add_command(json::writer& out, const command_ref& command);
void add_retry(json::writer& out, const retry_policy& policy);
/// `timeout`; none is null.
void add_timeout(json::writer& out, duration timeout);
/// `concurrency_key`, `concurrency_limit` and `rate_limit`: only those that are set.
void add_key_limit(json::writer& out, const key_limit& limit);

}  // namespace carillon::http
