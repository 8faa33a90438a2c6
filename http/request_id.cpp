#include "http/request_id.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

#include "http/text.hpp"

namespace carillon::http {

namespace {

constexpr std::size_t client_id_bytes_max = 128;

bool is_id_char(char each) {
  return is_digit(each) || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
         || each == '.' || each == '_' || each == '-';
}

}  // namespace

std::string request_id_from(std::string_view header) {
  const bool usable = !header.empty() && header.size() <= client_id_bytes_max
                      && std::ranges::all_of(header, is_id_char);
  return usable ? std::string{header} : new_request_id();
}

std::string new_request_id() {
  constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
  thread_local std::mt19937_64 random = [] {
    std::random_device seed;
    return std::mt19937_64{(std::uint64_t{seed()} << 32U) ^ seed()};
  }();
  std::string id(15, '0');
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < id.size(); ++at, bits >>= 5U) {
    if (at % 12 == 0)
      bits = random();
    id[at] = letters[bits & 31U];
  }
  return id;
}

}  // namespace carillon::http
