#include "http/recorder.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <utility>

#include "http/change_call.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"
#include "http/target.hpp"
#include "http/text.hpp"
#include "model/log.hpp"

namespace carillon::http {
namespace {

constexpr auto key_lifetime = std::chrono::hours{24};
constexpr std::size_t key_bytes_max = 255;
constexpr std::size_t digest_bytes = 16;  ///< Of 32: nobody gains by two that are equal.
constexpr std::size_t user_agent_max = 120;
constexpr int refusals_per_minute = 60;

/// Of the pieces, each with its length before it.
std::string digest_of(std::initializer_list<std::string_view> pieces) {
  std::string all;
  for (const auto piece : pieces)
    all.append(std::to_string(piece.size())).append(":").append(piece);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  if (EVP_Digest(all.data(), all.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
    std::abort();  // no memory: half a digest must never be compared
  return {reinterpret_cast<const char*>(out.data()), digest_bytes};
}

std::string kind_word(const principal& who) {
  switch (who.kind) {
    case principal_kind::operator_file:
      return "operator";
    case principal_kind::agent:
      return "agent";
    default:
      return "token";
  }
}

void write_who(const request& asked, const route& row, audit_record& what) {
  if (asked.asker) {
    what.who_kind = kind_word(*asked.asker);
    what.who_id = asked.asker->id;
    what.who_name = asked.asker->name;
  } else if (row.pattern == "/v1/events/in/{source}") {
    what.who_kind = "source";
    what.who_id = asked.parameters.front();
  }
}

std::string subject_of(const request& asked) {
  std::string subject;
  for (const auto& each : asked.parameters)
    subject += (subject.empty() ? "" : "/") + each;
  return subject;
}

std::string query_of(const request& asked) {
  std::string text;
  for (const auto& [name, value] : asked.query)
    text.append(name).append("=").append(value).append("&");
  return text;
}

/// Its Idempotency-Key, and what is wrong with it.
std::pair<std::string, std::string> key_of(const request& asked) {
  constexpr std::string_view name = "idempotency-key";
  const auto count =
      std::ranges::count_if(asked.headers, [&](const auto& each) { return each.first == name; });
  if (count == 0)
    return {};
  const auto key = asked.header(name);
  const auto is_printable = [](char each) { return each >= ' ' && each <= '~'; };
  if (count > 1)
    return {{}, "must be given once"};
  if (key.empty() || key.size() > key_bytes_max || !std::ranges::all_of(key, is_printable))
    return {{}, "must be 1 to 255 printable characters of ASCII"};
  return {std::string{key}, {}};
}

/// Counts what a stream has made, and records it at its end.
class watched_stream final : public stream {
public:
  watched_stream(scheduler& core, audit_record what, std::shared_ptr<stream> line)
      : core_{core}, what_{std::move(what)}, line_{std::move(line)} {
    core_.save_mark(what_, {}, {}, {});
  }
  ~watched_stream() override {
    if (!finished_)
      save([] {});
  }

  void read(std::function<void(expected<std::string>)> next) override {
    line_->read(std::move(next));
  }
  void begin(int status, header_list headers, std::string content_type) override {
    what_.status = status;
    line_->begin(status, std::move(headers), std::move(content_type));
  }
  void write(std::string piece, std::function<void(bool)> done) override {
    constexpr std::string_view made = R"("status":201,)";
    for (auto at = piece.find(made); at != piece.npos; at = piece.find(made, at + made.size()))
      ++count_;
    line_->write(std::move(piece), std::move(done));
  }
  void finish() override {
    finished_ = true;
    save([line = line_] { line->finish(); });
  }
  void when_over(std::function<void()> told) override { line_->when_over(std::move(told)); }

private:
  void save(std::function<void()> then) {
    what_.count = count_;
    core_.save_mark(
        what_, {}, {},
        carillon::answer<bool>{[then = std::move(then)](const expected<bool>&) { then(); }});
  }

  scheduler& core_;
  audit_record what_;
  std::shared_ptr<stream> line_;
  std::atomic<std::int64_t> count_ = 0;
  std::atomic<bool> finished_ = false;
};

}  // namespace

recorder::recorder() : routes_{all_surfaces()} {
  for (const auto& table : all_surfaces())
    for (const auto& row : table)
      if (row.method != "GET")
        rules_.emplace(&row, rule_of(row));
}

change_rule recorder::rule(const route& row) const {
  const auto found = rules_.find(&row);
  return found == rules_.end() ? rule_of(row) : found->second;
}

std::shared_ptr<request_mark> recorder::mark_of(const api& with, const route& row,
                                                const request& asked) {
  auto mark = with.core.new_mark();
  auto& what = mark->record;
  write_who(asked, row, what);
  what.action = std::string{row.method} + ' ' + std::string{row.pattern};
  what.subject = subject_of(asked);
  what.address = asked.client;
  what.request_id = asked.id;
  what.user_agent = asked.header("user-agent").substr(0, user_agent_max);
  return mark;
}

void recorder::run(const api& with, const route& row, const request& asked, const post& later,
                   responder reply) {
  const auto rule_here = rule(row);
  if (rule_here.how == recording::none && !rule_here.takes_key)
    return row.run(with, asked, std::move(reply));
  auto mark = mark_of(with, row, asked);
  mark->is_recorded = rule_here.how != recording::none;
  if (rule_here.takes_key) {
    const auto [key, fault] = key_of(asked);
    if (!fault.empty()) {
      fault_list faults;
      faults.add("header.idempotency-key", fault, asked.header("idempotency-key"));
      return reply(std::move(faults).to_problem());
    }
    if (!key.empty()) {
      const auto tenant = asked.asker ? asked.asker->tenant : std::string{};
      mark->key = digest_of({tenant, mark->record.who_kind, mark->record.who_id, key});
      mark->kept.fingerprint = digest_of({asked.method, asked.path, query_of(asked), asked.body});
      mark->kept.until = mark->record.at + key_lifetime;
    }
  }
  const auto look_here = [this, &with](const std::string& path, const request& about,
                                       const std::function<void(response)>& then) {
    look(with, path, about, then);
  };
  const auto note = [this, &core = with.core](audit_record what) {
    record_refusal(core, std::move(what));
  };
  std::make_shared<change_call>(
      change_call::surroundings{with, row, rule_here, look_here, later, keys_, note},
      std::move(mark), std::move(reply))
      ->start(asked);
}

std::shared_ptr<stream> recorder::watch(const api& with, const route& row, const request& asked,
                                        std::shared_ptr<stream> line) {
  return std::make_shared<watched_stream>(with.core, mark_of(with, row, asked)->record,
                                          std::move(line));
}

void recorder::look(const api& with, const std::string& path, const request& asked,
                    const std::function<void(response)>& then) const {
  request inner;
  inner.method = "GET";
  inner.id = asked.id;
  inner.asker = asked.asker;
  path_segments segments;
  const bool is_path = !path.empty() && !read_target(encode_path(path), inner, segments);
  constexpr std::size_t prefix_segments = 2;  // "/t/NAME": the tenant is known already
  if (is_path && !with.path_prefix.empty() && path.starts_with(with.path_prefix + '/'))
    segments.erase(segments.begin(), segments.begin() + prefix_segments);
  const auto found = is_path ? routes_.find("GET", segments, inner.parameters) : router::match{};
  if (found.found == nullptr || found.found->run == nullptr)
    return then(response{404, {}});
  const responder shown{then, path, asked.id};
  try {
    found.found->run(with, inner, shown);
  } catch (const std::exception& error) {
    log(log_level::error, "handler failed", {{"path", path}, {"error", error.what()}});
    shown(response{500, {}});
  }
}

// -- who may not ----------------------------------------------------------------

void recorder::note_refusal(const api& with, const route& row, const request& asked, int status) {
  if (rule(row).how == recording::none)
    return;
  auto mark = mark_of(with, row, asked);
  mark->record.status = status;
  record_refusal(with.core, std::move(mark->record));
}

/// So many a minute, whoever asks: a flood of refusals fills no disk.
void recorder::record_refusal(scheduler& core, audit_record what) {
  {
    const std::lock_guard lock{mutex_};
    const auto distance = what.at - minute_began_;
    if (distance >= std::chrono::minutes{1} || distance < duration{0}) {
      minute_began_ = what.at;
      refusals_in_minute_ = 0;
    }
    if (++refusals_in_minute_ > refusals_per_minute)
      return;
  }
  core.save_mark(what, {}, {}, {});
}

}  // namespace carillon::http
