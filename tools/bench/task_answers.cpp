#include "tools/bench/task_answers.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <string.h>

#include <charconv>

namespace carillon::bench {

namespace dom = simdjson::dom;

namespace {

constexpr std::string_view prefix = "task_";
constexpr std::size_t uuid_length = 36;

std::size_t find(std::string_view text, std::string_view wanted, std::size_t from) {
  const auto* hit = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (hit == nullptr)
    return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

std::optional<task_id> parse_uuid(std::string_view text) {
  std::uint64_t halves[2] = {0, 0};
  int digits = 0;
  for (const char each : text) {
    if (each == '-')
      continue;
    const auto lower = static_cast<char>(each | 0x20);
    int value = 0;
    if (each >= '0' && each <= '9')
      value = each - '0';
    else if (lower >= 'a' && lower <= 'f')
      value = lower - 'a' + 10;
    else
      return std::nullopt;
    if (digits == 32)
      return std::nullopt;
    auto& half = halves[digits / 16];
    half = half << 4 | static_cast<std::uint64_t>(value);
    ++digits;
  }
  if (digits != 32)
    return std::nullopt;
  return task_id{halves[0], halves[1]};
}

std::optional<lease> read_lease(const dom::element& row) {
  lease result;
  std::string_view id;
  std::string_view due;
  dom::element token;
  if (row["task_id"].get(id) || row["token"].get(token) || row["attempt"].get(result.attempt)
      || row["scheduled_for"].get(due) || row["payload"]["seq"].get(result.sequence))
    return std::nullopt;
  const auto parsed = parse_task_id(id);
  const auto moment = parse_instant(due);
  if (!parsed || !moment)
    return std::nullopt;
  result.id = *parsed;
  result.token = simdjson::to_string(token);
  result.scheduled_for = *moment;
  return result;
}

std::optional<completion> read_completion(const dom::element& row) {
  completion result;
  std::string_view id;
  if (row["task_id"].get(id) || row["status"].get(result.status))
    return std::nullopt;
  const auto parsed = parse_task_id(id);
  if (!parsed)
    return std::nullopt;
  result.id = *parsed;
  return result;
}

/// Leaves `out` empty when there is no such member; false when it is no moment.
bool read_moment(const dom::element& row, std::string_view member, std::optional<due_time>& out) {
  std::string_view text;
  if (row[member].get(text))
    return true;
  out = parse_instant(text);
  return out.has_value();
}

std::optional<command_run> read_run(const dom::element& row) {
  command_run result;
  std::string_view id;
  std::optional<due_time> created_at;
  if (row["id"].get(id) || row["exit_code"].get(result.exit_code)
      || !read_moment(row, "created_at", created_at) || !created_at
      || !read_moment(row, "start_at", result.start_at)
      || !read_moment(row, "end_at", result.end_at))
    return std::nullopt;
  const auto parsed = parse_uuid(id);
  if (!parsed)
    return std::nullopt;
  result.id = *parsed;
  result.created_at = *created_at;
  std::string_view reason;
  if (!row["end_reason"].get(reason))
    result.end_reason = reason;
  return result;
}

std::optional<printed::line> read_line(const dom::element& row) {
  std::string_view stream;
  std::string_view text;
  if (row["stream"].get(stream) || row["text"].get(text))
    return std::nullopt;
  return printed::line{std::string{stream}, std::string{text}};
}

template <class Row>
std::optional<std::vector<Row>> read_rows(dom::parser& parser, std::string_view body,
                                          std::string_view member,
                                          std::optional<Row> (*read)(const dom::element&)) {
  dom::array rows;
  if (parser.parse(body.data(), body.size())[member].get(rows))
    return std::nullopt;
  std::vector<Row> result;
  result.reserve(rows.size());
  for (const auto& each : rows) {
    auto row = read(each);
    if (!row)
      return std::nullopt;
    result.push_back(*std::move(row));
  }
  return result;
}

}  // namespace

std::optional<task_id> parse_task_id(std::string_view text) {
  if (!text.starts_with(prefix))
    return std::nullopt;
  return parse_uuid(text.substr(prefix.size()));
}

std::string format_task_id(task_id id) {
  return std::string{prefix} + format_uuid(id);
}

std::string format_uuid(task_id id) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", id.high >> 32, id.high >> 16 & 0xffff,
                     id.high & 0xffff, id.low >> 48, id.low & 0xffffffffffff);
}

std::optional<task_id> find_task_id(std::string_view json) {
  return find_id(json, prefix);
}

std::optional<task_id> find_id(std::string_view json, std::string_view kind) {
  std::string opening{'"'};  // short enough to need no memory
  opening += kind;
  for (std::size_t from = 0;;) {
    const auto begin = find(json, opening, from);
    if (begin == std::string_view::npos)
      return std::nullopt;
    // Not a name such as "task_type": those have no UUID behind them.
    const auto uuid = json.substr(begin + opening.size());
    if (uuid.size() > uuid_length && uuid[uuid_length] == '"')
      if (const auto id = parse_uuid(uuid.substr(0, uuid_length)))
        return id;
    from = begin + opening.size();
  }
}

std::optional<std::uint64_t> find_number(std::string_view json, std::string_view name) {
  std::string quoted{'"'};  // short enough to need no memory
  quoted += name;
  quoted += '"';
  const auto begin = find(json, quoted, 0);
  if (begin == std::string_view::npos)
    return std::nullopt;
  auto rest = json.substr(begin + quoted.size());
  while (!rest.empty() && (rest.front() == ':' || rest.front() == ' '))
    rest.remove_prefix(1);
  std::uint64_t value = 0;
  if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec != std::errc{})
    return std::nullopt;
  return value;
}

// The DOM parser: it picks the fast kernel of the processor at run time.
struct answer_reader::parser {
  dom::parser json;
};

answer_reader::answer_reader() : parser_(std::make_unique<parser>()) {}
answer_reader::~answer_reader() = default;

std::optional<std::vector<lease>> answer_reader::read_leases(std::string_view body) {
  return read_rows<lease>(parser_->json, body, "tasks", read_lease);
}

std::optional<std::vector<completion>> answer_reader::read_completions(std::string_view body) {
  return read_rows<completion>(parser_->json, body, "results", read_completion);
}

std::optional<std::vector<command_run>> answer_reader::read_runs(std::string_view body) {
  return read_rows<command_run>(parser_->json, body, "runs", read_run);
}

std::optional<printed> answer_reader::read_printed(std::string_view body) {
  auto lines = read_rows<printed::line>(parser_->json, body, "lines", read_line);
  printed result;
  dom::element root;
  if (!lines || parser_->json.parse(body.data(), body.size()).get(root)
      || root["total_lines"].get(result.total_lines)
      || root["first_available"].get(result.first_available))
    return std::nullopt;
  result.lines = *std::move(lines);
  return result;
}

std::optional<std::uint64_t> answer_reader::read_total(std::string_view body) {
  std::uint64_t total = 0;
  if (parser_->json.parse(body.data(), body.size())["total"].get(total))
    return std::nullopt;
  return total;
}

}  // namespace carillon::bench
