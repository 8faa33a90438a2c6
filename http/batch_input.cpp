#include "http/batch_input.hpp"

#include <algorithm>
#include <utility>

#include "http/body_reader.hpp"
#include "http/task_input.hpp"
#include "http/work_input.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t calls_max = 10;
constexpr std::size_t metadata_bytes_max = 64 * 1024;

/// What names one task alone.
constexpr std::string_view own_id = "unique_id";

http_target read_call(const api& with, const json::value& given, const std::string& location,
                      fault_list& faults) {
  // As a task's target: the reader knows it by that name.
  const auto text = R"({"target":)" + std::string{given.raw} + "}";
  const auto root = json::read(text);
  fault_list found;
  body_reader in{*root, location, found};
  auto call = read_target(with, in, found);
  if (!call)
    in.refuse("target", "must be a URL or an object with url, method and headers");
  const auto told = std::move(found).to_problem();
  for (const auto& one : told.faults)
    faults.add(location + one.location.substr((location + ".target").size()), one.message,
               one.value);
  return call.value_or(http_target{});
}

std::vector<http_target> read_calls(const api& with, body_reader& in, fault_list& faults) {
  const auto given = in.any("on_complete");
  if (!given || given->kind == json::kind::null)
    return {};
  const auto location = in.location_of("on_complete");
  if (given->kind != json::kind::array)
    return {read_call(with, *given, location, faults)};
  std::vector<http_target> calls;
  const auto all = json::elements(*given);
  if (all.size() > calls_max)
    in.refuse("on_complete", "must have at most " + std::to_string(calls_max) + " entries");
  for (std::size_t at = 0; at < std::min(all.size(), calls_max); ++at)
    calls.push_back(read_call(with, all[at], location + "[" + std::to_string(at) + "]", faults));
  return calls;
}

/// Looks at the template as at a task, so that its faults are told once.
void read_template(const api& with, body_reader& in, fault_list& faults, batch_header& to) {
  const auto given = in.object("task_template");
  if (!given)
    return;
  to.defaults = json::members(*given);
  task_spec ignored;
  ignored.created_at = with.core.now();
  body_reader inner{*given, in.location_of("task_template"), faults};
  read_task_fields(with, inner, faults, ignored);
  if (inner.has(own_id))
    inner.refuse(own_id, "names one task: a batch knows its tasks by their number");
  inner.finish();
}

void read_header_fields(const api& with, body_reader& in, fault_list& faults, batch_header& to) {
  batch_spec spec;
  spec.created_at = with.core.now();
  spec.name = in.text("name", {1, name_bytes_max}).value_or("");
  spec.idempotency_key = in.text("idempotency_key", {1, name_bytes_max}).value_or("");
  spec.on_complete = read_calls(with, in, faults);
  spec.call_timeout = with.delivery_timeout_default;
  if (const auto metadata = in.any("metadata"))
    spec.metadata = metadata->raw;
  if (spec.metadata.size() > metadata_bytes_max)
    in.refuse("metadata", "must have at most 64 KiB");
  read_template(with, in, faults, to);
  to.spec = std::make_shared<const batch_spec>(std::move(spec));
}

expected<task_spec> read_one(const api& with, const batch_header& header, const json::value& root,
                             const std::string& location) {
  fault_list faults;
  body_reader in{root, location, faults, header.defaults};
  task_spec spec;
  spec.created_at = with.core.now();
  spec.trace = header.origin.trace;
  spec.created_by = header.origin.created_by;
  read_task_fields(with, in, faults, spec);
  require_work(in, spec);
  if (!spec.unique_id.empty())
    in.refuse(own_id, "is not taken in a batch, which knows its tasks by their number");
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return spec;
}

}  // namespace

expected<batch_header> read_batch_header(const api& with, std::string_view line,
                                         task_origin origin) {
  batch_header header;
  header.origin = std::move(origin);
  header.text = std::make_shared<const std::string>(line);
  const auto root = read_object(*header.text);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  read_header_fields(with, in, faults, header);
  header.first_line =
      static_cast<std::uint32_t>(in.integer("first_line", {0, batch_children_max}).value_or(0));
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return header;
}

expected<small_batch> read_small_batch(const api& with, std::string_view body, task_origin origin) {
  small_batch whole;
  whole.header.origin = std::move(origin);
  whole.header.text = std::make_shared<const std::string>(body);
  const auto root = read_object(*whole.header.text);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  read_header_fields(with, in, faults, whole.header);
  in.require("tasks");
  const auto tasks = in.array("tasks").value_or(std::vector<json::value>{});
  in.finish();
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    const auto location = "body.tasks[" + std::to_string(at) + "]";
    if (tasks[at].kind != json::kind::object) {
      faults.add(location, "must be an object", tasks[at].raw);
      continue;
    }
    auto spec = read_one(with, whole.header, tasks[at], location);
    if (spec)
      whole.tasks.push_back(std::make_shared<const task_spec>(*std::move(spec)));
    else
      for (const auto& one : spec.error().faults)
        faults.add(one.location, one.message, one.value);
  }
  if (!faults.empty())
    return std::move(faults).to_problem();
  return whole;
}

expected<task_spec> read_child(const api& with, const batch_header& header, std::string_view line) {
  const auto root = read_object(line);
  if (!root)
    return root.error();
  return read_one(with, header, *root, "body");
}

}  // namespace carillon::http
