#include "http/body_reader.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "http/work_output.hpp"
#include "model/webhook_secret.hpp"

// The native surface: /v1/secrets, with which deliveries are signed. A secret is in one answer,
// that to its creation, and in no other; faults do not repeat what they are about.

namespace carillon::http {
namespace {

constexpr std::size_t name_length_max = 100;
/// Each is a signature in every delivery, and a request's head has its limits.

void write_secret(json::writer& out, const webhook_secret& secret, std::string_view text = {}) {
  out.begin_object();
  out.field("id", to_secret_text(secret.id));
  out.field("name", secret.name);
  if (!text.empty())
    out.field("secret", text);
  add(out, "created_at", secret.created_at);
  add(out, "expires_at", secret.expires_at);
  out.end_object();
}

std::string show(const webhook_secret& secret, std::string_view text = {}) {
  json::writer out;
  write_secret(out, secret, text);
  return out.take();
}

problem without_values(fault_list faults) {
  auto why = std::move(faults).to_problem();
  for (auto& each : why.faults)
    each.value.clear();
  return why;
}

std::optional<instant> read_end(const api& with, body_reader& in) {
  const auto end = in.moment_or_length("expires_after", with.core.now());
  if (end && *end <= with.core.now())
    in.refuse("expires_after", "must be later than now");
  return end;
}

std::string read_name(const api& with, body_reader& in) {
  const auto name =
      in.text("name", {1, name_length_max}).value_or(std::string{default_secret_name});
  if (has_control(name))
    in.refuse("name", "must not hold control characters");
  if (with.core.count_secrets(name) >= secrets_of_name_max)
    in.refuse("name", "has " + std::to_string(secrets_of_name_max) + " secrets already");
  return name;
}

expected<new_secret> read_secret(const api& with, std::string_view body) {
  const auto root = read_object(body, true);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  new_secret made{read_name(with, in), {}, read_end(with, in)};
  if (const auto text = in.text("secret", {1, name_length_max})) {
    auto key = parse_webhook_secret(*text);
    if (key)
      made.key = *std::move(key);
    else
      in.refuse("secret", key.error().detail);
  }
  in.finish();
  if (!faults.empty())
    return without_values(std::move(faults));
  if (made.key.empty())
    made.key = scheduler::random_key();
  return made;
}

void post_secret(const api& with, const request& asked, responder reply) {
  auto wanted = read_secret(with, asked.body);
  if (!wanted)
    return reply(std::move(wanted).error());
  if (!admit(with, reply))
    return;
  auto text = format_webhook_secret(wanted->key);
  carillon::answer<webhook_secret> made{
      [text = std::move(text), reply](expected<webhook_secret> secret) {
        if (!secret)
          return reply(std::move(secret).error());
        reply(response{201,
                       show(*secret, text),
                       {{"Location", "/v1/secrets/" + to_secret_text(secret->id)},
                        {"Cache-Control", "no-store"}}});
      },
      reply.mark()};
  with.core.add_secret(*std::move(wanted), std::move(made));
}

void list_secrets(const api& with, const request&, responder reply) {
  const auto found = with.core.secrets();
  json::writer out;
  out.begin_object().field("total", found.size()).key("secrets").begin_array();
  for (const auto& each : found)
    write_secret(out, each);
  out.end_array().end_object();
  reply(response{200, out.take()});
}

std::optional<task_id> secret_id_of(const request& asked, const responder& reply) {
  auto id = parse_secret_id(asked.parameters.front());
  if (!id)
    reply(problem{problem_kind::not_found, "no such secret"});
  return id;
}

void patch_secret(const api& with, const request& asked, responder reply) {
  const auto id = secret_id_of(asked, reply);
  if (!id)
    return;
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  const bool is_given = in.any("expires_after").has_value();
  const auto end = read_end(with, in);
  if (!is_given)
    in.refuse("expires_after", "is required; null is never");
  in.finish();
  if (!faults.empty())
    return reply(without_values(std::move(faults)));
  if (!admit(with, reply))
    return;
  with.core.end_secret(*id, end, carillon::answer<webhook_secret>{[reply](auto changed) {
    if (!changed)
      return reply(std::move(changed).error());
    reply(response{200, show(*changed)});
  }});
}

void delete_secret(const api& with, const request& asked, responder reply) {
  const auto id = secret_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  with.core.remove_secret(*id, carillon::answer<webhook_secret>{[reply](auto gone) {
    if (!gone)
      return reply(std::move(gone).error());
    reply(response{204, {}});
  }});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/secrets",      post_secret,   access::admin},
  {"GET",    "/v1/secrets",      list_secrets,  access::admin},
  {"PATCH",  "/v1/secrets/{id}", patch_secret,  access::admin},
  {"DELETE", "/v1/secrets/{id}", delete_secret, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> secrets_surface() {
  return routes;
}

}  // namespace carillon::http
