#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::bench {

/// Reads HTTP/1.1 messages off a byte stream, one after the other: the start line, Content-Length
/// or chunked, nothing else. It keeps no bytes; what it does not consume must be offered again with
/// more behind it.
class message_parser {
public:
  enum class kind { request, response };
  enum class step {
    more,    ///< Needs more bytes.
    piece,   ///< piece() is the next part of the body.
    done,    ///< The message is complete; the next call begins another.
    broken,  ///< Not HTTP, or a form that is not spoken here.
  };

  explicit message_parser(kind what) : kind_(what) {}

  /// Takes one step and cuts what it used off the front of `input`.
  step advance(std::string_view& input);

  /// Of a response; valid after the head has been read.
  [[nodiscard]] int status() const { return status_; }
  /// The peer said that it closes the connection after this message.
  [[nodiscard]] bool closes() const { return closes_; }
  /// Points into the last input.
  [[nodiscard]] std::string_view piece() const { return piece_; }

private:
  enum class part { head, sized_body, chunk_size, chunk_data, chunk_end, trailer };

  step read_head(std::string_view& input);
  bool read_start_line(std::string_view line);
  bool read_field(std::string_view line);
  step read_body(std::string_view& input, part next);
  step read_chunk_size(std::string_view& input);
  step read_trailer(std::string_view& input);
  step finish();

  kind kind_;
  part part_ = part::head;
  int status_ = 0;
  bool closes_ = false;
  bool chunked_ = false;
  bool sized_ = false;
  std::uint64_t left_ = 0;  // bytes of the body or of the chunk
  std::string_view piece_;
};

}  // namespace carillon::bench
