#include "model/json.hpp"
#include "model/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <utility>

namespace carillon::json {

namespace {

namespace ondemand = simdjson::ondemand;

/// Text up to this size is read with memory that its thread keeps.
constexpr std::size_t kept_bytes_max = 256 * 1024;

/// Objects with more members look for duplicate keys by sorting, not by comparing each with each.
constexpr std::ptrdiff_t compared_members_max = 32;

/// Working memory, used again by the next text of the same thread.
class workspace {
public:
  ondemand::parser parser;
  std::vector<std::string_view> keys;  ///< Of all objects that are open, the innermost last.

  /// A copy with the padding that simdjson reads over, or null when memory is short. Ours to write
  /// into: keys are decoded in it. The padding is zero: simdjson 3.0.1 looks one token too far when
  /// a bracket is missing, and must not find a bracket of an earlier text there.
  char* copy(std::string_view text) {
    const auto needed = text.size() + simdjson::SIMDJSON_PADDING;
    if (needed > capacity_) {
      const auto capacity = std::bit_ceil(needed);
      if (parser.allocate(capacity))
        return nullptr;
      copy_ = std::make_unique<char[]>(capacity);
      capacity_ = capacity;
    }
    std::copy(text.begin(), text.end(), copy_.get());
    std::fill_n(copy_.get() + text.size(), simdjson::SIMDJSON_PADDING, '\0');
    return copy_.get();
  }

private:
  std::unique_ptr<char[]> copy_;
  std::size_t capacity_ = 0;
};

// -- tokens -------------------------------------------------------------------

std::string_view trim(std::string_view text) {
  constexpr std::string_view white_space = " \t\n\r";
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

bool is_literal(std::string_view token) {
  return token == "true" || token == "false" || token == "null";
}

// -- keys ---------------------------------------------------------------------

/// A key that an earlier one equals, if there is one. Never worse than n log n: keys whose hashes
/// collide are in the order of their bytes.
const std::string_view* find_duplicate(const std::string_view* first,
                                       const std::string_view* last) {
  if (last - first <= compared_members_max) {
    for (const auto* key = first; key != last; ++key)
      if (std::find(first, key, *key) != key)
        return key;
    return nullptr;
  }
  using hashed = std::pair<std::size_t, std::string_view>;
  std::vector<hashed> sorted;
  sorted.reserve(static_cast<std::size_t>(last - first));
  for (const auto* key = first; key != last; ++key)
    sorted.emplace_back(std::hash<std::string_view>{}(*key), *key);
  std::sort(sorted.begin(), sorted.end());
  const auto found = std::adjacent_find(sorted.begin(), sorted.end());
  return found == sorted.end() ? nullptr : std::find(first, last, found->second);
}

// -- the walk -----------------------------------------------------------------

problem not_json(std::string_view reason) {
  return {problem_kind::malformed, "not valid JSON: " + std::string{reason}};
}

problem not_indexed(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return not_json("the text is empty");
    case simdjson::UTF8_ERROR:
      return not_json("the text is not UTF-8");
    case simdjson::UNCLOSED_STRING:
      return not_json("a string is not closed");
    case simdjson::UNESCAPED_CHARS:
      return not_json("a control character in a string is not escaped");
    default:
      return not_json(simdjson::error_message(error));
  }
}

/// Walks over one text. simdjson finds the tokens, the ends of strings, control characters in them
/// and bad UTF-8; its iterators check commas, colons and brackets as they pass; all the rest
/// (scalars, escapes, depth, keys, the end) is checked here. It checks nothing that it skips, so
/// nothing is skipped.
class checker {
public:
  checker(workspace& memory, char* text, std::size_t size)
      : memory_{memory}, text_{text}, size_{size}, near_{text} {}

  std::optional<problem> run() {
    memory_.keys.clear();
    ondemand::document document;
    const simdjson::padded_string_view padded{text_, size_, size_ + simdjson::SIMDJSON_PADDING};
    if (const auto error = memory_.parser.iterate(padded).get(document))
      return not_indexed(error);
    root(document);
    return std::move(problem_);
  }

private:
  // Each returns whether all is well. If not, problem_ says what is wrong.

  bool root(ondemand::document& document) {
    const std::string_view token = document.raw_json_token().value_unsafe();
    if (token.front() == '{' || token.front() == '[')
      return nested(document, token, 0) && end(document);
    near_ = token.data();
    const bool is_all = token.data() + token.size() == text_ + size_;
    return (is_all || fail("there is more after the value")) && scalar(trim(token));
  }

  bool end(ondemand::document& document) {
    const auto after = document.current_location();
    if (after.error() == simdjson::OUT_OF_BOUNDS)
      return true;
    near_ = after.value_unsafe();
    return fail("there is more after the value");
  }

  /// `source` is the document or a value in it, at `depth` open brackets.
  template <class Source>
  bool nested(Source& source, std::string_view token, int depth) {
    near_ = token.data();
    if (depth == depth_max)
      return too_deep();
    if (token.front() == '{') {
      ondemand::object object;
      return in_place(source.get_object().get(object)) && members(object, depth + 1);
    }
    ondemand::array array;
    return in_place(source.get_array().get(array)) && elements(array, depth + 1);
  }

  bool value(ondemand::value& item, int depth) {
    const std::string_view token = item.raw_json_token();
    if (token.front() == '{' || token.front() == '[')
      return nested(item, token, depth);
    near_ = token.data();
    // The iterator steps over other scalars by itself, but may take a string for a key.
    if (token.front() == '"' && !in_place(item.get_raw_json_string().error()))
      return false;
    return scalar(trim(token));
  }

  bool members(ondemand::object& object, int depth) {
    const auto outer_keys = static_cast<std::ptrdiff_t>(memory_.keys.size());
    for (auto next : object) {
      ondemand::field field;
      if (!in_place(std::move(next).get(field)) || !key(field.key().raw())
          || !value(field.value(), depth))
        return false;
    }
    const auto* const keys = memory_.keys.data();
    if (const auto* twice = find_duplicate(keys + outer_keys, keys + memory_.keys.size())) {
      near_ = twice->data();
      return repeated(*twice);
    }
    memory_.keys.resize(static_cast<std::size_t>(outer_keys));
    return true;
  }

  bool elements(ondemand::array& array, int depth) {
    for (auto next : array) {
      ondemand::value item;
      if (!in_place(std::move(next).get(item)) || !value(item, depth))
        return false;
    }
    return true;
  }

  /// Decodes the key that begins here and keeps it until its object ends.
  bool key(const char* inside) {
    near_ = inside;
    auto* const first = text_ + (inside - text_);
    auto* last = first;
    bool escaped = false;
    for (; *last != '"'; ++last) {
      if (*last == '\\') {
        escaped = true;
        ++last;
      }
    }
    if (escaped && (last = unescape(first, last)) == nullptr)
      return bad_escape();
    memory_.keys.emplace_back(first, static_cast<std::size_t>(last - first));
    return true;
  }

  bool scalar(std::string_view token) {
    if (token.front() != '"')
      return is_literal(token) || is_number(token) || fail("a value is expected");
    if (token.size() < 2 || token.back() != '"')
      return fail("a string is not closed");
    const auto inside = token.substr(1, token.size() - 2);
    if (inside.find('\\') == std::string_view::npos)
      return true;
    auto* const first = text_ + (inside.data() - text_);
    return unescape(first, first + inside.size()) != nullptr || bad_escape();
  }

  // -- what can be wrong --------------------------------------------------------

  bool in_place(simdjson::error_code error) {
    return !error || fail("a bracket, comma or colon is missing or misplaced");
  }

  bool bad_escape() { return fail("a string holds an escape that stands for no character"); }

  bool fail(std::string_view reason) {
    problem_ = not_json(std::string{reason} + place());
    return false;
  }

  bool too_deep() {
    problem_ = {problem_kind::malformed,
                "more than " + std::to_string(depth_max) + " levels of JSON" + place()};
    return false;
  }

  bool repeated(std::string_view key) {
    const auto quoted = writer{}.string(excerpt(key)).take();  // one line, whatever is in it
    problem_ = {problem_kind::malformed,
                "the key " + quoted + " stands twice in one object" + place()};
    return false;
  }

  [[nodiscard]] std::string place() const { return ", near byte " + std::to_string(near_ - text_); }

  workspace& memory_;
  char* text_;  ///< The workspace's copy.
  std::size_t size_;
  const char* near_;  ///< What was looked at last, in text_.
  std::optional<problem> problem_;
};

std::optional<problem> check(workspace& memory, std::string_view text) {
  auto* const copy = memory.copy(text);
  if (copy == nullptr)
    return not_json("the text is too long");
  return checker{memory, copy, text.size()}.run();
}

std::optional<problem> check(std::string_view text) {
  if (text.size() > kept_bytes_max) {
    workspace own;
    return check(own, text);
  }
  thread_local workspace kept;
  return check(kept, text);
}

}  // namespace

expected<value> read(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"))
    return not_json("the text begins with a byte order mark");
  if (auto wrong = check(text))
    return *std::move(wrong);
  const auto root = trim(text);
  return value{kind_of(root.front()), root};
}

}  // namespace carillon::json
