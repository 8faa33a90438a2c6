#include "model/jmespath_lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace carillon::jmes {

namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool begins_name(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

bool is_in_name(char letter) {
  return begins_name(letter) || is_digit(letter);
}

bool is_white_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

/// Longer ones before those that they begin with.
constexpr std::array<std::pair<std::string_view, token_kind>, 24> signs{{
    {"[?", token_kind::filter},      {"[]", token_kind::flatten},
    {"||", token_kind::either},      {"&&", token_kind::both},
    {"==", token_kind::equal},       {"!=", token_kind::not_equal},
    {"<=", token_kind::less_equal},  {">=", token_kind::greater_equal},
    {"[", token_kind::left_bracket}, {"]", token_kind::right_bracket},
    {"{", token_kind::left_brace},   {"}", token_kind::right_brace},
    {"(", token_kind::left_paren},   {")", token_kind::right_paren},
    {".", token_kind::dot},          {"*", token_kind::star},
    {",", token_kind::comma},        {":", token_kind::colon},
    {"@", token_kind::current},      {"!", token_kind::negation},
    {"|", token_kind::pipe},         {"&", token_kind::reference},
    {"<", token_kind::less},         {">", token_kind::greater},
}};

class lexer {
public:
  explicit lexer(std::string_view rest) : rest_{rest} {}

  expected<std::vector<token>> run() {
    std::vector<token> found;
    while (skip_white_space()) {
      const auto next = read_token();
      if (!next)
        return next.error();
      found.push_back(*next);
    }
    found.push_back({token_kind::end, {}, at_});
    return found;
  }

  expected<std::size_t> find_closing_brace() {
    const auto whole = rest_.size();
    for (int open = 0; skip_white_space();) {
      const auto before = whole - rest_.size();
      const auto next = read_token();
      if (!next)
        return next.error();
      if (next->kind == token_kind::left_brace)
        ++open;
      else if (next->kind == token_kind::right_brace && open-- == 0)
        return before;
    }
    return std::string_view::npos;
  }

private:
  /// False at the end.
  bool skip_white_space() {
    const auto* const first = std::find_if_not(rest_.begin(), rest_.end(), is_white_space);
    take(static_cast<std::size_t>(first - rest_.begin()));
    return !rest_.empty();
  }

  std::string_view take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    at_ += count_code_points(taken);
    return taken;
  }

  expected<token> read_token() {
    const char first = rest_.front();
    if (begins_name(first))
      return take_while(token_kind::name, is_in_name);
    if (is_digit(first) || first == '-')
      return read_number();
    if (first == '"')
      return read_quoted(token_kind::quoted_name);
    if (first == '\'')
      return read_quoted(token_kind::raw_string);
    if (first == '`')
      return read_quoted(token_kind::literal);
    for (const auto& [sign, kind] : signs)
      if (rest_.starts_with(sign))
        return make(kind, sign.size());
    if (first == '=')
      return fault_at(at_, "expected ==, found a single =");
    return fault_at(at_, "expected an expression, found " + quoted_character());
  }

  token make(token_kind kind, std::size_t size) {
    const auto at = at_;
    return {kind, take(size), at};
  }

  token take_while(token_kind kind, bool (*belongs)(char)) {
    const auto* const last = std::find_if_not(rest_.begin() + 1, rest_.end(), belongs);
    return make(kind, static_cast<std::size_t>(last - rest_.begin()));
  }

  expected<token> read_number() {
    const auto number = take_while(token_kind::number, is_digit);
    if (number.text == "-")
      return fault_at(number.at, "expected digits after -");
    return number;
  }

  /// From one quote to the next; a backslash takes the character behind it along.
  expected<token> read_quoted(token_kind kind) {
    const char quote = rest_.front();
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == quote)
        return make(kind, at + 1);
      if (rest_[at] == '\\')
        ++at;
    }
    return fault_at(at_, std::string{"expected a closing "} + quote);
  }

  [[nodiscard]] std::string quoted_character() const {
    std::size_t size = 1;
    while (size < rest_.size() && count_code_points(rest_.substr(0, size + 1)) == 1)
      ++size;
    return '"' + std::string{rest_.substr(0, size)} + '"';
  }

  std::string_view rest_;
  std::size_t at_ = 1;
};

std::string_view inside(const token& source) {
  return source.text.substr(1, source.text.size() - 2);
}

/// With `quote` for each escaped one; all other escapes stay as they are.
std::string without_escaped(std::string_view text, char quote) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      if (text[at + 1] != quote)
        plain += text[at];
      ++at;
    }
    plain += text[at];
  }
  return plain;
}

/// The form of old without quotes: `abc` is "abc". What begins like a string, an array or an object
/// has to be one.
std::optional<jmespath_value> read_elided_string(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(first);
  if (!text.empty() && std::string_view{"\"[{"}.find(text.front()) != std::string_view::npos)
    return std::nullopt;
  const auto value = jmespath_value::read('"' + std::string{text} + '"');
  return value ? std::optional{*value} : std::nullopt;
}

}  // namespace

expected<std::vector<token>> read_tokens(std::string_view expression) {
  return lexer{expression}.run();
}

expected<std::size_t> find_closing_brace(std::string_view text) {
  return lexer{text}.find_closing_brace();
}

expected<std::string> read_name(const token& source) {
  if (source.kind == token_kind::name)
    return std::string{source.text};
  const auto text = json::read(source.text);
  if (!text)
    return fault_at(source.at, "the quoted name is " + text.error().detail);
  return *json::as_string(*text);
}

expected<jmespath_value> read_literal(const token& source) {
  if (source.kind == token_kind::raw_string)
    return jmespath_value::string(without_escaped(inside(source), '\''));
  const auto text = without_escaped(inside(source), '`');
  auto value = jmespath_value::read(text);
  if (value)
    return value;
  if (auto elided = read_elided_string(text))
    return *std::move(elided);
  return fault_at(source.at, "the literal is " + value.error().detail);
}

problem fault_at(std::size_t character, std::string_view what) {
  return {problem_kind::invalid,
          "at character " + std::to_string(character) + ": " + std::string{what}};
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

}  // namespace carillon::jmes
