#include "tools/cli/http_session.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <array>
#include <csignal>
#include <span>

namespace carillon::cli {
namespace {

constexpr long connect_seconds = 10;
constexpr long answer_seconds = 120;  // a wait for a task is 60 s at most
constexpr int first_bad_status = 300;

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (const auto byte : std::span{digest}.first(size)) {
    constexpr std::string_view digits = "0123456789abcdef";
    text.append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  return text;
}

/// Whoever made it and for whatever name: the certificate that is meant is known.
int is_noted_one(X509_STORE_CTX* shown, void* fingerprint) {
  const auto* const leaf = X509_STORE_CTX_get0_cert(shown);
  return leaf != nullptr && fingerprint_of(leaf) == *static_cast<const std::string*>(fingerprint)
             ? 1
             : 0;
}

CURLcode trust_noted_one(CURL*, void* context, void* fingerprint) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(context), is_noted_one, fingerprint);
  return CURLE_OK;
}

volatile std::sig_atomic_t signal_came = 0;

void note_signal(int) {
  signal_came = 1;
}

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;  // without SA_RESTART: waits are cut short
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return signal_came != 0;
}

/// One call at a time by libcurl.
class http_session::transfer {
public:
  transfer() : handle_{curl_easy_init()} {}
  ~transfer() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(handle_);
  }
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  expected<http_answer> run(const server_place& where, const http_request& request,
                            const answer_sink* sink, const body_source* source);

private:
  void prepare(const server_place& where, const http_request& request);
  void add_header(const std::string& line);
  void take_body(const http_request& request);

  static std::size_t on_answer(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* into, std::size_t one, std::size_t count, void* self);
  static int on_progress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  CURL* handle_;
  curl_slist* headers_ = nullptr;
  const answer_sink* sink_ = nullptr;
  const body_source* source_ = nullptr;
  std::string body_;
  bool has_enough_ = false;  ///< The sink wants no more.
};

std::size_t http_session::transfer::on_answer(char* data, std::size_t, std::size_t size,
                                              void* self) {
  auto& mine = *static_cast<transfer*>(self);
  long status = 0;
  curl_easy_getinfo(mine.handle_, CURLINFO_RESPONSE_CODE, &status);
  if (mine.sink_ == nullptr || status >= first_bad_status) {
    mine.body_.append(data, size);
    return size;
  }
  mine.has_enough_ = !(*mine.sink_)({data, size});
  return mine.has_enough_ ? 0 : size;
}

std::size_t http_session::transfer::on_body(char* into, std::size_t one, std::size_t count,
                                            void* self) {
  return (*static_cast<transfer*>(self)->source_)(into, one * count);
}

int http_session::transfer::on_progress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return interrupted() ? 1 : 0;
}

void http_session::transfer::add_header(const std::string& line) {
  headers_ = curl_slist_append(headers_, line.c_str());
}

void http_session::transfer::take_body(const http_request& request) {
  if (source_ != nullptr) {
    curl_easy_setopt(handle_, CURLOPT_POST, 1L);
    curl_easy_setopt(handle_, CURLOPT_READFUNCTION, on_body);
    curl_easy_setopt(handle_, CURLOPT_READDATA, this);
    add_header("Transfer-Encoding: chunked");
    add_header("Expect:");
  } else if (request.method != "GET" && request.method != "DELETE") {
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request.body.c_str());
    add_header("Content-Type: application/json");
    add_header("Expect:");
  }
}

void http_session::transfer::prepare(const server_place& where, const http_request& request) {
  curl_easy_reset(handle_);  // connections stay
  curl_slist_free_all(headers_);
  headers_ = nullptr;
  const auto url = where.url + request.target;
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT, sink_ == nullptr ? answer_seconds : 0L);
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, on_answer);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(handle_, CURLOPT_NOPROXY, is_loopback(where.url) ? "*" : nullptr);
  if (!where.ca_file.empty())
    curl_easy_setopt(handle_, CURLOPT_CAINFO, where.ca_file.c_str());
  if (!where.fingerprint.empty()) {
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(handle_, CURLOPT_SSL_CTX_FUNCTION, trust_noted_one);
    curl_easy_setopt(handle_, CURLOPT_SSL_CTX_DATA, &where.fingerprint);
  }
  if (sink_ == nullptr)
    curl_easy_setopt(handle_, CURLOPT_ACCEPT_ENCODING, "");  // whatever it can undo
  take_body(request);
  if (!where.token.empty())
    add_header("Authorization: Bearer " + where.token);
  for (const auto& [name, value] : request.headers)
    add_header(std::string{name}.append(": ").append(value));
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
}

expected<http_answer> http_session::transfer::run(const server_place& where,
                                                  const http_request& request,
                                                  const answer_sink* sink,
                                                  const body_source* source) {
  sink_ = sink;
  source_ = source != nullptr && *source ? source : nullptr;
  body_.clear();
  has_enough_ = false;
  prepare(where, request);
  const auto code = curl_easy_perform(handle_);
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK || has_enough_)
    return http_answer{static_cast<int>(status), std::move(body_)};
  if (interrupted())
    return problem{problem_kind::unavailable, "interrupted"};
  std::string detail = "no answer from " + where.url + ": " + curl_easy_strerror(code);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
    detail += "\nIs the server running there? carillon serve starts one; --url says where it is";
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
    detail += "\n--ca-file names the certificate of whoever is to be trusted";
  return problem{problem_kind::unavailable, detail};
}

http_session::http_session(server_place where)
    : where_{std::move(where)}, transfer_{std::make_unique<transfer>()} {}

http_session::~http_session() = default;

expected<http_answer> http_session::ask(const http_request& request) {
  return transfer_->run(where_, request, nullptr, nullptr);
}

expected<http_answer> http_session::stream(const http_request& request, const answer_sink& sink,
                                           const body_source& source) {
  return transfer_->run(where_, request, &sink, &source);
}

}  // namespace carillon::cli
