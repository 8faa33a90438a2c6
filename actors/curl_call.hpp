#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "actors/curl_headers.hpp"
#include "actors/http_client.hpp"
#include "model/target_url.hpp"

namespace carillon {

/// One transfer of libcurl, used for one call after another: the options that never change are set
/// once. The handle is given to a curl_multi between prepare() and finish(). One thread.
class curl_call {
public:
  /// `settings` is not owned; outlives this.
  explicit curl_call(const http_client_settings& settings);
  curl_call(const curl_call&) = delete;
  curl_call& operator=(const curl_call&) = delete;

  /// Sets the handle up for a call. Empty when it can be made, else why not.
  std::optional<std::string> prepare(http_client::ticket id, http_call call);

  /// What became of the call. The handle must have been taken from its curl_multi.
  http_outcome finish(CURLcode result);

  /// Lets go of the call, whatever became of it.
  void forget();

  CURL* handle() const { return handle_.get(); }
  http_client::ticket id() const { return id_; }
  duration timeout() const { return call_.timeout; }

  static curl_call& of(CURL* handle);

private:
  void set_fixed_options();
  void set_method();
  std::string describe(CURLcode result) const;
  std::string describe_connect_failure() const;

  // Called by libcurl; the last parameter, or the first, is this.
  static std::size_t on_header(char* line, std::size_t, std::size_t bytes, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t bytes, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int on_request(void* self, char*, char*, int, int);

  struct free_handle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  const http_client_settings& settings_;
  std::array<char, CURL_ERROR_SIZE> message_{};  ///< libcurl's own words. Must outlive handle_.
  std::unique_ptr<CURL, free_handle> handle_;

  // -- of the present call ------------------------------------------------------
  http_client::ticket id_ = 0;
  http_call call_;
  target_url url_;
  curl_headers headers_;
  http_outcome outcome_;
  std::string refusal_;           ///< Of the last address that the guard denied.
  int socket_errno_ = 0;          ///< Why no socket could be made.
  std::size_t header_bytes_ = 0;  ///< Of all header lines, those of 1xx answers too.
  bool is_header_too_long_ = false;
  bool is_body_cut_ = false;  ///< More came than is kept: the transfer was ended.
};

}  // namespace carillon
