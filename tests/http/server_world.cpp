#include "tests/http/server_world.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace carillon::http {

responder api::take(const std::string& name) const {
  std::unique_lock lock{mutex};
  arrived.wait(lock, [&] { return held.count(name) > 0; });
  auto out = std::move(held.at(name));
  held.erase(name);
  return out;
}

std::shared_ptr<stream> api::take_stream() const {
  std::unique_lock lock{mutex};
  arrived.wait(lock, [&] { return opened != nullptr; });
  return std::move(opened);
}

namespace {

void get_hello(const api&, const request&, responder reply) {
  reply({200, "\"hello\""});
}

void get_large(const api&, const request&, responder reply) {
  reply({200, std::string(8 * 1024 * 1024, 'x')});
}

void echo(const api&, const request& asked, responder reply) {
  reply({201, asked.body});
}

void hold(const api& api, const request& asked, responder reply) {
  const std::lock_guard lock{api.mutex};
  api.held.emplace(asked.parameters.at(0), std::move(reply));
  api.arrived.notify_all();
}

void drop(const api&, const request&, responder) {}

void fail(const api&, const request&, responder reply) {
  reply(problem{problem_kind::conflict, "the task has ended"});
}

void throws(const api&, const request&, responder) {
  throw std::runtime_error{"a bug"};
}

void keep_stream(const api& api, request, std::shared_ptr<stream> both) {
  const std::lock_guard lock{api.mutex};
  api.opened = std::move(both);
  api.arrived.notify_all();
}

constexpr route routes[] = {
    {"GET", "/hello", get_hello, access::anyone},
    {"GET", "/large", get_large, access::anyone},
    {"POST", "/echo", echo, access::anyone, keep_stream},
    {"GET", "/hold/{name}", hold, access::anyone},
    {"GET", "/drop", drop, access::anyone},
    {"GET", "/fail/{name}", fail, access::anyone},
    {"GET", "/throws", throws, access::anyone},
    {"GET", "/secret", get_hello, access::any_token},
    {"GET", "/runs", get_hello, access::runs_read},
    {"GET", "/tasks", get_hello, access::tss(right::tasks_read)},
    {"GET", "/work/{queue}", get_hello, access::queue_of_path},
    {"GET", "/watch", nullptr, access::anyone, keep_stream},
};

constexpr std::span<const route> tables[] = {routes};

}  // namespace

namespace test {

router test_routes() {
  return router{tables};
}

identity only_sesame::check(std::string_view authorization, std::string_view address, steady_time) {
  if (authorization.empty())
    return {verdict::missing};
  if (authorization == "Bearer again" && address == std::string_view{"\x7F\0\0\1", 4})
    return {verdict::too_many, nullptr, std::chrono::seconds{7}};
  if (authorization != "Bearer sesame")
    return {verdict::wrong};
  const std::string scopes[] = {"tasks:read", "worker:mail"};
  return {verdict::granted, std::make_shared<const principal>(principal{
                                principal_kind::token, "sesame", "Sesame", rights_of(scopes)})};
}

server_settings quick_settings() {
  server_settings made;
  made.listen = {"127.0.0.1:0"};
  return made;
}

world::world(server_settings settings)
    : running{std::move(settings), test_routes(), surfaces, &gatekeeper} {
  REQUIRE(running.start().has_value());
}

std::string get(const std::string& path, const std::string& more) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

std::string post(const std::string& body, const std::string& more) {
  return "POST /echo HTTP/1.1\r\nHost: localhost\r\n" + more
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace test

}  // namespace carillon::http
