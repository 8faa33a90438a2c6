#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/problem.hpp"

namespace carillon {

struct free_curl_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
/// The headers of a request in libcurl's form.
using curl_headers = std::unique_ptr<curl_slist, free_curl_list>;

/// Refuses what would break the message: bad names, control characters in values, and the headers
/// that belong to the connection and the framing. Keeps libcurl from adding headers of its own
/// taste.
expected<curl_headers> make_curl_headers(
    const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace carillon
