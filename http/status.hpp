#pragma once

#include <string_view>

namespace carillon::http {

/// The reason phrase of a status (RFC 9110), also the title of its problem document.
std::string_view status_text(int status);

}  // namespace carillon::http
