#include "model/jwt.hpp"

#include <algorithm>
#include <cmath>

#include "model/access_token.hpp"
#include "model/json.hpp"

namespace carillon {
namespace {

constexpr std::string_view algorithm_names[] = {"RS256", "ES256", "PS256"};
constexpr std::size_t key_name_bytes_max = 512;
constexpr std::size_t subject_bytes_max = 255;
constexpr std::size_t tenant_bytes_max = 40;
constexpr std::size_t scopes_max = 1'000;
constexpr double seconds_max = 1e11;  ///< Well beyond the year 5000, and exact as milliseconds.

// -- claims -----------------------------------------------------------------------

/// The members of a checked object.
class claims {
public:
  explicit claims(json::value root) : members_{json::members(root)} {}

  [[nodiscard]] const json::value* find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &json::member::key);
    return found == members_.end() ? nullptr : &found->value;
  }

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
    const auto* const found = find(name);
    return found ? json::as_string(*found) : std::nullopt;
  }

private:
  std::vector<json::member> members_;
};

std::optional<claims> read_object(std::string_view text) {
  const auto root = json::read(text);
  if (!root || root->kind != json::kind::object)
    return std::nullopt;
  return claims{*root};
}

/// Seconds since 1970, perhaps with a fraction.
std::optional<instant> as_moment(json::value number) {
  const auto seconds = json::as_double(number);
  if (!seconds || std::abs(*seconds) > seconds_max)
    return std::nullopt;
  return instant{duration{static_cast<duration::rep>(std::floor(*seconds * 1000))}};
}

/// Whether the claim is not there, or names a moment that has come.
bool has_come(const claims& said, std::string_view name, instant now, duration leeway) {
  const auto* const found = said.find(name);
  if (!found)
    return true;
  const auto moment = as_moment(*found);
  return moment && *moment <= now + leeway;
}

bool is_for(const claims& said, const std::string& audience) {
  const auto* const found = said.find("aud");
  if (!found)
    return false;
  if (found->kind == json::kind::string)
    return json::as_string(*found) == audience;
  return std::ranges::any_of(json::elements(*found),
                             [&](const auto& each) { return json::as_string(each) == audience; });
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0)
      words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Empty when what is there is neither a text nor a list of texts.
std::optional<std::vector<std::string>> scopes_of(const claims& said, std::string_view name) {
  const auto* const found = said.find(name);
  if (!found)
    return std::vector<std::string>{};
  if (const auto text = json::as_string(*found))
    return words_of(*text);
  if (found->kind != json::kind::array)
    return std::nullopt;
  std::vector<std::string> words;
  for (const auto& each : json::elements(*found)) {
    auto word = json::as_string(each);
    if (!word || words.size() == scopes_max)
      return std::nullopt;
    words.push_back(*std::move(word));
  }
  return words;
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](char each) {
    const auto byte = static_cast<unsigned char>(each);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool is_tenant(std::string_view text) {
  return !text.empty() && text.size() <= tenant_bytes_max
         && std::ranges::all_of(text, [](char each) {
              return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
                     || (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-';
            });
}

}  // namespace

// -- form -------------------------------------------------------------------------

std::string_view to_string(jwt_algorithm way) {
  return algorithm_names[static_cast<std::size_t>(way)];
}

std::optional<jwt_algorithm> parse_jwt_algorithm(std::string_view text) {
  const auto* const found = std::ranges::find(algorithm_names, text);
  if (found == std::end(algorithm_names))
    return std::nullopt;
  return static_cast<jwt_algorithm>(found - algorithm_names);
}

std::optional<jwt_parts> split_jwt(std::string_view token) {
  if (token.size() > jwt_bytes_max || std::ranges::count(token, '.') != 2)
    return std::nullopt;
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  const jwt_parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                        token.substr(second + 1)};
  if (parts.head.empty() || parts.claims.empty() || parts.signature.empty())
    return std::nullopt;
  return parts;
}

// -- meaning ----------------------------------------------------------------------

std::optional<jwt_head> read_jwt_head(std::string_view json, const jwt_rules& rules) {
  const auto said = read_object(json);
  if (!said || said->find("crit") != nullptr)
    return std::nullopt;
  const auto named = said->text("alg");
  const auto way = named ? parse_jwt_algorithm(*named) : std::nullopt;
  if (!way || std::ranges::find(rules.algorithms, *way) == rules.algorithms.end())
    return std::nullopt;
  jwt_head head{*way, said->text("kid")};
  const bool has_key = said->find("kid") != nullptr;
  if (has_key && (!head.key || head.key->size() > key_name_bytes_max))
    return std::nullopt;
  return head;
}

std::optional<principal> principal_of_claims(std::string_view json, const jwt_rules& rules,
                                             instant now) {
  const auto said = read_object(json);
  if (!said || said->text("iss") != rules.issuer || !is_for(*said, rules.audience))
    return std::nullopt;
  const auto* const end = said->find("exp");
  const auto expires_at = end ? as_moment(*end) : std::nullopt;
  if (!expires_at || has_expired(*expires_at + rules.leeway, now)
      || !has_come(*said, "nbf", now, rules.leeway) || !has_come(*said, "iat", now, rules.leeway))
    return std::nullopt;
  const auto subject = said->text("sub");
  if (!subject || subject->empty() || subject->size() > subject_bytes_max
      || !is_printable(*subject))
    return std::nullopt;
  const auto scopes = scopes_of(*said, rules.scope_claim);
  const bool has_tenant = said->find(rules.tenant_claim) != nullptr;
  const auto tenant = said->text(rules.tenant_claim);
  if (!scopes || (has_tenant && !(tenant && is_tenant(*tenant))))
    return std::nullopt;
  return principal{principal_kind::token, "jwt:" + *subject,          *subject,
                   rights_of(*scopes),    *expires_at + rules.leeway, tenant.value_or("")};
}

}  // namespace carillon
