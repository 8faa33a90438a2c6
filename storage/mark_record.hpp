#pragma once

#include <string_view>

#include "model/request_mark.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Adds what a request leaves beside its effect, which is about `made`, if that has an id. Pure but
/// for the mark.
void leave_mark(request_mark& mark, const std::optional<task_id>& made, change_set& out);

void encode_audit(const audit_record& what, change_set& out);
expected<audit_record> decode_audit(const task_id& id, std::string_view row);
/// `key` as request_mark::key.
void encode_kept(std::string_view key, const kept_answer& what, change_set& out);
expected<kept_answer> decode_kept(std::string_view row);

}  // namespace carillon::storage
