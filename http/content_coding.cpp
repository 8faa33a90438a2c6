#include "http/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/entity_tag.hpp"
#include "http/text.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t bytes_min = 1024;
/// The connection's thread does it, some 100 MB a second: what would hold others up goes as it is.
constexpr std::size_t bytes_max = 1024 * 1024;

bool is_text(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("application/problem+json")
         || type.starts_with("application/x-ndjson") || type.starts_with("text/");
}

/// Assets lie here packed and plain.
bool is_chosen(const response& what) {
  return std::ranges::any_of(what.headers, [](const auto& each) {
    return each.first == "Vary" && each.second == "Accept-Encoding";
  });
}

/// What may not be stored holds a secret, whose bytes the length of a compressed body could tell.
bool holds_secret(const response& what) {
  return std::ranges::any_of(what.headers, [](const auto& each) {
    return each.first == "Cache-Control" && each.second.find("no-store") != std::string::npos;
  });
}

/// The q of one element of the header: 1 when it has none, 0 when it is none.
double quality(std::string_view element) {
  for (auto rest = element; rest.find(';') != rest.npos;) {
    rest.remove_prefix(rest.find(';') + 1);
    const auto parameter = trim(rest.substr(0, rest.find(';')));
    if (parameter.starts_with("q=") || parameter.starts_with("Q="))
      return std::strtod(std::string{parameter.substr(2)}.c_str(), nullptr);
  }
  return 1;
}

std::string gzip(std::string_view body) {
  constexpr int with_gzip_head = 15 + 16;
  constexpr int memory_level = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, with_gzip_head, memory_level,
                   Z_DEFAULT_STRATEGY)
      != Z_OK)
    return {};
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(is_whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
  double gzip_quality = -1;
  double any_quality = 0;
  double identity_quality = -1;
  while (!accept_encoding.empty()) {
    const auto end = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto element = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const auto name = to_lower(trim(element.substr(0, element.find(';'))));
    if (name == "gzip" || name == "x-gzip")
      gzip_quality = quality(element);
    else if (name == "*")
      any_quality = quality(element);
    else if (name == "identity")
      identity_quality = quality(element);
  }
  const auto wanted = gzip_quality < 0 ? any_quality : gzip_quality;
  return wanted > 0 && wanted >= identity_quality;
}

void encode_body(response& what, bool takes_gzip) {
  if (what.body.size() < bytes_min || what.body.size() > bytes_max || !is_text(what.content_type)
      || is_chosen(what) || holds_secret(what))
    return;
  what.headers.emplace_back("Vary", "Accept-Encoding");
  if (!takes_gzip)
    return;
  auto small = gzip(what.body);
  if (small.empty() || small.size() >= what.body.size())
    return;
  what.body = std::move(small);
  what.headers.emplace_back("Content-Encoding", "gzip");
  set_gzip_tag(what);
}

}  // namespace carillon::http
