#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/bench/event_loop.hpp"
#include "tools/bench/message_parser.hpp"

namespace carillon::bench {

/// Where the server listens, always on this machine, and what opens it.
struct api_access {
  std::uint32_t address = 0x7f000001;  ///< IPv4 in host order, 127.0.0.0/8.
  std::uint16_t port = 0;
  std::string token;
};

/// The answer to a request. `body` points into the connection and is valid during the call. Status
/// 0: there was no answer, and `body` says why.
struct answer {
  int status = 0;
  std::string_view body;
};

/// One keep-alive HTTP connection with at most one request under way.
///
/// Opens itself with the first request, and again when the server closed it between two requests.
/// The answer handler may send the next request.
class connection final : public watcher {
public:
  using answer_handler = std::function<void(const answer&)>;
  using piece_handler = std::function<void(std::string_view)>;
  using room_handler = std::function<void()>;

  connection(event_loop& loop, const api_access& where, answer_handler on_answer);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Makes pieces of answer bodies go to `handler` as they come, instead of into answer::body.
  void on_piece(piece_handler handler) { on_piece_ = std::move(handler); }
  /// Calls `handler` whenever all that was written has gone to the kernel by a wake-up of the
  /// socket.
  void on_room(room_handler handler) { on_room_ = std::move(handler); }

  /// Begins a request. Only when !busy().
  void send(std::string_view bytes);
  /// Adds to the body of the request that was begun.
  void write(std::string_view bytes);

  /// A request waits for the end of its answer.
  [[nodiscard]] bool busy() const { return busy_; }
  /// Bytes that wait for room in the socket.
  [[nodiscard]] std::size_t unsent() const { return unsent_.size() - sent_; }
  /// What the last answer's head said; for answers that are read piece by piece.
  [[nodiscard]] int status() const { return parser_.status(); }

private:
  void on_ready(std::uint32_t events) override;
  bool open();
  void close();
  void flush();
  void receive();
  /// Returns what could not be used yet.
  std::string_view consume(std::string_view input);
  void take_piece(std::string_view piece);
  void complete();
  void fail(std::string_view reason);

  event_loop& loop_;
  api_access where_;
  answer_handler on_answer_;
  piece_handler on_piece_;
  room_handler on_room_;

  int socket_ = -1;
  bool busy_ = false;
  bool waits_for_room_ = false;
  message_parser parser_{message_parser::kind::response};
  std::string unsent_;
  std::size_t sent_ = 0;   // of unsent_
  std::string rest_;       // received, not yet parsed
  std::string body_;       // pieces before held_
  std::string_view held_;  // the last piece, while its bytes are still in the input
};

}  // namespace carillon::bench
