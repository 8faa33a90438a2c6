#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/principal.hpp"
#include "model/problem.hpp"

namespace carillon {
struct request_mark;
}

namespace carillon::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// One request, read whole (or, on a streaming route, up to its body) and checked by the server.
struct request {
  std::string method;  ///< "POST"
  std::string path;    ///< Decoded, without the query and a trailing slash.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in order.
  std::vector<std::string> parameters;  ///< What {..} of the route's pattern matched, in order.
  std::string content_type;             ///< Lower case, without parameters; empty when absent.
  header_list headers;                  ///< Names in lower case.
  std::string body;
  std::string authority;  ///< Of an absolute target: "host:port", to be taken for the Host header.
  std::string id;         ///< The request id, ours or the client's.
  /// Who asks: never null for a route that needs a token.
  std::shared_ptr<const principal> asker = {};
  std::string client = {};  ///< Its address; empty: not known.

  /// The value of a header by its lower-case name (the first of several); empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;

  /// Empties it for the next request and keeps what small memory it has.
  void clear();
};

struct response {
  int status = 200;
  std::string body;
  header_list headers = {};
  std::string content_type = "application/json";
};

/// An answer that costs something to make: it is made on the connection's thread.
using deferred_response = std::function<response()>;

/// What a handler gives back. A problem becomes problem+json that names the request.
using response_or_problem = std::variant<response, problem, deferred_response>;

/// Where the answer to one request goes. Whoever implements it answers 503 in its destructor unless
/// answered(), for then every responder is gone.
class answer_sink {
public:
  virtual ~answer_sink() = default;

  /// Called once at most, on the thread that answers.
  virtual void deliver(response_or_problem what) = 0;

  /// False when the client has gone, or its token. Any thread; only before the answer.
  [[nodiscard]] virtual bool wanted() const { return true; }

  /// What the request leaves in the store beside its effect; null: nothing. Any thread.
  [[nodiscard]] virtual std::shared_ptr<request_mark> mark() const { return nullptr; }

  /// Marks the request as answered; true for the first call only.
  bool claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  [[nodiscard]] bool answered() const { return claimed_.load(std::memory_order_acquire); }

private:
  std::atomic<bool> claimed_ = false;
};

/// Answers a request, from any thread, exactly once: later answers are ignored. When every copy is
/// gone without an answer the client gets 503, so no path can leave it waiting.
class responder {
public:
  explicit responder(std::shared_ptr<answer_sink> sink) : sink_{std::move(sink)} {}

  /// `deliver` is called once, on the thread that answers or drops the last copy. A problem arrives
  /// as the response for the request of that path and id.
  explicit responder(std::function<void(response)> deliver, std::string path = {},
                     std::string id = {});

  void operator()(response what) const;
  void operator()(problem what) const;
  void operator()(deferred_response what) const;

  /// False when the client has gone, or its token, so that nothing is given to nobody. Any thread;
  /// only before the answer.
  [[nodiscard]] bool wanted() const { return sink_->wanted(); }

  /// To be passed on with the question, so that it is saved with what is asked for.
  [[nodiscard]] std::shared_ptr<request_mark> mark() const { return sink_->mark(); }

private:
  std::shared_ptr<answer_sink> sink_;
};

/// The two directions of a streaming route. Calls come from any thread; callbacks run on the
/// connection's thread, never inside the call. Dropping the last owner before finish() cuts the
/// answer off (503 when it has not begun).
class stream {
public:
  virtual ~stream() = default;

  /// Asks for the next piece of the body. `next` gets it, an empty piece at the end, or the problem
  /// (connection lost, body over the limit). One call at a time: back-pressure is not to call.
  virtual void read(std::function<void(expected<std::string>)> next) = 0;

  /// Begins the answer (chunked). Once, before write().
  virtual void begin(int status, header_list headers, std::string content_type) = 0;

  /// Sends a piece; `done(false)` when the client is gone. One call at a time.
  virtual void write(std::string piece, std::function<void(bool)> done) = 0;

  /// Ends the answer.
  virtual void finish() = 0;

  /// `told` is called once when nothing more can be sent: the client has gone, or the answer has
  /// ended. Whoever waits for something to send keeps nothing alive longer than that.
  virtual void when_over(std::function<void()> told) = 0;
};

}  // namespace carillon::http
