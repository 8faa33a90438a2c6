#include "actors/curl_call.hpp"

#include "model/http_header.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "model/duration.hpp"

namespace carillon {
namespace {

constexpr std::size_t header_bytes_max = 64 * 1024;
constexpr std::size_t retry_after_bytes_max = 128;
// Many servers close a connection that was idle for 5 s. To be earlier spares most of the calls
// that would meet the closing.
constexpr long idle_seconds_max = 4;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// The value of a header's line, when it is the one that is asked for.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (!equals_ignoring_case(line.substr(0, name.size()), name))
    return std::nullopt;
  return trimmed(line.substr(name.size()));
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// The address and port that libcurl is about to connect to. Empty when it is not of the internet.
struct endpoint {
  ip_address address;
  std::uint16_t port;
};

std::optional<endpoint> read_endpoint(const curl_sockaddr& from) {
  if (from.family == AF_INET && from.addrlen >= sizeof(sockaddr_in)) {
    const auto& socket = reinterpret_cast<const sockaddr_in&>(from.addr);
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &socket.sin_addr, octets.size());
    return endpoint{make_ipv4(octets), ntohs(socket.sin_port)};
  }
  if (from.family == AF_INET6 && from.addrlen >= sizeof(sockaddr_in6)) {
    const auto& socket = reinterpret_cast<const sockaddr_in6&>(from.addr);
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &socket.sin6_addr, bytes.size());
    return endpoint{make_ipv6(bytes), ntohs(socket.sin6_port)};
  }
  return std::nullopt;
}

}  // namespace

// -- before -----------------------------------------------------------------------

curl_call::curl_call(const http_client_settings& settings)
    : settings_{settings}, handle_{curl_easy_init()} {
  if (handle_)
    set_fixed_options();
}

void curl_call::set_fixed_options() {
  auto* const handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, message_.data());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "Carillon/0.1");

  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // not even from the environment
  curl_easy_setopt(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});

  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings_.ca_file.empty())
    curl_easy_setopt(handle, CURLOPT_CAINFO, settings_.ca_file.c_str());

  curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, idle_seconds_max);
  curl_easy_setopt(handle, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  // Without it, the end of a call waits for a name server that does not answer.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);

  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &curl_call::on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &curl_call::on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &curl_call::on_open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, &curl_call::on_request);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings_.connect_timeout.count()));
}

curl_call& curl_call::of(CURL* handle) {
  curl_call* self = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return *self;
}

std::optional<std::string> curl_call::prepare(http_client::ticket id, http_call call) {
  if (!handle_)
    return "out of memory";
  auto url = parse_target_url(call.url);
  if (!url)
    return url.error().detail;
  id_ = id;
  call_ = std::move(call);
  url_ = *std::move(url);
  outcome_ = {};
  refusal_.clear();
  socket_errno_ = 0;
  header_bytes_ = 0;
  is_header_too_long_ = false;
  is_body_cut_ = false;
  message_.fill('\0');

  if (!is_http_token(call_.method))
    return "the method is not a word";
  auto headers = make_curl_headers(call_.headers);
  if (!headers)
    return headers.error().detail;
  headers_ = *std::move(headers);
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, headers_.get());
  set_method();
  curl_easy_setopt(handle_.get(), CURLOPT_URL, url_.text.c_str());
  return std::nullopt;
}

void curl_call::set_method() {
  auto* const handle = handle_.get();
  const auto& method = call_.method;
  const bool is_head = method == "HEAD";
  const bool has_body =
      !call_.body->empty() || method == "POST" || method == "PUT" || method == "PATCH";

  curl_easy_setopt(handle, CURLOPT_NOBODY, is_head ? 1L : 0L);
  if (!is_head && has_body) {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call_.body->data());  // not copied
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call_.body->size()));
  } else if (!is_head) {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, is_head ? nullptr : method.c_str());
}

// -- during -----------------------------------------------------------------------

std::size_t curl_call::on_header(char* data, std::size_t, std::size_t bytes, void* self) {
  auto& call = *static_cast<curl_call*>(self);
  call.header_bytes_ += bytes;
  if (call.header_bytes_ > header_bytes_max) {
    call.is_header_too_long_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  const std::string_view line{data, bytes};
  auto& outcome = call.outcome_;
  if (line.starts_with("HTTP/")) {  // an answer after a 1xx one
    outcome.retry_after.clear();
    outcome.is_async = false;
  } else if (const auto wait = value_of(line, "retry-after:")) {
    outcome.retry_after = wait->substr(0, retry_after_bytes_max);
  } else if (const auto async = value_of(line, "carillon-async:")) {
    outcome.is_async = equals_ignoring_case(*async, "true");
  }
  return bytes;
}

std::size_t curl_call::on_body(char* data, std::size_t, std::size_t bytes, void* self) {
  auto& call = *static_cast<curl_call*>(self);
  const auto most = call.call_.answer_bytes_max != 0 ? call.call_.answer_bytes_max
                                                     : call.settings_.answer_bytes_max;
  const auto room = most - call.outcome_.body.size();
  call.outcome_.body.append(data, std::min(room, bytes));
  call.is_body_cut_ = bytes > room;
  return call.is_body_cut_ ? std::size_t{CURL_WRITEFUNC_ERROR} : bytes;
}

/// The guard sees the very address that is connected to: a name that changes its meaning between a
/// check and its use gains nothing.
curl_socket_t curl_call::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& call = *static_cast<curl_call*>(self);
  const auto to = read_endpoint(*address);
  if (!to) {
    call.refusal_ = "the address is not one of the internet";
    return CURL_SOCKET_BAD;
  }
  if (auto refusal = call.settings_.guard.refusal(to->address, to->port)) {
    call.refusal_ = *std::move(refusal);
    return CURL_SOCKET_BAD;
  }
  const int made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (made < 0)
    call.socket_errno_ = errno;
  return made;
}

/// libcurl sends a request again when a pooled connection was closed without an answer. The target
/// may have acted on the first one, so that only the caller may try again.
int curl_call::on_request(void* self, char*, char*, int, int) {
  long bytes_sent = 0;
  curl_easy_getinfo(static_cast<curl_call*>(self)->handle(), CURLINFO_REQUEST_SIZE, &bytes_sent);
  return bytes_sent == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

// -- after ------------------------------------------------------------------------

http_outcome curl_call::finish(CURLcode result) {
  auto outcome = std::move(outcome_);
  if (result == CURLE_OK || is_body_cut_) {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    outcome.status = static_cast<int>(status);
    outcome.is_body_cut = is_body_cut_;
  } else {
    // So libcurl says it of a line that does not end; our own memory fails before an answer begins.
    is_header_too_long_ |= result == CURLE_OUT_OF_MEMORY && header_bytes_ > 0;
    outcome.error = describe(result);
    outcome.timed_out = result == CURLE_OPERATION_TIMEDOUT;
    outcome.host_failed = refusal_.empty() && socket_errno_ == 0
                          && (result != CURLE_OUT_OF_MEMORY || is_header_too_long_);
  }
  forget();
  return outcome;
}

void curl_call::forget() {
  call_ = {};
  outcome_ = {};
}

std::string curl_call::describe(CURLcode result) const {
  if (is_header_too_long_)
    return "the header of the answer is too long";
  const std::string message = message_[0] != '\0' ? message_.data() : curl_easy_strerror(result);
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "could not resolve host " + url_.host;
    case CURLE_COULDNT_CONNECT:
      return describe_connect_failure();
    case CURLE_OPERATION_TIMEDOUT:  // only while connecting: the whole call is timed by the caller
      return "timed out after " + format_duration_words(settings_.connect_timeout)
             + " while connecting";
    case CURLE_GOT_NOTHING:
    case CURLE_ABORTED_BY_CALLBACK:  // on_request
      return "connection closed without an answer";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return "connection closed before the answer was complete";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9; the URL's scheme has been checked
      return "the answer is not HTTP";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return "TLS: " + message;
    default:
      return message;
  }
}

std::string curl_call::describe_connect_failure() const {
  if (!refusal_.empty())
    return refusal_;
  long cause = socket_errno_;
  if (cause == 0)
    curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &cause);
  if (cause == 0)
    return "could not connect";
  return in_lower_case(std::generic_category().message(static_cast<int>(cause)));
}

}  // namespace carillon
