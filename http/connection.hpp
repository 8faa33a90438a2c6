#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/answer_queue.hpp"
#include "http/input_buffer.hpp"
#include "http/io_loop.hpp"
#include "http/request_reader.hpp"
#include "http/target.hpp"
#include "http/tenant_door.hpp"
#include "http/tls_stream.hpp"

namespace carillon::http {

/// What tells clients apart when they guess tokens.
std::string address_key(const boost::asio::ip::address& address);

/// One client: reads requests, hands them on, and sends the answers in their order. All of it runs
/// on its loop's thread. A read is always outstanding while there is room for what it brings, so a
/// client that goes away is noticed while its answer is being made.
class connection : public std::enable_shared_from_this<connection> {
public:
  /// `identity`: what is shown to a client that speaks TLS; null: nothing is encrypted.
  connection(std::shared_ptr<io_loop> loop, tcp_socket socket, const service& shared,
             std::shared_ptr<tls_identity> identity);

  /// `overloaded`: answers 503 and closes, or closes at once where that took a handshake.
  void start(bool overloaded);

  /// Takes the answer to request `number`; too late is not an error.
  void complete(std::uint64_t number, response_or_problem what);

  /// Cuts off whoever is over a deadline. Called about ten times within the shortest of them, once
  /// a second at least: cheaper than a timer for each operation.
  void sweep(steady_time now);

  /// Takes no further request and closes after the last answer.
  void drain();

  void close();

  io_loop& loop() { return *loop_; }

  /// The client has closed its side, or all of it is closed. Any thread.
  [[nodiscard]] bool gone() const { return gone_; }

  // The loop's own index.
  [[nodiscard]] std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

  // -- the two directions of a streaming route, see stream. `exchange` tells a late call apart. ---
  void stream_read(std::uint64_t exchange, std::function<void(expected<std::string>)> next);
  void stream_begin(std::uint64_t exchange, response head);
  void stream_write(std::uint64_t exchange, std::string piece, std::function<void(bool)> done);
  void stream_finish(std::uint64_t exchange);
  void stream_when_over(std::uint64_t exchange, std::function<void()> told);
  void stream_dropped(std::uint64_t exchange);

private:
  enum class phase {
    handshake,       ///< Of TLS.
    waiting,         ///< For the first byte of a request.
    head,            ///< Reads a head.
    body,            ///< Reads the body of a request that is handed on whole.
    stream_pending,  ///< A streaming request waits until the answers before it have left.
    streaming,
    deaf,       ///< The last request was read; its answer closes the connection.
    lingering,  ///< Waits for the client to close, so that it reads the last answer.
    closed,
  };

  /// The request that is being streamed.
  struct exchange_state {
    std::uint64_t number = 0;
    bool begun = false;
    bool finished = false;
    bool body_done = false;
    bool bodiless = false;   ///< HEAD, or a status without a body.
    bool is_events = false;  ///< text/event-stream: may be silent for long, and has no end.
    std::function<void(expected<std::string>)> next;
    std::function<void(bool)> done;
    std::function<void()> over;
    std::optional<refusal> failure;
    std::string unsent;  ///< Waits for the write that is under way.
    steady_time last_write = {};
    steady_time wait_started = {};
    steady_time began = {};
    steady_time::duration waited{0};  ///< For the body, since `received` was last 0.
    std::uint64_t received = 0;
  };

  // connection.cpp: bytes in, bytes out
  void shake_hands();
  void on_handshake(const boost::system::error_code& error, bool speaks_tls);
  void read_more();
  [[nodiscard]] bool wants_bytes() const;
  void on_read(const boost::system::error_code& error, std::size_t count);
  void finish_input();
  void flush();
  void append_answer(pending_answer request);
  void write();
  void write_some();
  void on_written(const boost::system::error_code& error, std::size_t count);
  void on_all_written();
  void linger();
  void end_sending();

  // connection_requests.cpp: from bytes to handlers
  void process();
  bool advance();
  bool begin_head();
  bool read_head();
  bool read_body();
  void on_head();
  std::optional<response> refuse_early(const router::match& match);
  void expect_body(std::uint64_t bytes_max);
  void dispatch();
  void hand_on(std::uint64_t number);
  void refuse(refusal why);
  pending_answer new_answer() const;

  // connection_access.cpp: who is let in
  std::optional<response> refuse_page() const;
  std::optional<response> refuse_asker(const policy& needs);
  std::optional<response> refuse_key_of_stream(const route& row) const;
  [[nodiscard]] bool is_change() const;
  [[nodiscard]] std::string_view listed_origin() const;

  // connection_tenant.cpp: for whom it is
  void read_tenant_prefix();
  [[nodiscard]] std::optional<response> refuse_other_tenant(const principal& who) const;
  std::optional<response> enter_tenant();
  [[nodiscard]] const api& surfaces() const;
  [[nodiscard]] bool has_lost_tenant() const;
  [[nodiscard]] response not_served() const;

  // connection_stream.cpp
  bool start_stream();
  bool feed_stream();
  void fail_stream(refusal why);
  void send_stream();
  void end_stream();
  void sweep_stream(steady_time now);
  void ping_if_silent(steady_time now);
  void release_stream();
  [[nodiscard]] bool is_streaming(std::uint64_t exchange) const;

  std::shared_ptr<io_loop> loop_;
  tcp_socket socket_;
  std::unique_ptr<tls_stream> tls_;  ///< Over socket_; null: nothing is encrypted.
  const service& shared_;
  std::size_t place_ = 0;
  std::string client_address_;  ///< As address_key() has it.
  std::string client_text_;     ///< The same for people.

  phase phase_ = phase::waiting;
  bool reading_ = false;     ///< A read is outstanding.
  bool writing_ = false;     ///< A write is outstanding.
  bool processing_ = false;  ///< process() is running: answers wait until it is through.
  bool peer_closed_ = false;
  std::atomic<bool> gone_ = false;
  bool draining_ = false;
  bool closing_ = false;          ///< What is being written is the last.
  bool continue_wanted_ = false;  ///< The client waits for "100 Continue".

  input_buffer input_;
  request_reader reader_;
  request request_;  ///< The one that is being read.
  path_segments segments_;
  const route* route_ = nullptr;         ///< Of request_.
  std::optional<response> early_;        ///< Known before the body, which is read and dropped.
  std::string named_tenant_;             ///< By the path of request_.
  std::shared_ptr<tenant_visit> visit_;  ///< Of its tenant; null: it is the operator's.
  header_list limits_;                   ///< What its answer tells of quotas.
  bool expects_continue_ = false;
  steady_time deadline_ = {};  ///< Of the phase.

  answer_queue queue_;
  std::string out_;   ///< What is being written, and after it
  std::string tail_;  ///< a large body.
  std::size_t sent_ = 0;
  std::size_t sent_before_deadline_ = 0;
  steady_time write_deadline_ = {};

  std::unique_ptr<exchange_state> stream_;  ///< While streaming.
  std::uint64_t exchanges_ = 0;
};

}  // namespace carillon::http
