#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The rules of RFC 9110 and 9112 that keep two parsers from reading one message differently. They
/// are looked after on the raw bytes, before the parser that is more lenient takes them.
namespace carillon::http {

/// Why a message is not read on. The connection is closed after the answer.
struct refusal {
  int status;
  std::string_view detail;  ///< Of static storage.
};

struct head_limits {
  std::size_t header_bytes_max;  ///< The whole head, with the request line.
  std::size_t headers_max;
  std::size_t target_bytes_max;
};

/// Looks at one request head as it comes in. A wrong line is refused as soon as it is seen, even
/// when the head never ends. Takes nothing from the bytes: parsing is somebody else's work.
class head_guard {
public:
  explicit head_guard(head_limits limits) : limits_{limits} {}

  enum class verdict { more, complete, refused };

  /// `seen` is all that came of this head, from its first byte; a line once looked at is not looked
  /// at again.
  verdict check(std::string_view seen);

  /// After `complete`: the bytes of the head, with the empty line.
  [[nodiscard]] std::size_t size() const { return checked_; }
  /// After `refused`.
  [[nodiscard]] refusal why() const { return *why_; }

private:
  verdict check_size(std::string_view seen);
  std::optional<refusal> check_request_line(std::string_view line, bool whole);
  std::optional<refusal> check_header(std::string_view line);
  std::optional<refusal> check_framing(std::string_view name, std::string_view value);
  std::optional<refusal> check_end() const;
  verdict refuse(refusal why);

  head_limits limits_;
  std::size_t checked_ = 0;  ///< Bytes of complete lines.
  std::size_t lines_ = 0;
  bool old_version_ = false;  ///< HTTP/1.0
  bool has_host_ = false;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool has_authorization_ = false;
  std::optional<refusal> why_;
};

/// The host of a Host header or of an absolute target: a name, an IPv4 address or an IPv6 address
/// in brackets, with or without a port.
bool is_host(std::string_view text);

/// Whether what came of a chunk's size line or of trailers so far has a line that does not end in
/// CR LF, or a control character.
bool has_stray_bytes(std::string_view chunk_lines);

}  // namespace carillon::http
